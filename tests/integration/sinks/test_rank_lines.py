"""Ranks by day follow merges and un-merges: lines and risers equal naive computations."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import psycopg

from queries import database
from tests.integration.sinks.test_gold_history import START, counts, refreshed
from tests.integration.sinks.test_gold_history import small_charts as _small_charts  # noqa: F401  # a fixture
from tests.integration.sinks.test_sinks_refresh import refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS
from tests.support.sink_bench import Bench

Line = dict[tuple[str, date], dict[str, Any]]
COLUMNS = ("recorded_id", "popularity_rank", "genre", "genre_rank", "score", "dj_support")


def lines(bench: Bench, canonical: Mapping[str, str]) -> Line:
    """Return the recorded days under the ids of now, each by its best rank."""
    best: Line = {}
    for row in bench.query("SELECT *, track_id AS recorded_id FROM gold_track_rank_history"):
        place = (canonical.get(row["track_id"], row["track_id"]), row["day"])
        stored = best.get(place)
        if stored is None or row["popularity_rank"] < stored["popularity_rank"]:
            best[place] = {name: row[name] for name in COLUMNS}
    return best


def shown(bench: Bench) -> Line:
    rows = bench.query("SELECT * FROM gold_track_ranks_by_day")
    assert len({(row["track_id"], row["day"]) for row in rows}) == len(rows)
    return {(row["track_id"], row["day"]): {name: row[name] for name in COLUMNS} for row in rows}


def risers(recorded: Line) -> set[tuple[Any, ...]]:
    """Return window, track, day compared with, rank, rise and rise within the genre of every riser."""
    days = sorted({day for _, day in recorded})
    climbed = set()
    for window in (7, 28):
        earlier = [day for day in days if window <= (days[-1] - day).days <= 2 * window]
        for track in {track for track, day in recorded if day == days[-1]} if earlier else ():
            now, before = recorded[track, days[-1]], recorded.get((track, earlier[-1]))
            rise = before["popularity_rank"] - now["popularity_rank"] if before else None
            in_genre = None
            if before and now["genre"] and before["genre"] == now["genre"]:
                in_genre = before["genre_rank"] - now["genre_rank"]
            if before is None or (rise or 0) > 0 or (in_genre or 0) > 0:
                climbed.add((window, track, earlier[-1], now["popularity_rank"], rise, in_genre))
    return climbed


def shown_risers(bench: Bench) -> set[tuple[Any, ...]]:
    columns = ("window_days", "track_id", "since", "popularity_rank", "rise", "genre_rise")
    return {tuple(row[name] for name in columns) for row in bench.query("SELECT * FROM gold_climbers")}


async def test_lines_and_risers_follow_merges_and_unmerges(bench: Bench) -> None:
    chance = random.Random(11)
    canonical: dict[str, str] = {}
    merged_days = 0
    async with refreshing(bench) as refresher:
        for version in range(1, 22):
            day = START + timedelta(days=version * 2)
            old, *rest = chance.sample(sorted(TRACKS), 3)
            target = None if old in canonical else min(rest)
            if target is None or (target not in canonical and old not in canonical.values()):
                canonical = {track: into for track, into in canonical.items() if track != old}
                canonical |= {old: target} if target else {}
                await written(bench, "silver.redirects", sample.redirect(old, target, version))
            records = [
                record | {"gone": record["gone"] or record["track_id"] in canonical}
                for record in counts(chance, version, day)
            ]
            await written(bench, "gold.tracks", *records)
            expected = lines(bench, canonical)
            assert shown(bench) == expected
            await refreshed(refresher, day)
            expected = lines(bench, canonical)
            assert shown(bench) == expected
            assert shown_risers(bench) == risers(expected)
            merged_days += sum(row["recorded_id"] != track for (track, _), row in expected.items())
    assert merged_days > 20
    async with database.connected(bench.settings) as connection:
        track = next(track for (track, _), row in sorted(expected.items()) if row["recorded_id"] != track)
        listed = await database.rows(connection, "charts", "rank_history", track, 1000)
    own = {day: row["recorded_id"] for (line, day), row in expected.items() if line == track}
    assert {row["day"]: row["recorded_id"] for row in listed} == own
    assert [row["day"] for row in listed] == sorted(own, reverse=True)


async def test_a_track_has_not_risen_by_a_merge_and_is_itself_again_after_the_split(bench: Bench) -> None:
    async def days(refresher: Any, version: int, supports: Mapping[str, int], *numbers: int) -> None:
        records = [
            sample.counts(
                track, version, gone=not support, dj_support=support, genres=["house"], support_days=[]
            )
            for track, support in supports.items()
        ]
        await written(bench, "gold.tracks", *records)
        for number in numbers:
            await refreshed(refresher, START + timedelta(days=number))

    def ranks(track: str) -> list[tuple[int, int]]:
        return sorted(
            ((day - START).days, row["popularity_rank"])
            for (name, day), row in shown(bench).items()
            if name == track
        )

    async with refreshing(bench) as refresher:
        await days(refresher, 1, {"a": 1, "b": 9, "c": 5}, 0, 1)
        assert ranks("a") == [(0, 3), (1, 3)]
        await written(bench, "silver.redirects", sample.redirect("b", "a", 1))
        assert (ranks("a"), ranks("b")) == ([(0, 1), (1, 1)], [])
        await days(refresher, 2, {"a": 10, "b": 0, "c": 5}, 9)
        assert ranks("a") == [(0, 1), (1, 1), (9, 1)]
        assert shown_risers(bench) == set()
        await written(bench, "silver.redirects", sample.redirect("b", None, 2))
        await days(refresher, 3, {"a": 1, "b": 9, "c": 5}, 10)
    assert ranks("a") == [(0, 3), (1, 3), (9, 1), (10, 3)]
    assert ranks("b") == [(0, 1), (1, 1), (10, 1)]


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a plan that read a table or index."""
    if "Relation Name" in plan or "Index Name" in plan:
        yield plan
    for child in plan.get("Plans", ()):
        yield from scans(child)


async def test_the_line_of_a_track_is_read_through_indexes(bench: Bench) -> None:
    """The tables are small: with sequential scans switched off, a scan without a condition has no index."""
    with psycopg.connect(bench.settings.database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        (plan,) = (
            connection.execute(
                "EXPLAIN (FORMAT JSON) SELECT * FROM gold_track_ranks_by_day WHERE track_id = 'a'"
            ).fetchone()
            or ()
        )
    nodes = [node for node in scans(plan[0]["Plan"]) if node["Node Type"] != "Bitmap Heap Scan"]
    assert len(nodes) >= 4
    assert [node for node in nodes if "Index Cond" not in node] == []
