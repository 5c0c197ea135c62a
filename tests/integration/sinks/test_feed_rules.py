"""Rules of feeds, one by one: each event at the edge of its rule, on both sides."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pytest

from queries import database, subscriptions
from queries.subscriptions import Kind
from tests.integration.sinks.test_feeds import listed, refreshed, write
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

DAY = sample.SEEN.date()


async def follow(bench: Bench, *followed: tuple[Kind, str]) -> None:
    async with database.connected(bench.settings) as connection:
        for kind, name in followed:
            await subscriptions.follow(connection, "default", kind, name)


async def climbs(bench: Bench, days: int = 100) -> list[int]:
    """Return the days of climbs as numbers after DAY."""
    entries = await listed(bench, today=DAY + timedelta(days), days=days, top=10)
    return sorted((entry.day - DAY).days for entry in entries if entry.kind == "climb")


def record_ranks(
    bench: Bench, snapshots: Iterable[int], ranks: Mapping[str, Mapping[int, tuple[str, int]]]
) -> None:
    """Record snapshots, and per track the genre and the rank within it by day."""
    for number in snapshots:
        bench.execute(
            "INSERT INTO gold_rank_snapshots VALUES (%s, 1, false, 'x', now())", DAY + timedelta(number)
        )
    for track, days in ranks.items():
        for number, (genre, rank) in days.items():
            bench.execute(
                "INSERT INTO gold_track_rank_history VALUES (%s, %s, %s, %s, %s, 0.5, 3)",
                *(track, DAY + timedelta(number), rank + 100, genre, rank),
            )


@pytest.mark.parametrize(
    ("snapshots", "ranks", "expected"),
    [
        ([0, 1, 2], {1: ("house", 10)}, [1]),
        ([0, 1, 2], {1: ("house", 11)}, []),
        ([0, 1], {1: ("house", 3)}, []),  # the newest day may still change
        ([0, 29, 30], {29: ("house", 3)}, []),  # nothing was recorded in the 28 days before
        ([0, 28, 30], {28: ("house", 3)}, [28]),
        ([0, 1, 20, 28, 40], {1: ("house", 3), 28: ("house", 3)}, [1]),  # returns within 28 days
        ([0, 1, 20, 30, 40], {1: ("house", 3), 30: ("house", 3)}, [1, 30]),
        ([0, 1, 2, 3], {1: ("house", 3), 2: ("techno", 3)}, [1, 2]),  # another genre
    ],
)
async def test_a_climb_enters_the_first_places_of_a_genre(
    bench: Bench, snapshots: list[int], ranks: dict[int, tuple[str, int]], expected: list[int]
) -> None:
    await write(bench, "gold.tracks", sample.counts("amy-up"))
    await follow(bench, (Kind.TRACK, "amy-up"))
    record_ranks(bench, snapshots, {"amy-up": ranks})
    assert await climbs(bench) == expected


async def test_the_days_of_a_merged_track_are_those_of_its_target(bench: Bench) -> None:
    """The list follows the old id. The target was among the first as the other track already."""
    await write(bench, "gold.tracks", sample.counts("amy-up"), sample.counts("zed-up"))
    await follow(bench, (Kind.TRACK, "zed-up"))
    record_ranks(
        bench,
        [0, 1, 20, 40],
        {"zed-up": {1: ("house", 3)}, "amy-up": {1: ("house", 60), 20: ("house", 2)}},
    )
    assert await climbs(bench) == [1]
    await write(bench, "silver.redirects", sample.redirect("zed-up", "amy-up", 1))
    await write(bench, "gold.tracks", sample.counts("zed-up", 2, gone=True))
    entries = await listed(bench, today=DAY + timedelta(100), days=100)
    assert [(entry.track_id, (entry.day - DAY).days) for entry in entries] == [("amy-up", 1)]
    await write(bench, "silver.redirects", sample.redirect("zed-up", None, 2))
    await write(bench, "gold.tracks", sample.counts("zed-up", 3))
    assert await climbs(bench) == [1]


async def test_a_set_counts_on_an_exact_day_that_is_not_far_in_the_future(bench: Bench) -> None:
    cases: dict[str, dict[str, object]] = {
        "p:day": {"set_date": DAY},
        "p:soon": {"set_date": DAY + timedelta(30)},
        "p:later": {"set_date": DAY + timedelta(31)},
        "p:month": {"set_date": DAY, "set_date_precision": "month"},
        "p:double": {"set_date": DAY, "counted": False},
        "p:old": {"set_date": DAY - timedelta(60)},
    }
    sets = [
        sample.playlist(name, 1, sample.playlist_row(1, "a-one"), djs=("amy",), **changes)
        for name, changes in cases.items()
    ]
    await write(bench, "silver.playlists", *sets)
    await write(bench, "gold.artists", sample.artist_counts("amy"))
    await follow(bench, (Kind.DJ, "amy"))
    entries = await listed(bench, today=DAY + timedelta(40), days=90)
    assert sorted(entry.playlist_id or "" for entry in entries) == ["p:day", "p:soon"]
    assert [entry.kind for entry in await listed(bench, today=DAY + timedelta(40), days=100)].count(
        "set"
    ) == 3


@pytest.mark.parametrize(
    ("precision", "age", "is_new"),
    [
        *(("day", 365, True), ("day", 366, False), ("month", 395, True), ("month", 396, False)),
        *(("year", 730, True), ("year", 731, False)),
    ],
)
async def test_a_track_is_new_within_a_year_of_its_release(
    bench: Bench, precision: str, age: int, *, is_new: bool
) -> None:
    released = DAY - timedelta(days=age)
    track = sample.track("amy-up", label="Label", release_date=released, release_date_precision=precision)
    await write(bench, "silver.tracks", track)
    await write(bench, "gold.tracks", sample.counts("amy-up", first_seen_date=DAY))
    await refreshed(bench, DAY)
    await follow(bench, (Kind.LABEL, "Label"))
    entries = await listed(bench, today=DAY + timedelta(2), days=10)
    assert [entry.kind for entry in entries] == ["track"] * is_new


@pytest.mark.parametrize(
    ("kind", "counted", "count"), [(Kind.TRACK, True, 1), (Kind.TRACK, False, 0), (Kind.LABEL, True, 0)]
)
async def test_a_reveal_is_of_a_counted_set_and_of_what_is_followed_by_name(
    bench: Bench, kind: Kind, count: int, *, counted: bool
) -> None:
    first = sample.tracklist("one", "ID - ID")
    second = sample.tracklist("one", "Amy - Hidden")
    second["observed_at"] = first["observed_at"] + timedelta(days=3)
    await write(bench, "bronze.tracklists", first)
    await write(bench, "bronze.tracklists", second)
    bronze = {
        row["raw_data"]["track_name"]: str(row["id"])
        for row in bench.query("SELECT * FROM bronze_scraped_tracks")
    }
    row = sample.playlist_row(1, "amy-hidden", row_key="1000", bronze_id=bronze["Hidden"])
    playlist = sample.playlist("1001tracklists:one", 2, row, counted=counted, set_date=date(2020, 1, 1))
    await write(bench, "silver.playlists", playlist)
    await write(bench, "silver.tracks", sample.track("amy-hidden", label="Label"))
    await write(bench, "gold.tracks", sample.counts("amy-hidden", first_seen_date=date(2020, 1, 1)))
    day = second["observed_at"].date()
    await refreshed(bench, day)
    await follow(bench, (kind, "amy-hidden" if kind is Kind.TRACK else "Label"))
    entries = await listed(bench, today=day + timedelta(days=1), days=30)
    assert [entry.kind for entry in entries] == ["reveal"] * count
