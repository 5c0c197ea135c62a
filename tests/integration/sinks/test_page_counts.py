"""Counts that pages show equal the statements over whole tables that they replace, after any changes."""

import json
import random
from datetime import date, timedelta
from typing import Any

from queries import database
from sinks.refresh import page_counts
from tests.integration.sinks.test_sinks_refresh import refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, SetWorld
from tests.support.sink_bench import Bench
from web import drawing_data

DAY = date(2026, 3, 2)
#: The statements as pages asked them before their results were stored.
KEYS = """
    SELECT camelot, count(*)::integer AS tracks FROM gold_track_analytics
    WHERE camelot IS NOT NULL AND (%s::text IS NULL OR genres[1] = %s)
    GROUP BY camelot
"""
IN_KEY = """
    SELECT track_id FROM gold_track_analytics
    WHERE camelot = %s AND (%s::text IS NULL OR genres[1] = %s)
    ORDER BY popularity_rank NULLS LAST, track_id LIMIT 50
"""
QUALITY = """
    SELECT sets.source, parser_version, count(DISTINCT playlist_id)::integer AS sets,
           count(row_index)::integer AS rows,
           avg((rows.status = 'identified')::integer)::double precision AS identified_share,
           (avg((cue_seconds IS NOT NULL)::integer) FILTER (WHERE row_index IS NOT NULL))::double precision
               AS cue_share,
           count(*) FILTER (WHERE rows.validation_status = 'needs_review')::integer AS needs_review,
           count(*) FILTER (WHERE rows.validation_status = 'rejected')::integer AS rejected
    FROM silver_enriched_playlists AS sets LEFT JOIN silver_playlist_tracks AS rows USING (playlist_id)
    GROUP BY 1, 2 ORDER BY 1, 2
"""
GENRES = (None, "house", "techno", "Deep \U0001f600", "no such genre")


def counts(chance: random.Random, version: int) -> list[dict[str, Any]]:
    """Return new counts of some tracks, with and without key and genre; some are gone."""
    return [
        sample.counts(
            track_id,
            version,
            gone=chance.random() < 0.1,
            genres=chance.choice([["house"], ["techno", "house"], ["Deep \U0001f600"], []]),
            key=(key := chance.choice([None, 1, 8, 8, 9])),
            key_mode=key and chance.choice(["minor", "major"]),
            dj_support=chance.randrange(9),
        )
        for track_id in chance.sample(TRACKS, len(TRACKS) * 3 // 4)
    ]


def enriched(chance: random.Random, version: int) -> list[dict[str, Any]]:
    """Return tracks of silver with the attempts of providers."""
    return [
        sample.track(
            track_id,
            version,
            enrichment_metadata=json.dumps({"waterfall_attempts": attempts(chance)}),
        )
        for track_id in chance.sample(TRACKS, 4)
    ]


def attempts(chance: random.Random) -> list[dict[str, Any]]:
    """Return attempts of providers, two per field."""
    return [
        {"field": field, "provider": provider, "chosen": chance.random() < 0.5, "status": "hit"}
        for field in ("bpm", "key", "*")
        for provider in chance.sample(["spotify", "beatport", "page"], 2)
    ]


async def check_stored(bench: Bench) -> None:
    """Compare what pages read with the statements over whole tables."""
    async with database.connected(bench.settings) as connection:
        for genre in GENRES:
            expected_keys = {row["camelot"]: row["tracks"] for row in bench.query(KEYS, genre, genre)}
            assert await drawing_data.key_counts(connection, genre=genre) == expected_keys
            expected = [row["track_id"] for row in bench.query(IN_KEY, "8A", genre, genre)]
            arguments = ["tracks_of_genre_in_key", "8A", genre] if genre else ["tracks_in_key", "8A"]
            rows = await drawing_data.rows(connection, "drawings", *arguments, 50)
            assert [row["track_id"] for row in rows] == expected
        stored = await database.rows(connection, "api", "coverage")
        assert stored == await database.rows(connection, "reports", "coverage")
        stored = await database.rows(connection, "api", "quality")
        assert stored == await database.rows(connection, "reports", "quality")
        counted = bench.query(QUALITY)
        assert [{name: row[name] for name in counted[0]} for row in stored] == counted


async def test_counts_equal_the_statements_over_whole_tables(bench: Bench) -> None:
    chance, world = random.Random(4), SetWorld(4)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version in range(1, 4):
            await written(bench, "silver.playlists", *world.playlists(8))
            await written(bench, "gold.tracks", *counts(chance, version))
            await written(bench, "silver.tracks", *enriched(chance, version))
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            await check_stored(bench)
        bench.execute("UPDATE gold_key_counts SET tracks = 99")
        await refresher.everything(DAY)
        await check_stored(bench)
    assert bench.count("gold_key_counts") > 0
    assert bench.count("gold_field_coverage") > 0
    assert bench.count("gold_source_quality") > 0
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


def test_a_long_step_takes_a_hundredth_of_the_time() -> None:
    now = timedelta(hours=5).total_seconds()
    rests = page_counts.Rests(lambda: now)
    rests.took("moves", 6.0)
    rests.took("keys", 5.0)
    assert not rests.is_due("moves")
    assert rests.is_due("keys")
    assert rests.is_due("coverage")
    now += 599
    assert not rests.is_due("moves")
    now += 1
    assert rests.is_due("moves")
