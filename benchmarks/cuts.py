"""Rankings of a part of the plays: milliseconds of `songnodes top` with each filter.

    python -m benchmarks.cuts [--tracks 100000] [--sets 140000] [--rounds 20]

Sets have 18 rows. Tracks, DJs, countries and venues follow power laws: 3,000 DJs, 40 countries, 5,000 venues,
days in five years. The server is an embedded PostgreSQL of its own. Prints a table for RESULTS.md.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg

from benchmarks.names import ONLY_POSTGRES, vocabulary
from benchmarks.queries import GENRES, fill
from benchmarks.summary import table
from infra.embedded.stack import Stack
from queries import database
from sinks import migrations
from songnodes.settings import Settings

SEED = 13
ROWS_PER_SET = 18
FIRST_DAY = date(2021, 1, 1)
DAYS = 1826
SETS = """
    INSERT INTO silver_enriched_playlists (id, playlist_id, source, source_url, title, mix_name, set_date,
        set_date_precision, set_id, counted, dj_ids, dj_names, venue, country, set_type, styles, genres,
        recordings, row_count, identified_rows, data_completeness, confidence_score, validation_score,
        data_quality_score, validation_status, checks, page_ids, content_hash, parser_version,
        last_observed_at, version, pipeline_version, event_id)
    SELECT gen_random_uuid(), 'p:' || n, 'test', '', '', '', DATE '2021-01-01' + (random() * 1825)::integer,
        'day', 'p:' || n, true, ARRAY['dj' || floor(3000 * power(random(), 2))], '{}',
        'venue ' || floor(5000 * power(random(), 3)), 'country ' || floor(40 * power(random(), 2)),
        (ARRAY['radio', 'podcast', 'festival', 'b2b', NULL])[1 + floor(random() * 5)], '{}', '{}', '[]', 18,
        18, 1, 1, 1, 1, 'ok', '[]', '{}', '', 1, now(), 1, '1', gen_random_uuid()
    FROM generate_series(1, %s) AS n
"""
ROWS = """
    INSERT INTO silver_playlist_tracks (playlist_id, row_index, row_key, bronze_id, position, group_index,
        role, status, track_id, artist_names, artist_ids, version_artist_ids, featured_ids, validation,
        validation_status, checks, version, pipeline_version)
    SELECT 'p:' || n, place, place::text, gen_random_uuid(), place + 1, place, 'main', 'identified',
        'track-' || 1 + floor(%s * power(random(), 2))::integer, '{}', '{}', '{}', '{}', 1, 'ok', '[]', 1, '1'
    FROM generate_series(1, %s) AS n, generate_series(0, %s) AS place
"""
Cut = tuple[str | None, str | None, str | None, date | None, date | None, str | None]


def cuts(chance: random.Random) -> dict[str, Callable[[], Cut]]:
    """Return by name functions that make the arguments of a round."""

    def country() -> str:
        return f"country {int(40 * chance.random() ** 2)}"

    def period(days: int) -> tuple[date, date]:
        first = FIRST_DAY + timedelta(days=chance.randrange(DAYS - days))
        return first, first + timedelta(days=days - 1)

    return {
        "venue": lambda: (None, f"venue {int(5000 * chance.random() ** 3)}", None, None, None, None),
        "country": lambda: (country(), None, None, None, None, None),
        "country, 28 days": lambda: (country(), None, None, *period(28), None),
        "country, one year, genre": lambda: (country(), None, None, *period(365), chance.choice(GENRES)),
        "7 days": lambda: (None, None, None, *period(7), None),
        "28 days": lambda: (None, None, None, *period(28), None),
        "28 days, genre": lambda: (None, None, None, *period(28), chance.choice(GENRES)),
        "one year": lambda: (None, None, None, *period(365), None),
        "type, 28 days": lambda: (None, None, "radio", *period(28), None),
        "type": lambda: (None, None, "festival", None, None, None),
        "genre, one year": lambda: (None, None, None, *period(365), chance.choice(GENRES)),
    }


async def measure(settings: Settings, rounds: int) -> list[tuple[str, ...]]:
    """Return a row per cut: its name, and milliseconds: median, 95th percentile, most."""
    rows = []
    async with database.connected(settings) as connection:
        for name, make in cuts(random.Random(SEED)).items():
            milliseconds = []
            for _ in range(rounds + 1):
                cut = make()
                began = time.perf_counter()
                await database.rows(connection, "charts", "top_of_cut", *cut, 20)
                milliseconds.append((time.perf_counter() - began) * 1000)
            ordered = sorted(milliseconds[1:])  # the first loads the caches
            shown = ordered[rounds // 2], ordered[int(rounds * 0.95)], ordered[-1]
            rows.append((name, *(f"{value:.1f}" for value in shown)))
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=140_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    stack = Stack(Path(tempfile.mkdtemp(prefix="songnodes-bench-")), outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        migrations.apply(access.owner_url)
        with psycopg.connect(access.owner_url, autocommit=True) as connection:
            fill(connection, vocabulary(random.Random(SEED)), arguments.tracks)
            connection.execute(SETS, (arguments.sets,))
            connection.execute(ROWS, (arguments.tracks, arguments.sets, ROWS_PER_SET - 1))
            for name in ("silver_enriched_playlists", "silver_playlist_tracks"):
                connection.execute(psycopg.sql.SQL("VACUUM ANALYZE {}").format(psycopg.sql.Identifier(name)))
        rows = asyncio.run(measure(Settings().with_access(access), arguments.rounds))
    finally:
        stack.discard()
    print(table(("part of the plays", "ms, median", "95th percentile", "most"), rows))


if __name__ == "__main__":
    main()
