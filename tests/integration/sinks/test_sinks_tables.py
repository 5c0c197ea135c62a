"""Every topic into its tables, on the real servers."""

from datetime import timedelta

import pytest
import zstandard
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, drain, write_directly

from sinks import queries, tables
from sinks.tables.writer import InsertOnly, Upsert
from songnodes.settings import Settings


async def test_every_topic_reaches_its_tables(bench: Bench) -> None:
    for topic, (_, record) in sample.SAMPLES.items():
        bench.publish(topic, record)
    await drain(bench, *tables.WRITERS)
    for table in (
        *("bronze_pages", "bronze_page_fetches", "bronze_scraped_tracks", "bronze_scraped_playlists"),
        *("bronze_scraped_artists", "bronze_events", "bronze_api_enrichments", "bronze_decisions"),
        *("silver_enriched_tracks", "silver_enriched_artists", "silver_enriched_playlists"),
        *("silver_playlist_tracks", "silver_events", "track_redirects"),
        *("gold_track_analytics", "gold_artist_analytics"),
    ):
        assert bench.value(f"SELECT count(*) FROM {table}") == 1, table
    assert bench.value("SELECT count(*) FROM silver_event_lineups") == 2
    assert bench.letters() == []


async def test_what_a_track_looks_like(bench: Bench) -> None:
    await write_directly(bench.settings, tables.WRITERS["silver.tracks"], [sample.track()])
    (row,) = bench.query("SELECT * FROM silver_enriched_tracks")
    assert (str(row["bpm"]), row["camelot"], row["genres"][0]) == ("128.04", "8A", "progressive house")
    assert row["enrichment_metadata"]["providers_used"] == ["beatport", "spotify"]
    assert row["created_at"] <= row["updated_at"]
