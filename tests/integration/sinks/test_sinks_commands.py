"""The commands `songnodes migrate`, `refresh`, `reconcile` and `run refresh`."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from sinks import migrations, tables
from songnodes.errors import PostgresUnreachable
from tests.support import sample_records as sample
from tests.support.isolated_pipeline import database
from tests.support.sink_bench import Bench, eventually, write_directly


def environment(bench: Bench, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        **bench.settings.environment(),
        "SONGNODES_NAMESPACE": bench.settings.namespace,
        "SONGNODES_HOME": str(bench.settings.home),
        **more,
    }


def command(bench: Bench, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "songnodes", *arguments],
        env=environment(bench, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_concurrent_migrates_apply_each_migration_once(bench: Bench) -> None:
    name = f"m{uuid4().hex[:8]}"
    url = database(bench.settings.owner_url, name)
    with psycopg.connect(bench.settings.owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with ThreadPoolExecutor(3) as pool:
                applied = list(pool.map(migrations.apply, [url] * 3))
            assert sorted(map(len, applied))[:2] == [0, 0]
            assert migrations.pending(url) == []
            repeated = command(bench, "migrate", DATABASE_URL=url, DATABASE_OWNER_URL=url)
            assert (repeated.returncode, repeated.stdout) == (0, "The database is up to date\n")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_migrate_without_a_database_is_an_error(bench: Bench) -> None:
    with pytest.raises(PostgresUnreachable):
        migrations.apply("postgresql://nobody@127.0.0.1:1/none")
    failed = command(bench, "migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert failed.returncode == 1
    assert "PostgreSQL does not respond" in failed.stderr


async def test_reconcile_after_refresh_finds_no_difference(bench: Bench) -> None:
    bench.make("gold.playlists", "gold.transitions")
    row = sample.playlist_row(1, "a-one")
    await write_directly(bench.settings, tables.WRITERS["silver.playlists"], [sample.playlist("p:1", 1, row)])
    await write_directly(bench.settings, tables.WRITERS["gold.tracks"], [sample.counts("a-one")])
    refreshed = command(bench, "refresh", "--as-of", "2026-03-02")
    assert (refreshed.returncode, refreshed.stdout) == (0, "refreshed as of 2026-03-02\n"), refreshed.stderr
    assert bench.value("SELECT popularity_rank FROM gold_track_analytics") == 1
    assert bench.value("SELECT as_of FROM refresh_state WHERE pinned") == date(2026, 3, 2)
    assert sum(bench.ends("gold.playlists").values()) == 1
    fine = command(bench, "reconcile", "--json")
    assert (fine.returncode, json.loads(fine.stdout)) == (0, {"compared": 1, "differences": []}), fine.stderr
    bench.execute("UPDATE gold_track_counts SET play_count = 7")
    wrong = command(bench, "reconcile", "--json")
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["differences"] == [
        {"track_id": "a-one", "column": "play_count", "silver": "1", "gold": "7"}
    ]
    shown = command(bench, "reconcile")
    assert shown.returncode == 1
    assert "play_count" in shown.stdout


def has_ranks(bench: Bench, number: int) -> bool:
    return bool(bench.value("SELECT count(popularity_rank) FROM gold_track_analytics") == number)


async def test_the_refresh_process_applies_changes_and_stops(bench: Bench) -> None:
    bench.make("gold.playlists", "gold.transitions")
    process = subprocess.Popen([sys.executable, "-m", "songnodes", "run", "refresh"], env=environment(bench))
    try:
        for number in (1, 2):
            record = sample.counts(f"a-{number}", dj_support=number)
            await write_directly(bench.settings, tables.WRITERS["gold.tracks"], [record])
            eventually(partial(has_ranks, bench, number))
        assert bench.value("SELECT as_of FROM refresh_state") == datetime.now(UTC).date()
        assert bench.value("SELECT track_id FROM gold_track_analytics WHERE popularity_rank = 1") == "a-2"
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()


def test_a_database_without_tables_ends_the_sink_with_the_remedy(bench: Bench) -> None:
    name = f"e{uuid4().hex[:8]}"
    url = database(bench.settings.owner_url, name)
    with psycopg.connect(bench.settings.owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            ended = command(bench, "run", "sink", "gold.tracks", DATABASE_URL=url)
            assert ended.returncode == 1
            assert "songnodes migrate" in ended.stderr
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_sink_that_starts_without_a_server_ends_with_the_remedy(bench: Bench) -> None:
    """The supervisor restarts it; a server that becomes unavailable later is waited for."""
    for variable in ("KAFKA_BOOTSTRAP", "SCHEMA_REGISTRY_URL", "DATABASE_URL"):
        nowhere = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1"}
        more = {variable: nowhere.get(variable, "127.0.0.1:1")}
        ended = subprocess.run(
            [sys.executable, "-m", "songnodes", "run", "sink", "gold.tracks"],
            env=environment(bench, **more),
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 75
        assert "does not respond" in ended.stderr and variable in ended.stderr
        assert ended.stderr.count("\n") == 1
