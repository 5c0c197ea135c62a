"""gold_track_analytics is a view of the tables of its owners.

Each track has a row in them, and a pass of refresh writes only what changed.
"""

from datetime import timedelta
from typing import Any

import pytest

from sinks.refresh import ranks
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

TABLES = ("gold_track_counts", "gold_track_scores", "gold_track_ranks", "gold_track_matches")
#: As the table had them before it became a view.
COLUMNS = (
    "track_id text, track_name text, base_title text, version_family text, version_text text,"
    " version_artists text[], stem text, primary_artist text, all_artists text[], bpm numeric(6,2),"
    " key integer, key_mode text, camelot text, energy double precision, genres text[], release_year integer,"
    " play_count integer, component_plays integer, self_plays integer, playlist_appearances integer,"
    " dj_support integer, first_seen_date date, last_seen_date date, support_dates date[],"
    " support_weights double precision[], compatible_keys text[], data_completeness double precision,"
    " confidence_score double precision, validation_score double precision,"
    " last_enriched timestamp with time zone, last_observed_at timestamp with time zone, version bigint,"
    " pipeline_version text, event_id uuid, updated_at timestamp with time zone,"
    " trending_score double precision, popularity_rank integer, genre_rank integer,"
    " harmonic_matches text[], harmonic_floor double precision,"
    " harmonic_basis text"
)
SHAPE = """
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = 'gold_track_analytics'::regclass AND attnum > 0
"""


def versions(bench: Bench, table: str) -> dict[str, Any]:
    """Return which transaction wrote each row."""
    rows = bench.query(f"SELECT track_id, xmin::text AS written FROM {table}")  # noqa: S608  # our own names
    return {row["track_id"]: row["written"] for row in rows}


def test_the_view_has_the_columns_of_the_documents(bench: Bench) -> None:
    assert bench.value(SHAPE) == COLUMNS


async def test_a_track_has_rows_of_refresh_from_its_first_record_to_its_retraction(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts("a-one"), sample.counts("a-two"))
    rows = bench.query(
        "SELECT genres, trending_score, popularity_rank, genre_rank, harmonic_matches, harmonic_floor"
        " FROM gold_track_analytics WHERE track_id = 'a-one'"
    )
    assert [tuple(row.values()) for row in rows] == [
        (["progressive house", "house"], 0, None, None, [], None)
    ]
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    assert {table: bench.count(table) for table in TABLES} == dict.fromkeys(TABLES, 2)
    await written(bench, "gold.tracks", sample.counts("a-one", version=2, gone=True))
    assert [list(versions(bench, table)) for table in TABLES] == [["a-two"]] * len(TABLES)


async def test_genres_and_year_of_the_scores_follow_the_counts(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts("a-one"), sample.counts("a-two"))
    before = versions(bench, "gold_track_scores")
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-one", version=2, genres=["techno"], release_year=2020),
        sample.counts("a-two", version=2, play_count=9),
    )
    rows = bench.query("SELECT track_id, genres, release_year FROM gold_track_analytics ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [
        ("a-one", ["techno"], 2020),
        ("a-two", ["progressive house", "house"], 2026),
    ]
    after = versions(bench, "gold_track_scores")
    assert [name for name in after if after[name] != before[name]] == ["a-one"]


async def test_a_pass_writes_scores_and_ranks_that_change_and_no_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "CHUNK", 2)
    recent = [{"day": DAY - timedelta(days=3), "weight": 3.0}]
    old = [{"day": DAY - timedelta(days=366), "weight": 9.0}]
    oldest_scored = [{"day": DAY - timedelta(days=364), "weight": 9.0}]
    await written(
        bench,
        "gold.tracks",
        *(sample.counts(f"a-recent{number}", support_days=recent) for number in range(3)),
        *(sample.counts(f"a-old{number}", support_days=old) for number in range(3)),
        sample.counts("a-year", support_days=oldest_scored),
        sample.counts("a-never", support_days=[], dj_support=0),
    )
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
        before = {table: versions(bench, table) for table in TABLES}
        score = bench.value("SELECT trending_score FROM gold_track_analytics WHERE track_id = 'a-year'")
        assert 0 < score < 1e-6
        await refresher.whole(DAY)
        assert {table: versions(bench, table) for table in TABLES} == before
        await refresher.whole(DAY + timedelta(days=2))
    changed = {
        table: {name for name, row in versions(bench, table).items() if row != before[table][name]}
        for table in TABLES
    }
    scored = {"a-recent0", "a-recent1", "a-recent2", "a-year"}
    assert {table: names for table, names in changed.items() if names} == {"gold_track_scores": scored}
    assert bench.value("SELECT count(*) FROM gold_track_analytics WHERE trending_score = 0") == 5


async def test_a_rebuild_of_the_rows_follows_a_table_that_was_replaced(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts("a-one"), sample.counts("a-two"))
    bench.execute("ALTER TABLE gold_track_counts DISABLE TRIGGER USER")
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-one", version=2, gone=True),
        sample.counts("a-two", version=2, genres=["techno"]),
        sample.counts("a-three"),
    )
    bench.execute("ALTER TABLE gold_track_counts ENABLE TRIGGER USER")
    bench.query("SELECT align_track_rows()")
    rows = bench.query("SELECT track_id, genres[1] AS genre FROM gold_track_analytics ORDER BY 1 DESC")
    assert [tuple(row.values()) for row in rows] == [("a-two", "techno"), ("a-three", "progressive house")]
    assert bench.count("gold_track_scores") == bench.count("gold_track_ranks") == 2
