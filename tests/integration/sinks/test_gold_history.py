"""Ranks by day stay as they were recorded; ranks of one year and ages at play equal naive computations."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from queries import database
from sinks.refresh import history
from sinks.refresh.refresher import Refresher
from tests.integration.sinks.test_sinks_refresh import refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, SetWorld, plays
from tests.support.sink_bench import Bench

START = date(2026, 1, 10)
LIMITS = {"OVERALL": 4, "PER_GENRE": 2, "TRENDING": 1}
HISTORY = (
    "SELECT track_id, day, popularity_rank, genre, genre_rank, score, dj_support FROM gold_track_rank_history"
)


@pytest.fixture(autouse=True)
def small_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LIMITS.items():
        monkeypatch.setattr(history, name, value)


def counts(chance: random.Random, version: int, day: date) -> list[dict[str, Any]]:
    """Return new counts of some tracks; some are gone, as after a merge."""

    def support() -> list[dict[str, Any]]:
        days = sorted({day - timedelta(days=chance.randrange(-2, 500)) for _ in range(6)})
        return [{"day": day, "weight": chance.choice([0.5, 1.0])} for day in days]

    return [
        sample.counts(
            track_id,
            version,
            gone=chance.random() < 0.1,
            genres=chance.choice([["house"], ["techno"], []]),
            dj_support=chance.randrange(9),
            support_days=support(),
        )
        for track_id in chance.sample(TRACKS, 6)
    ]


def expected_chart(bench: Bench, day: date) -> dict[str, dict[str, Any]]:
    """Return the tracks to be recorded, ranked from the counts."""
    tracks = bench.query("SELECT * FROM gold_track_analytics")
    tracks.sort(key=lambda t: (-t["dj_support"], -t["playlist_appearances"], t["track_id"]))
    by_score = sorted(tracks, key=lambda t: (-t["trending_score"], t["track_id"]))
    trending = [t["track_id"] for t in by_score if t["trending_score"] > 0 and t["dj_support"]]
    in_genre: dict[str, int] = {}
    chart = {}
    for rank, track in enumerate(tracks, start=1):
        genre = track["genres"][0] if track["genres"] else None
        place = None
        if genre:
            place = in_genre[genre] = in_genre.get(genre, 0) + 1
        is_chosen = rank <= 4 or (place is not None and place <= 2) or track["track_id"] in trending[:1]
        if is_chosen and track["dj_support"]:
            chart[track["track_id"]] = {
                "track_id": track["track_id"],
                "day": day,
                "popularity_rank": rank,
                "genre": genre,
                "genre_rank": place,
                "score": track["trending_score"],
                "dj_support": track["dj_support"],
            }
    return chart


def recorded(bench: Bench, day: date) -> dict[str, dict[str, Any]]:
    return {row["track_id"]: row for row in bench.query(f"{HISTORY} WHERE day = %s", day)}


async def refreshed(refresher: Refresher, day: date) -> None:
    await refresher.tick(day, pinned=False)
    while await refresher.some(day):
        pass
    await refresher.whole(day)


async def test_a_day_is_final_when_the_next_begins_and_after_a_rebuild(bench: Bench) -> None:
    chance = random.Random(5)
    before: dict[date, dict[str, dict[str, Any]]] = {}
    async with refreshing(bench) as refresher:
        for version in range(1, 13):
            day = START + timedelta(days=version // 3 * 3)  # several passes per day, and days without one
            await written(bench, "gold.tracks", *counts(chance, version, day))
            await refreshed(refresher, day)
            before[day] = expected_chart(bench, day)
            assert {past: recorded(bench, past) for past in before} == before
        await refresher.whole(START)  # an earlier day, by a clock that went back
        assert bench.count("gold_track_rank_history") == sum(map(len, before.values()))
        await refreshed(refresher, START - timedelta(days=1))  # the clock of refresh itself
        assert bench.count("gold_track_rank_history") == sum(map(len, before.values()))
        await refresher.tick(day, pinned=False)
        await written(bench, "gold.tracks", *counts(chance, 99, day))
        await refresher.everything(day)
        before[day] = expected_chart(bench, day)
        assert {past: recorded(bench, past) for past in before} == before
        await refresher.tick(day + timedelta(days=1), pinned=True)
        await refresher.whole(day + timedelta(days=1))
    marks = bench.query("SELECT day, is_before_rebuild, track_count FROM gold_rank_snapshots ORDER BY day")
    assert [tuple(mark.values()) for mark in marks] == [
        (past, past != day, len(before[past])) for past in sorted(before)
    ]
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


async def test_ranks_of_one_year(bench: Bench) -> None:
    chance = random.Random(6)
    async with refreshing(bench) as refresher:
        for version in range(1, 5):
            day = START + timedelta(days=version * 40)
            await written(bench, "gold.tracks", *counts(chance, version, START))
            await refreshed(refresher, day)
            sums = []
            for track in bench.query("SELECT * FROM gold_track_analytics"):
                within = [
                    weight
                    for support_day, weight in zip(
                        track["support_dates"], track["support_weights"], strict=True
                    )
                    if 1 <= (day - support_day).days <= 365
                ]
                if within:
                    sums.append((-sum(within), -track["dj_support"], track["track_id"]))
            expected = [(track, -total, rank) for rank, (total, _, track) in enumerate(sorted(sums), start=1)]
            stored = bench.query("SELECT * FROM gold_track_year_ranks ORDER BY year_rank")
            assert [(row["track_id"], row["year_support"], row["year_rank"]) for row in stored] == expected


async def test_a_year_has_365_days(bench: Bench) -> None:
    records = [
        sample.counts(track_id, 1, support_days=[{"day": START - timedelta(days=days), "weight": 1.0}])
        for track_id, days in (("first", 365), ("before", 366), ("last", 1), ("today", 0))
    ]
    await written(bench, "gold.tracks", *records)
    async with refreshing(bench) as refresher:
        await refreshed(refresher, START)
    ranked = bench.query("SELECT track_id FROM gold_track_year_ranks ORDER BY track_id")
    assert [row["track_id"] for row in ranked] == ["first", "last"]


async def test_ages_at_play(bench: Bench) -> None:
    world = SetWorld(7, sets=25)
    for version in range(1, 6):
        await written(bench, "silver.playlists", *world.playlists(8))
        released = {
            track_id: (
                START - timedelta(days=world.random.randrange(900)),
                world.random.choice(["day", "day", "day", "year"]),
            )
            for track_id in world.random.sample(TRACKS, 8)
        }
        records = [
            sample.track(track_id, version, release_date=day, release_date_precision=precision)
            for track_id, (day, precision) in released.items()
        ]
        await written(bench, "silver.tracks", *records)
    expected = {}
    for track in bench.query("SELECT * FROM silver_enriched_tracks WHERE release_date_precision = 'day'"):
        ages = sorted(
            (play.day - track["release_date"]).days
            for play in plays(bench)
            if play.track_id == track["track_id"] and play.day is not None
        )
        if ages:
            early = sum(age < 0 for age in ages)
            expected[track["track_id"]] = (len(ages), early, ages[(len(ages) - 1) // 2])
    rows = bench.query("SELECT * FROM gold_track_ages")
    assert len(expected) > 3
    assert {
        row["track_id"]: (row["dated_plays"], row["plays_before_release"], row["median_age_days"])
        for row in rows
    } == expected


async def test_climbers_gained_places_since_the_newest_day_a_week_ago(bench: Bench) -> None:
    async with refreshing(bench) as refresher:
        for version, (days, supports) in enumerate(
            ((0, (9, 8, 3, 0)), (1, (9, 8, 3, 0)), (9, (9, 8, 12, 2))), start=1
        ):
            records = [
                sample.counts(track_id, version, dj_support=support, genres=["house"], support_days=[])
                for track_id, support in zip("abcd", supports, strict=True)
            ]
            await written(bench, "gold.tracks", *records)
            await refreshed(refresher, START + timedelta(days=days))
    async with database.connected(bench.settings) as connection:
        overall = await database.rows(connection, "charts", "climbers", 7, None, 10)
        in_genre = await database.rows(connection, "charts", "climbers", 7, "house", 10)
        longer = await database.rows(connection, "charts", "climbers", 28, None, 10)
        shown = await database.rows(connection, "charts", "rank_history", "c", 2)
    columns = ("track_id", "rank", "rank_before", "rise", "new_supporters", "since")
    since = START + timedelta(days=1)
    climbed = [("c", 1, 3, 2, 9, since), ("d", 4, None, None, None, since)]
    assert [tuple(row[column] for column in columns) for row in overall] == climbed
    assert [row["rise"] for row in in_genre] == [2, None]
    assert longer == []
    assert [(row["day"] - START, row["popularity_rank"]) for row in shown] == [
        (timedelta(days=9), 1),
        (timedelta(days=1), 3),
    ]
