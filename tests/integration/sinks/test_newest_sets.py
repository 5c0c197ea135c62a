"""The newest sets of a genre, however few sets have it, read few of all sets."""

from datetime import date
from typing import Any

from queries import database
from songnodes import sql
from tests.support.query_work import rows_of
from tests.support.sink_bench import Bench
from web.pages.now import GENRE_SETS

DAY = date(2026, 3, 2)
SETS = 10
#: 30,000 sets, 10 a day: nearly all "common", those of one day "early", two "late"; one in three of Spain.
MANY = """
    INSERT INTO silver_enriched_playlists (
        id, playlist_id, source, source_url, title, mix_name, set_date, set_date_precision, set_id, counted,
        dj_ids, dj_names, country, styles, genres, recordings, row_count, identified_rows, data_completeness,
        confidence_score, validation_score, data_quality_score, validation_status, checks, page_ids,
        content_hash, parser_version, last_observed_at, version, pipeline_version, event_id
    )
    SELECT gen_random_uuid(), 'p:' || n, 'mixesdb', '', 'set ' || n, '', date '2026-03-01' - n / 10, 'day',
           'p:' || n, true, '{}', '{}', CASE WHEN n % 3 = 0 THEN 'Spain' ELSE 'Italy' END, '{}',
           CASE WHEN n / 10 = 2900 THEN '{early}' WHEN n IN (7, 8000) THEN '{late}'
                ELSE '{common}' END::text[],
           '[]', 1, 1, 1, 1, 1, 1, 'valid', '[]', '{}', '', 1, now(), 1, '1', gen_random_uuid()
    FROM generate_series(0, 29999) AS n
"""
NAIVE = """
    SELECT playlist_id FROM silver_enriched_playlists
    WHERE genres @> ARRAY[%s] AND (%s::text IS NULL OR country = %s)
    ORDER BY set_date DESC, playlist_id LIMIT 10
"""


async def test_newest_sets_of_a_genre(bench: Bench) -> None:
    bench.execute(MANY)
    bench.execute("ANALYZE silver_enriched_playlists")
    statement = sql.query("queries", "pages", "newest_sets_of_genre")
    async with database.connected(bench.settings) as connection:
        for genre, expected in (("common", SETS), ("early", SETS), ("late", 2), ("none", 0)):
            for country in (None, "Spain", "Peru"):
                arguments: tuple[Any, ...] = (DAY, SETS, genre, country, GENRE_SETS)
                rows = await database.rows(connection, "pages", "newest_sets_of_genre", *arguments)
                assert [row["playlist_id"] for row in rows] == [
                    row["playlist_id"] for row in bench.query(NAIVE, genre, country, country)
                ]
                if country is None:
                    assert len(rows) == expected
                    assert await rows_of(connection, statement, *arguments) < 5 * GENRE_SETS
