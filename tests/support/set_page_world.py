"""A world for pages of sets, artists and labels: cues, versions, an event, a network, hostile names."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sinks import tables
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.sink_bench import write_directly
from tests.support.web_world import FORMULA, QUOTED, RIGHT_TO_LEFT, SCRIPT, refresh

DAY = date(2026, 2, 28)
SET = "1001tracklists:night"
COPY = "mixesdb:night"
EMPTY_SET = "mixesdb:empty"
LABEL = 'Mau <b>Traps</b> / "A&B"'
#: Track, artist, title, Camelot number, tempo, energy.
TRACKS = (
    ("fjord-low tide", "Fjordline", "Low Tide", 8, 122.0, 0.42),
    ("umbra-ferry", "Umbra Vale", "Night Ferry", 8, 123.0, 0.5),
    ("script-alert", SCRIPT, SCRIPT, 9, 124.0, 0.55),
    ("tin-paper", "Tin Cathedral", "Paper Moons", 3, None, None),
    ("quoted-name", QUOTED, FORMULA, 9, 62.5, 0.71),
    ("rtl-name", RIGHT_TO_LEFT, RIGHT_TO_LEFT, 10, 126.0, 0.8),
    ("fjord-harbour", "Fjordline", "Glass Harbour (Umbra Vale Remix)", 11, 127.0, 0.76),
    ("velvet-none", "Velvet Isthmus", "{{ 7 * 7 }}", None, 128.0, None),
)
ARTISTS = {artist.lower(): artist for _, artist, *_ in TRACKS}
DJS = {"dj nora": "Nora", "dj script": SCRIPT}


def tracks() -> Iterator[dict[str, Any]]:
    """Yield the counts of the tracks."""
    for number, (track_id, artist, title, key, bpm, energy) in enumerate(TRACKS):
        yield sample.counts(
            track_id,
            track_name=title,
            base_title=title,
            primary_artist=artist,
            all_artists=[artist],
            key=key,
            key_mode="minor" if key else None,
            bpm=bpm,
            energy=energy,
            genres=["Techno" if number % 2 else "House"],
            dj_support=9 - number,
            support_days=[
                {"day": DAY - timedelta(weeks=week), "weight": float(week % 3 + 1)}
                for week in range(9, 0, -1)
            ],
        )


def silver_tracks() -> Iterator[dict[str, Any]]:
    """Yield the tracks as silver has them: all of one label."""
    for track_id, artist, title, key, bpm, _ in TRACKS:
        yield sample.track(
            track_id,
            track_name=title,
            primary_artist=artist,
            artist_names=[artist],
            artist_ids=[artist.lower()],
            label=LABEL,
            key=key,
            key_mode="minor" if key else None,
            bpm=bpm,
        )


def rows() -> list[dict[str, Any]]:
    """Return the rows of the set: cues, one row together with another, one ID, one label."""
    result = []
    for place, (track_id, artist, title, *_) in enumerate(TRACKS, start=1):
        remixers = ["umbra vale"] if "Umbra Vale Remix" in title else []
        claim = sample.claim(artist, title, version_artist_ids=remixers, label=LABEL)
        seconds = 300 * (place - 1)
        cue = {"cue_text": f"{seconds // 60}:00", "cue_seconds": seconds, "cue_grain": "second"}
        result.append(
            sample.playlist_row(place, track_id, claim=claim, raw_text=f"{artist} - {title}", **cue)
        )
    result[1] |= {"group_index": 1, "role": "layered"}
    unknown = sample.playlist_row(9, None, raw_text=f"ID - ID {SCRIPT}", cue_text="40:00", cue_seconds=2400)
    last = sample.playlist_row(
        10, TRACKS[0][0], claim=sample.claim("Fjordline", "Low Tide"), part="Part <i>2</i>"
    )
    return [*result, unknown, last]


def playlists() -> Iterator[dict[str, Any]]:
    """Yield a set with two tracklists, a set without rows, and sets of the same DJ."""
    common: dict[str, Any] = {
        "set_id": SET,
        "set_date": DAY,
        "country": "Germany",
        "city": "Berlin",
        "venue": SCRIPT,
    }
    recordings = [
        {"kind": "audio", "url": "javascript:alert(1)", "duration_seconds": None},
        {"kind": "video", "url": "https://www.youtube.com/watch?v=x&y=<b>", "duration_seconds": 3600},
    ]
    more: dict[str, Any] = {
        "ra_event_id": "ra:1",
        "recordings": recordings,
        "title": f"Nora @ Night {QUOTED}",
    }
    djs = [{"artist_id": key, "name": name, "native_id": None} for key, name in DJS.items()]
    yield {**sample.playlist(SET, 1, *rows(), **common, **more), "djs": djs}
    yield sample.playlist(COPY, 1, *rows()[:3], djs=("dj nora",), counted=False, title=SCRIPT, **common)
    yield sample.playlist(
        EMPTY_SET, 1, djs=(), title="", mix_name="", url="javascript:alert(1)", set_date=None
    )
    for week in range(1, 5):
        yield sample.playlist(
            f"mixesdb:{week}",
            1,
            *rows()[week : week + 4],
            djs=("dj nora",),
            set_date=DAY - timedelta(weeks=week),
        )


def versions() -> list[dict[str, Any]]:
    """Return two versions of the page: an ID is revealed, a row added, one removed."""
    before = ("Fjordline - Low Tide", "ID - ID", f"{SCRIPT} - gone", "Tin Cathedral - Paper Moons")
    after = ("Fjordline - Low Tide", "Umbra Vale - Night Ferry", "Tin Cathedral - Paper Moons", QUOTED)
    first, second = (sample.tracklist("night", *texts) for texts in (before, after))
    return [first, {**second, "observed_at": sample.SEEN + timedelta(days=5)}]


async def fill(settings: Settings) -> None:
    """Write the world to the tables and refresh it."""
    await _write(settings, "gold.tracks", *tracks())
    await _write(settings, "silver.tracks", *silver_tracks())
    people = {**ARTISTS, **DJS}
    await _write(settings, "silver.artists", *(sample.artist(key, name=name) for key, name in people.items()))
    await _write(
        settings,
        "gold.artists",
        *(
            sample.artist_counts(key, name=name, dj_support=5, play_count=7, sets_played=5 * (key in DJS))
            for key, name in people.items()
        ),
    )
    await _write(
        settings, "silver.events", sample.silver_event("ra:1", title=SCRIPT, url="javascript:alert(1)")
    )
    await _write(settings, "bronze.tracklists", *versions())
    await _write(settings, "silver.playlists", *playlists())
    await refresh(settings)


async def _write(settings: Settings, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(settings, tables.WRITERS[topic], records)
