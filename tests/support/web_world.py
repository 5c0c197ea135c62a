"""A small world of gold for pages: played sets, an ID, a reveal, a merge, and hostile names."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sinks import database, tables
from sinks.refresh.refresher import Refresher
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.sink_bench import write_directly
from tests.support.unpublished import Unpublished

DAY = date(2026, 3, 2)
SCRIPT = '<script>alert("x")</script>'
QUOTED = "\" onmouseover='alert(1)' x=\""
FORMULA = '=cmd|" /C calc"!A1'
RIGHT_TO_LEFT = "مرحبا \u202e gnp.exe"
HOSTILE_NAMES = (SCRIPT, QUOTED, FORMULA, RIGHT_TO_LEFT, "{{ 7 * 7 }}", "javascript:alert(1)")
HOSTILE_ID = "x/../y?z=<b>&\"'"
NAMES = (
    ("Strobe", "Deadmau5"),
    ("Rej", "Âme"),
    ("Группа крови", "Кино"),
    ("Under", "Bridge"),
    ("Low Tide", "Fjordline"),
    ("Paper Moons", "Tin Cathedral"),
    ("Night Ferry", "Umbra Vale"),
    ("Glass Harbour (Yarrow Remix)", "Velvet Isthmus"),
)
NO_KEY = 3  # number of the track whose key is unknown
IDS = tuple(f"t{number}-name" for number in range(len(NAMES) + len(HOSTILE_NAMES)))
DJS = ("nora", "marek", "tessa", "kilo")


def tracks() -> Iterator[dict[str, Any]]:
    """Yield the counts of tracks; the most supported first."""
    for number, (title, artist) in enumerate([*NAMES, *((name, name) for name in HOSTILE_NAMES)]):
        yield _counts(IDS[number], number, title, artist)
    yield _counts(HOSTILE_ID, 20, "An id with signs", "Nobody")


def _counts(track_id: str, number: int, title: str, artist: str) -> dict[str, Any]:
    days = [DAY - timedelta(days=3 + 7 * week) for week in range(12) if (week * (number + 2)) % 5 < 3]
    weights = [{"day": day, "weight": float(1 + (number + place) % 3)} for place, day in enumerate(days)]
    return sample.counts(
        track_id,
        track_name=title,
        base_title=title,
        primary_artist=artist,
        all_artists=[artist],
        bpm=124.0 + number % 5,
        key=None if number == NO_KEY else (7 + number) % 12 + 1,
        key_mode=None if number == NO_KEY else "minor",
        genres=["Techno" if number % 2 else "House"],
        dj_support=max(1, 30 - 2 * number),
        play_count=max(1, 40 - 2 * number),
        support_days=weights[::-1],
    )


def silver_tracks() -> Iterator[dict[str, Any]]:
    """Yield the same tracks as silver has them, with the attempts of providers."""
    for record in tracks():
        attempt = {
            "field": "bpm", "provider": "beatport", "value": 128.0, "confidence": 0.93, "timestamp": None,
            "cached": False, "chosen": True, "status": "hit", "note": None, "response_time_ms": 3,
            "config_version": "1",
        }  # fmt: skip
        missed = {
            **attempt,
            "provider": "spotify",
            "value": None,
            "chosen": False,
            "status": "miss",
            "note": SCRIPT,
        }
        yield sample.track(
            record["track_id"],
            track_name=record["track_name"],
            base_title=record["base_title"],
            primary_artist=record["primary_artist"],
            artist_names=record["all_artists"],
            artist_ids=["deadmau5"],
            label=SCRIPT if record["track_id"] == IDS[0] else "Mau Traps",
            isrc="GBTDG0900141",
            spellings=[{"text": QUOTED, "count": 2}],
            enrichment_metadata=json.dumps(
                {"providers_used": ["beatport"], "waterfall_attempts": [attempt, missed]}
            ),
        )


def playlists() -> Iterator[dict[str, Any]]:
    """Yield sets: three of DJs who play the same order, one with an ID at the same place twice."""
    for number, dj in enumerate(DJS):
        rows = [sample.playlist_row(place, IDS[place - 1 + number % 2]) for place in range(1, 6)]
        rows[3] |= {"group_index": 3, "role": "layered"}
        rows += [sample.playlist_row(6, IDS[0]), sample.playlist_row(7, None), sample.playlist_row(8, IDS[1])]
        yield sample.playlist(
            f"mixesdb:{number}",
            1,
            *rows,
            djs=(dj,),
            title=SCRIPT if number == 3 else f"Night {number}",
            mix_name=SCRIPT if number == 3 else f"Night {number}",
            set_date=DAY - timedelta(days=number),
            country="Germany",
            city="Berlin",
            genres=["Techno"],
            url="javascript:alert(1)",
        )
    hostile = [
        sample.playlist_row(place, track_id) for place, track_id in enumerate((HOSTILE_ID, *IDS[8:]), start=1)
    ]
    yield sample.playlist("mixesdb:hostile", 1, *hostile, djs=("nora",), set_date=DAY - timedelta(days=9))


async def fill(settings: Settings) -> None:
    """Write the world to the tables and refresh it."""
    await _write(settings, "gold.tracks", *tracks())
    await _write(settings, "silver.tracks", *silver_tracks())
    await _write(settings, "silver.artists", *(artist(dj) for dj in DJS))
    await _write(settings, "gold.artists", *(sample.artist_counts(dj, sets_played=2) for dj in DJS))
    await _write(settings, "silver.playlists", *playlists())
    await _reveal(settings)
    await _write(settings, "silver.redirects", sample.redirect("old-id", IDS[0]))
    await refresh(settings)


def artist(dj: str) -> dict[str, Any]:
    """Return a DJ, whose name is written in another way, too, with the values of a hostile profile."""
    spellings = [{"text": dj.title(), "count": 3}, {"text": SCRIPT, "count": 1}]
    return sample.artist(
        dj,
        name=dj.title(),
        is_dj=True,
        aliases=spellings,
        country="Sweden",
        artist_type="person",
        life_begin="1980-02",
        groups=[SCRIPT],
        genres=["techno"],
        biography=f"Plays records. {SCRIPT}",
        links={"lastfm": "https://www.last.fm/music/x", "homepage": "javascript:alert(1)"},
        value_sources={
            **dict.fromkeys(("country", "artist_type", "life_begin"), "musicbrainz"),
            "groups": "musicbrainz,discogs",
            "biography": "lastfm",
            f"aliases.{SCRIPT}": QUOTED,
        },
        id_conflicts={"deezer": ["5", SCRIPT]},
    )


async def add_partners(settings: Settings) -> None:
    """Write a set with tracks that two artists made together, and refresh."""
    rows = [
        sample.playlist_row(
            place,
            IDS[place],
            claim=sample.claim(" & ".join(pair), "x", artist_ids=list(pair), artist_names=list(pair)),
        )
        for place, pair in enumerate((("nora", "marek"), ("marek", "tessa")), start=1)
    ]
    await _write(
        settings,
        "silver.playlists",
        sample.playlist("mixesdb:partners", 1, *rows, djs=("nora",), set_date=DAY - timedelta(days=30)),
    )
    await refresh(settings)


async def _reveal(settings: Settings) -> None:
    """Write a page that showed an ID and names it five days later."""
    before, named = (sample.tracklist("z", text) for text in ("ID - ID", "Âme - Rej"))
    later = sample.SEEN + timedelta(days=5)
    await _write(settings, "bronze.tracklists", before, {**named, "observed_at": later})
    connection = await database.connect(settings)
    try:
        row = await connection.fetchrow(
            "SELECT id, row_key FROM bronze_scraped_tracks WHERE raw_data ->> 'track_name' = 'Rej'"
        )
    finally:
        await connection.close()
    assert row is not None
    revealed = sample.playlist_row(1, IDS[1], bronze_id=str(row["id"]), row_key=row["row_key"])
    await _write(
        settings, "silver.playlists", sample.playlist("1001tracklists:z", 1, revealed, djs=("kilo",))
    )


async def _write(settings: Settings, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(settings, tables.WRITERS[topic], records)


async def refresh(settings: Settings) -> None:
    """Compute what refresh computes, for DAY."""
    connection = await database.connect(settings)
    try:
        publisher: Any = Unpublished()
        refresher = Refresher(connection, publisher)
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
        await refresher.whole(DAY)
    finally:
        await connection.close()
