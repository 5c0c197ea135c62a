"""Rankings of a country, venue, type of set, period and genre equal a computation over all plays."""

import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from queries import database
from tests.integration.sinks.test_sinks_refresh import written
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
                rows = await database.rows(connection, "charts", "top_of_cut", *arguments, 100)
                columns = ("track_id", "dj_support", "playlist_appearances", "play_count")
                assert [tuple(row[name] for name in columns) for row in rows] == expected(bench, cut), cut
                assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
                sizes.add(len(rows))
            first = await database.rows(connection, "charts", "top_of_cut", *[None] * 6, 1)
            assert first[0]["track_id"] == expected(bench, {})[0][0]
    assert len(sizes) > 4
