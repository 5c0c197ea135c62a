"""Counts in gold compared with silver: no false difference, and each kind of difference is found."""

from datetime import date
from typing import Any

import psycopg
import pytest

from sinks import reconciliation, tables
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, write_directly


async def written(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


def differences(bench: Bench) -> set[tuple[str, str, str | None, str | None]]:
    with psycopg.connect(bench.settings.database_url) as connection:
        result = reconciliation.compare(connection)
    return {(d.track_id, d.column, d.silver, d.gold) for d in result.differences}


@pytest.fixture
async def consistent_bench(bench: Bench) -> Bench:
    """Return a bench with three sets that have one track in every role, and the matching gold row."""
    first_row = sample.playlist_row(1, "a-one")
    claim = sample.claim("a", "one", artist_ids=["own"])
    await written(
        bench,
        "silver.playlists",
        sample.playlist("p:1", 1, first_row, sample.playlist_row(9, "a-one"), djs=("x", "y")),
        sample.playlist(
            "p:2",
            1,
            {**first_row, "claim": claim},
            djs=("own",),
            set_date=date(2025, 1, 1),
            set_date_precision="year",
        ),
        sample.playlist("p:3", 1, sample.playlist_row(3, "a-one", role="component"), djs=("z",)),
        sample.playlist("p:4", 1, first_row, djs=("q",), counted=False),
        sample.playlist("p:5", 1, first_row, djs=(), set_date=date(2027, 1, 1)),
        sample.playlist("p:6", 1, sample.playlist_row(1, None)),
    )
    await written(
        bench,
        "gold.tracks",
        sample.counts(
            "a-one",
            play_count=4,
            component_plays=1,
            self_plays=1,
            playlist_appearances=3,
            dj_support=3,
            first_seen_date=date(2025, 1, 1),
            last_seen_date=date(2026, 3, 1),
        ),
    )
    return bench


async def test_correct_counts_have_no_difference(consistent_bench: Bench) -> None:
    assert differences(consistent_bench) == set()


@pytest.mark.parametrize(
    ("column", "gold"),
    [
        ("play_count", "5"),
        ("dj_support", "2"),
        ("self_plays", "0"),
        ("component_plays", "0"),
        ("last_seen_date", None),
    ],
)
async def test_a_wrong_count_is_found(consistent_bench: Bench, column: str, gold: str | None) -> None:
    with psycopg.connect(consistent_bench.settings.database_url) as connection:
        before = connection.execute(f"SELECT {column}::text FROM gold_track_analytics").fetchall()[0][0]  # noqa: S608
        connection.execute(f"UPDATE gold_track_counts SET {column} = %s", (gold,))  # noqa: S608
    assert differences(consistent_bench) == {("a-one", column, before, gold)}


async def test_a_track_on_one_side_only_is_found(consistent_bench: Bench) -> None:
    consistent_bench.execute("UPDATE gold_track_counts SET track_id = 'a-two'")
    difference_list = differences(consistent_bench)
    assert {("a-one", "play_count", "4", None), ("a-two", "play_count", None, "4")} <= difference_list


async def test_a_track_without_plays_needs_no_silver_row(bench: Bench) -> None:
    none = {"play_count": 0, "playlist_appearances": 0, "dj_support": 0}
    await written(bench, "gold.tracks", sample.counts("a-one", **none))
    assert differences(bench) == set()
