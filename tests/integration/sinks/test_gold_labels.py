"""Labels equal a computation over all tracks and plays, after any changes and a rebuild."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from queries import database
from queries.search import search
from songnodes.domain import trending
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, SetWorld, plays
from tests.support.sink_bench import Bench

SPELLINGS = [
    "Drumcode",
    "DRUMCODE Records",
    "Drumcode",
    "Innervisions",
    "Kompakt Recordings",
    "Not On Label",
    None,
]
FOLDED = {
    "Drumcode": "drumcode",
    "DRUMCODE Records": "drumcode",
    "Innervisions": "innervisions",
    "Kompakt Recordings": "kompakt",
}


def tracks(chance: random.Random, version: int) -> list[dict[str, Any]]:
    """Return new versions of tracks with other labels; some are gone, as after a merge."""
    return [
        sample.track(
            track_id,
            version,
            gone=chance.random() < 0.1,
            label=chance.choice(SPELLINGS),
            genres=chance.choice([[], ["house"], ["techno", "house"]]),
        )
        for track_id in chance.sample(TRACKS, 5)
    ]


def top(counts: Counter[str], key: str, value: str) -> list[dict[str, Any]]:
    chosen = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    return [{key: name, value: count} for name, count in chosen]


def support(days: list[tuple[str, date, bool]]) -> dict[date, float]:
    """Return the support by day of (DJ, day, is layered)."""
    by_dj: dict[str, list[trending.Play]] = defaultdict(list)
    for dj, day, is_layered in days:
        by_dj[dj].append(trending.Play(day=day, layered=is_layered))
    sums: dict[date, float] = defaultdict(float)
    for dj_plays in by_dj.values():
        for day, weight in trending.weeks_of_support(dj_plays).values():
            sums[day] += weight
    return dict(sums)


def expected(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return the rows by label id, computed from silver."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for track in bench.query("SELECT * FROM silver_enriched_tracks"):
        if track["label"] in FOLDED:
            groups[FOLDED[track["label"]]].append(track)
    roles = {
        (row["playlist_id"], row["row_index"]): row["role"]
        for row in bench.query("SELECT * FROM silver_playlist_tracks")
    }
    return {name: one_label(bench, name, group, roles) for name, group in groups.items()}


def one_label(bench: Bench, name: str, group: list[dict[str, Any]], roles: dict[Any, str]) -> dict[str, Any]:
    ids = {track["track_id"] for track in group}
    played = [play for play in plays(bench) if play.track_id in ids]
    days = sorted(play.day for play in played if play.day)
    spellings = Counter(track["label"] for track in group)
    artists = Counter(artist for track in group for artist in set(track["artist_ids"]))
    sets = Counter(dj for dj, _ in {(dj, play.playlist_id) for play in played for dj in play.djs})
    genres = Counter(track["genres"][0] for track in group if track["genres"])
    evidence = support(
        [
            (dj, play.day, roles[play.playlist_id, play.row_index] != "main")
            for play in played
            for dj in play.djs
            if play.day
        ]
    )
    return {
        "label_id": name,
        "name": min(spellings, key=lambda spelling: (-spellings[spelling], spelling)),
        "spellings": dict(spellings),
        "track_count": len(group),
        "played_tracks": len({play.track_id for play in played}),
        "play_count": len(played),
        "supporter_count": len(sets),
        "artist_count": len(artists),
        "first_date": days[0] if days else None,
        "last_date": days[-1] if days else None,
        "genres": {genre: round(count / genres.total(), 4) for genre, count in genres.items()},
        "top_artists": top(artists, "artist_id", "tracks"),
        "top_supporters": top(sets, "dj_id", "sets"),
        "support_dates": sorted(evidence),
        "support_weights": [evidence[day] for day in sorted(evidence)],
    }


def stored(bench: Bench) -> dict[str, dict[str, Any]]:
    rows = bench.query("SELECT * FROM gold_label_analytics")
    computed = ("trending_score", "popularity_rank")
    return {row["label_id"]: {k: v for k, v in row.items() if k not in computed} for row in rows}


def check_ranks(bench: Bench) -> None:
    """Assert that ranks and scores follow from the counts and the evidence."""
    rows = bench.query("SELECT * FROM gold_label_analytics")
    order = sorted(rows, key=lambda row: (-row["supporter_count"], -row["play_count"], row["label_id"]))
    assert [row["popularity_rank"] for row in order] == list(range(1, len(rows) + 1))
    for row in rows:
        rates = trending.decayed(dict(zip(row["support_dates"], row["support_weights"], strict=True)), DAY)
        assert row["trending_score"] == pytest.approx(trending.score(rates, trending.KAPPA_FLOOR))


@pytest.mark.parametrize("seed", [1, 2])
async def test_labels_equal_a_computation_over_all_plays(bench: Bench, seed: int) -> None:
    world = SetWorld(seed, sets=25)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version in range(1, 9):
            await written(bench, "silver.playlists", *world.playlists(6))
            await refresher.some(DAY)
            await written(bench, "silver.tracks", *tracks(world.random, version))
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            assert stored(bench) == expected(bench)
            check_ranks(bench)
        names = bench.query("SELECT * FROM gold_search WHERE kind = 'label' ORDER BY id")
        assert [row["id"] for row in names] == sorted(expected(bench))
        bench.execute("UPDATE gold_label_analytics SET play_count = 99; DELETE FROM track_labels")
        await refresher.everything(DAY)
    assert stored(bench) == expected(bench)
    check_ranks(bench)
    assert bench.query("SELECT * FROM gold_search WHERE kind = 'label' ORDER BY id") == names
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


async def test_a_set_that_loses_a_track_changes_its_label(bench: Bench) -> None:
    await written(bench, "silver.tracks", sample.track("a-hit", 1, label="Drumcode"))
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version, rows in enumerate(([sample.playlist_row(1, "a-hit")], []), start=1):
            await written(bench, "silver.playlists", sample.playlist("p:1", version, *rows))
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            assert [row["play_count"] for row in stored(bench).values()] == [len(rows)]


async def test_a_label_is_found_by_any_of_its_spellings(bench: Bench) -> None:
    names = ("Âme Recordings", "AME", "Ame")
    records = [sample.track(f"a-{number}", 1, label=name) for number, name in enumerate(names)]
    await written(bench, "silver.tracks", *records)
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    async with database.connected(bench.settings) as connection:
        for text in ("ame", "Âme", "ame recordings", "amé"):
            hits = await search(connection, text, kinds=("label",))
            assert [(hit.kind, hit.id, hit.name) for hit in hits] == [("label", "ame", "AME")]


async def test_scores_use_the_rates_of_active_labels(bench: Bench) -> None:
    """Of 40 labels with many supports some were last played more than 90 days ago."""
    chance = random.Random(5)
    evidence: dict[str, dict[date, float]] = {}
    for number in range(40):
        newest = 95 if number % 4 == 0 else 1
        played = sorted({DAY - timedelta(days=newest + chance.randrange(60)) for _ in range(20)})
        evidence[f"label {number:02}"] = {day: float(chance.randrange(1, 40)) for day in played}
    evidence["label edge"] = {DAY - timedelta(days=90): 4.0}
    evidence["label future"] = {DAY: 4.0}
    for name, days in evidence.items():
        bench.execute(
            "INSERT INTO gold_label_analytics (label_id, name, spellings, track_count, played_tracks,"
            " play_count, supporter_count, artist_count, genres, top_artists, top_supporters, support_dates,"
            " support_weights) VALUES (%s, '', '{}', 1, 1, 1, 1, 1, '{}', '[]', '[]', %s, %s)",
            *(name, list(days), list(days.values())),
        )
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        await refresher.whole(DAY)
    rates = {name: trending.decayed(days, DAY) for name, days in evidence.items()}
    active = [rates[name].fast for name, days in evidence.items() if trending.is_active(days, DAY)]
    assert len(active) == 31
    kappa = trending.kappa(active)
    assert kappa > 2 * trending.KAPPA_FLOOR
    for row in bench.query("SELECT label_id, trending_score FROM gold_label_analytics"):
        expected_score = trending.score(rates[row["label_id"]], kappa)
        assert row["trending_score"] == pytest.approx(expected_score), row["label_id"]
