"""Run `songnodes rebuild` in tests, kill it, and read the schema of the database."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from operations.rebuild import cli
from operations.rebuild.plan import Workspace
from songnodes.access import Access
from songnodes.settings import Settings
from tests.support.isolated_pipeline import fresh_settings
from tests.support.pipeline import Pipeline
from tests.support.worker_processes import environment

KILL_TIMEOUT_S = 120.0
CATALOGUE = """
    SELECT c.relname, c.relkind::text, c.reloptions::text, c.relacl::text, obj_description(c.oid, 'pg_class'),
        coalesce(pg_get_viewdef(c.oid), ''),
        ARRAY (SELECT row(attname, atttypid::regtype, attnotnull, attgenerated, pg_get_expr(adbin, adrelid),
                   col_description(attrelid, attnum))::text
               FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
               WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum),
        ARRAY (SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid ORDER BY 1),
        ARRAY (SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
               WHERE conrelid = c.oid ORDER BY 1),
        ARRAY (SELECT pg_get_triggerdef(oid) FROM pg_trigger
               WHERE tgrelid = c.oid AND NOT tgisinternal ORDER BY 1)
    FROM pg_class AS c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') ORDER BY relname
"""


@contextmanager
def own_pipeline(addresses: Access, template_database: str, home: Path) -> Iterator[Pipeline]:
    """Yield a pipeline without processes, on a database and topics of its own."""
    with (
        fresh_settings(addresses, template_database, home, commit_interval=0.2) as settings,
        Pipeline(settings) as pipeline,
    ):
        yield pipeline


def kill_at(settings: Settings, stage: str, finished: int, *arguments: str) -> int:
    """Run the command, and kill it once so many tasks are finished; return the number that is finished."""
    done = Workspace.of(settings, stage).directory / "done"
    command = [
        sys.executable,
        "-m",
        "songnodes",
        "rebuild",
        stage,
        "--beside",
        "--processes",
        "2",
        *arguments,
    ]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE)
    deadline = time.monotonic() + KILL_TIMEOUT_S
    while process.poll() is None and (not done.exists() or len(list(done.iterdir())) < finished):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == -9, errors
    return len(list(done.iterdir()))


def rebuild(settings: Settings, monkeypatch: pytest.MonkeyPatch, stage: str, *arguments: str) -> Result:
    """Run the command in this process."""
    monkeypatch.setattr(cli, "settings", lambda: settings)
    app = typer.Typer()
    app.command()(cli.rebuild)
    return CliRunner().invoke(app, [stage, *arguments])


def catalogue(settings: Settings) -> list[tuple[object, ...]]:
    """Return what the catalogue of PostgreSQL has of all tables and views."""
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(CATALOGUE).fetchall()
