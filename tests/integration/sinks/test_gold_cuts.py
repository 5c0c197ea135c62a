"""Rankings of a country, venue, type of set, period and genre equal a computation over all plays."""

import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from queries import cuts, database
from queries.cuts import Cut
from sinks.refresh import cuts as cuts_kept
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, Play, SetWorld, plays
from tests.support.sink_bench import Bench

CUTS: tuple[dict[str, Any], ...] = (
    {"country": "germany"},
    {"venue": "SPACE"},
    {"set_type": "festival"},
    {"first": date(2024, 1, 1)},
    {"first": date(2024, 1, 1), "last": date(2024, 12, 31), "genre": "house"},
    {"country": "Spain", "set_type": "radio", "last": date(2025, 6, 1)},
    {"genre": "techno"},
    {"country": "Nowhere"},
)
NAMES = ("country", "venue", "set_type", "first", "last", "genre")


def is_in(play: Play, parent: dict[str, Any], genre: str | None, cut: dict[str, Any]) -> bool:
    places = all(
        name not in cut or (parent[name] or "").lower() == cut[name].lower() for name in ("country", "venue")
    )
    return (
        places
        and cut.get("set_type") in (None, parent["set_type"])
        and ("first" not in cut or (play.day is not None and play.day >= cut["first"]))
        and ("last" not in cut or (play.day is not None and play.day <= cut["last"]))
        and cut.get("genre") in (None, genre)
    )


def expected(bench: Bench, cut: dict[str, Any]) -> list[tuple[str, int, int, int]]:
    """Return per track distinct DJs, sets and plays of a cut, ranked."""
    parents = {row["playlist_id"]: row for row in bench.query("SELECT * FROM silver_enriched_playlists")}
    genres = {
        row["track_id"]: (row["genres"] or [None])[0]
        for row in bench.query("SELECT * FROM gold_track_analytics")
    }
    groups: dict[str, list[Play]] = defaultdict(list)
    for play in plays(bench):
        if is_in(play, parents[play.playlist_id], genres.get(play.track_id), cut):
            groups[play.track_id].append(play)
    rows = []
    for track_id, group in groups.items():
        djs = {dj for play in group for dj in play.djs}
        rows.append((track_id, len(djs), len({play.playlist_id for play in group}), len(group)))
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def varied(chance: random.Random, playlists: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return sets in countries and of types."""
    for playlist in playlists:
        playlist["country"] = chance.choice([None, "Germany", "Spain"])
        playlist["set_type"] = chance.choice([None, "radio", "festival"])
    return playlists


@pytest.mark.parametrize("seed", [1, 2])
async def test_rankings_of_a_part_of_the_plays(bench: Bench, seed: int) -> None:
    world, chance = SetWorld(seed, sets=40), random.Random(seed)
    records = [
        sample.counts(track_id, 1, genres=chance.choice([["house"], ["techno", "house"], []]))
        for track_id in TRACKS[2:]  # two tracks have no counts yet
    ]
    await written(bench, "gold.tracks", *records)
    sizes = set()
    async with database.connected(bench.settings) as connection:
        for _ in range(5):
            await written(bench, "silver.playlists", *varied(chance, world.playlists(20)))
            day = max(play.day for play in plays(bench) if play.day)
            for cut in (*CUTS, {"first": day, "last": day}):
                arguments = [cut.get(name) for name in NAMES]
                columns = ("track_id", "dj_support", "playlist_appearances", "play_count")
                ranking = expected(bench, cut)
                for limit in (1, 2, 4, 100):  # DJs are counted for the tracks only that may be among so many
                    rows = await database.rows(connection, "charts", "top_of_cut", *arguments, limit)
                    assert [tuple(row[name] for name in columns) for row in rows] == ranking[:limit], cut
                    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
                sizes.add(len(rows))
            first = await database.rows(connection, "charts", "top_of_cut", *[None] * 6, 1)
            assert first[0]["track_id"] == expected(bench, {})[0][0]
    assert len(sizes) > 4


#: Cuts whose counts are stored.
STORED: tuple[dict[str, Any], ...] = (
    {"country": "GERMANY"},
    {"venue": "Space", "first": date(2024, 1, 1), "last": date(2024, 12, 31)},
    {"set_type": "festival", "first": date(2023, 6, 1), "last": date(2023, 6, 30)},
    {"first": date(2024, 1, 1), "last": date(2024, 12, 31), "genre": "house"},
    {"first": date(2023, 1, 1), "last": date(2023, 12, 31)},
    {"country": "Spain", "set_type": "radio"},
    {"venue": "SPACE", "set_type": "festival", "genre": "house"},
    {"country": "GERMANY", "set_type": "festival", "first": date(2024, 1, 1), "last": date(2024, 12, 31)},
)


def expected_counts(bench: Bench) -> set[tuple[Any, ...]]:
    """Return the rows of gold_cut_counts, computed from silver: each place and type with each period."""
    parents = {row["playlist_id"]: row for row in bench.query("SELECT * FROM silver_enriched_playlists")}
    groups: dict[tuple[str, ...], list[Play]] = defaultdict(list)
    for play in plays(bench):
        parent = parents[play.playlist_id]
        places = {
            "all": "",
            "country": parent["country"],
            "venue": parent["venue"],
            "type": parent["set_type"],
            "country type": of_two(parent["set_type"], parent["country"]),
            "venue type": of_two(parent["set_type"], parent["venue"]),
        }
        periods = ["", play.day.isoformat()[:4], play.day.isoformat()[:7]] if play.day else [""]
        for kind, value in places.items():
            for period in periods:
                if value is not None and (kind, period) != ("all", ""):
                    groups[play.track_id, kind, value.lower(), period].append(play)
    rows = set()
    for key, group in groups.items():
        djs = {dj for play in group for dj in play.djs}
        if len(djs) >= cuts_kept.MIN_DJS:
            rows.add((*key, len(djs), len({play.playlist_id for play in group}), len(group)))
    return rows


def of_two(set_type: str | None, place: str | None) -> str | None:
    return None if set_type is None or place is None else f"{set_type}|{place}"


def stored_counts(bench: Bench) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in bench.query("SELECT * FROM gold_cut_counts")}


async def check_stored(bench: Bench) -> int:
    """Assert that the best of each cut are those of all plays; return how many came from stored counts."""
    answered = 0
    async with database.connected(bench.settings) as connection:
        for cut in STORED:
            parts = Cut(**{name: value for name, value in cut.items() if name != "genre"})
            key = parts.stored_key
            assert key is not None
            for limit in (1, 3, 100):
                rows = await cuts.top(connection, parts, cut.get("genre"), limit)
                columns = ("track_id", "dj_support", "playlist_appearances", "play_count")
                assert [tuple(row[name] for name in columns) for row in rows] == expected(bench, cut)[
                    :limit
                ], cut
                assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
                stored = await database.rows(
                    connection,
                    "charts",
                    "top_of_stored_cut",
                    *(key.kind, key.place, key.set_type, key.period),
                    *(cut.get("genre"), limit),
                )
                answered += stored == rows
    return answered


@pytest.mark.parametrize("seed", [1, 2])
async def test_stored_counts_follow_sets_as_they_change(bench: Bench, seed: int) -> None:
    world, chance = SetWorld(seed, sets=150), random.Random(seed)
    records = [sample.counts(track_id, 1, genres=chance.choice([["house"], []])) for track_id in TRACKS[2:]]
    await written(bench, "gold.tracks", *records)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        answered = 0
        for sets in (200, 20, 20, 20):  # later ones are mostly new versions: other rows, DJs, days, countries
            await written(bench, "silver.playlists", *varied(chance, world.playlists(sets)))
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            assert stored_counts(bench) == expected_counts(bench)
            answered += await check_stored(bench)
        assert answered >= 8
        assert {row[1] for row in stored_counts(bench)} == {
            *("all", "country", "venue", "type"),
            *("country type", "venue type"),
        }
        counts = stored_counts(bench)
        bench.execute(
            "UPDATE gold_cut_counts SET play_count = 99;"
            " INSERT INTO gold_cut_counts VALUES ('gone', 'all', '', '2024', 4, 4, 4); DELETE FROM cut_sets"
        )
        await refresher.everything(DAY)
        assert stored_counts(bench) == counts
        # All sets stop counting.
        hidden = [{**playlist, "counted": False} for playlist in varied(chance, world.playlists(600))]
        await written(bench, "silver.playlists", *hidden)
        while await refresher.some(DAY):
            pass
        await refresher.whole(DAY)
    assert stored_counts(bench) == expected_counts(bench)
    assert len(expected_counts(bench)) < len(counts) / 4
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


async def test_a_track_that_another_replaces_in_its_sets_loses_its_counts(bench: Bench) -> None:
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version, track_id in enumerate(("a-old", "a-canonical"), start=1):
            sets = [
                sample.playlist(
                    f"p:{number}",
                    version,
                    sample.playlist_row(1, track_id),
                    djs=(f"dj{number}",),
                    country="Spain",
                    venue=None,
                    set_type=None,
                )
                for number in range(4)
            ]
            await written(bench, "silver.playlists", *sets)
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            assert {row[0] for row in stored_counts(bench)} == {track_id}
            assert stored_counts(bench) == expected_counts(bench)
