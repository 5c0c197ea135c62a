"""Rankings of a country, venue, type of set, period and genre equal a computation over all plays."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
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


def expected_plays(bench: Bench) -> dict[str, tuple[Counter[tuple[date, str]], int, int]]:
    """Return per track with enough DJs its sets by day and DJ, and how many dated sets and plays it has."""
    groups: dict[str, list[Play]] = defaultdict(list)
    for play in plays(bench):
        groups[play.track_id].append(play)
    stored = {}
    for track_id, group in groups.items():
        dated = [(play, play.day) for play in group if play.day]
        if dated and len({dj for play in group for dj in play.djs}) >= cuts_kept.MIN_DJS:
            sets = {(play.playlist_id, day, play.djs) for play, day in dated}
            elements = Counter((day, dj) for _, day, djs in sets for dj in djs or ("",))
            stored[track_id] = elements, len(sets), len(dated)
    return stored


def plays_by_day(bench: Bench) -> dict[str, tuple[Counter[tuple[date, str]], int, int]]:
    """Return what `expected_plays` returns, of cut_track_plays."""
    names = {row["number"]: row["dj_id"] for row in bench.query("SELECT * FROM cut_djs")} | {0: ""}
    stored = {}
    for row in bench.query("SELECT * FROM cut_track_plays"):
        assert row["days"] == sorted(row["days"])
        elements = Counter((day, names[dj]) for day, dj in zip(row["days"], row["djs"], strict=True))
        stored[row["track_id"]] = elements, sum(plays > 0 for plays in row["plays"]), sum(row["plays"])
    return stored


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
        counts, by_day = stored_counts(bench), plays_by_day(bench)
        assert by_day == expected_plays(bench)
        bench.execute(
            "UPDATE gold_cut_counts SET play_count = 99;"
            " INSERT INTO gold_cut_counts VALUES ('gone', 'all', '', '2024', 4, 4, 4); DELETE FROM cut_sets;"
            " UPDATE cut_track_plays SET djs = plays"
        )
        await refresher.everything(DAY)
        assert stored_counts(bench) == counts
        assert plays_by_day(bench) == by_day
        # All sets stop counting.
        hidden = [{**playlist, "counted": False} for playlist in varied(chance, world.playlists(600))]
        await written(bench, "silver.playlists", *hidden)
        while await refresher.some(DAY):
            pass
        await refresher.whole(DAY)
    assert stored_counts(bench) == expected_counts(bench)
    assert plays_by_day(bench) == expected_plays(bench)
    assert len(expected_counts(bench)) < len(counts) / 4
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


def random_sets(chance: random.Random) -> list[dict[str, Any]]:
    """Return sets of 50 DJs within some months; a few tracks have most plays, more of them in one month."""
    sets = []
    for number in range(250):
        day = date(2025, 1, 20) + timedelta(days=chance.randrange(130))
        likely = [min(29, int(chance.paretovariate(0.7))) for _ in range(6)]
        djs = {f"dj{chance.randrange(50)}" for _ in range(chance.choice([0, 1, 1, 1, 2]))}
        tracks = [*likely, 20 + day.month]
        rows = [sample.playlist_row(place, f"a-{track}") for place, track in enumerate(tracks, start=1)]
        sets.append(
            sample.playlist(
                f"p:{number}", 1, *rows, djs=tuple(djs), set_date=chance.choice([day] * 9 + [None])
            )
        )
    return sets


async def test_rankings_of_days_count_the_djs_of_few_tracks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuts, "HEADS", (1, 3))  # so few that those of a month do not have all the best
    chance = random.Random(5)
    genres = {f"a-{number}": chance.choice([["house"], ["techno"]]) for number in range(30)}
    await written(bench, "gold.tracks", *(sample.counts(track, 1, genres=of) for track, of in genres.items()))
    await written(bench, "silver.playlists", *random_sets(chance))
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
        await refresher.whole(DAY)
    decided = Counter[bool]()
    async with database.connected(bench.settings) as connection:
        for _ in range(60):
            first = date(2025, 1, 1) + timedelta(days=chance.randrange(100))
            days: dict[str, Any] = {
                "first": first,
                "last": first + timedelta(days=chance.randrange(1, 150)),
            }
            genre, limit = chance.choice([None, "house"]), chance.choice([1, 2, 5])
            wanted = expected(bench, days | ({"genre": genre} if genre else {}))[:limit]
            columns = ("track_id", "dj_support", "playlist_appearances", "play_count")
            few = await cuts.top_of_days(connection, days["first"], days["last"], genre, limit)
            decided[bool(few)] += 1
            rows = few or await cuts.top(connection, Cut(**days), genre, limit)
            assert [tuple(row[name] for name in columns) for row in rows] == wanted, days
            assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert min(decided[True], decided[False]) > 2, decided


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
