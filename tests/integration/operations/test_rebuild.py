"""Gold rebuilt in bulk, killed on its way, equals the streamed one; the pipeline continues from it."""

import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from operations import topic_log
from operations.rebuild import cli, gold
from operations.rebuild.plan import OtherVersion, Workspace
from songnodes.access import Access
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from tests.support import changing_pages, latest_by_key
from tests.support.isolated_pipeline import fresh_settings
from tests.support.pipeline import Pipeline
from tests.support.worker_processes import environment

PAGES, SAVINGS = 6, 3
KILL_TIMEOUT_S = 120.0
#: Numbers of finished tasks (of 31) at which the command is killed: read, fold, load.
KILLS = pytest.mark.parametrize("kills", [(14,), pytest.param((3, 9, 14, 21, 29), marks=pytest.mark.soak)])
CATALOGUE = """
    SELECT c.relname, c.relkind::text, c.reloptions::text, c.relacl::text, obj_description(c.oid, 'pg_class'),
        coalesce(pg_get_viewdef(c.oid), ''),
        ARRAY (SELECT row(attname, atttypid::regtype, attnotnull, attgenerated, pg_get_expr(adbin, adrelid),
                   col_description(attrelid, attnum))::text
               FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
               WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum),
        ARRAY (SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid ORDER BY 1),
        ARRAY (SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
               WHERE conrelid = c.oid ORDER BY 1)
    FROM pg_class AS c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') ORDER BY relname
"""


@pytest.fixture
def streamed(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Yield a pipeline that has read two of three savings of its pages, with stopped processes."""
    home = tmp_path_factory.mktemp("rebuilt")
    with (
        fresh_settings(addresses, template_database, home, commit_interval=0.2) as settings,
        Pipeline(settings) as pipeline,
    ):
        pipeline.start()
        pipeline.publish(changing_pages.make(7, pages=PAGES, savings=SAVINGS).pages[: PAGES * 2])
        pipeline.drain()
        pipeline.processes.stop()
        yield pipeline


def kill_at(settings: Settings, finished: int) -> int:
    """Run the command, and kill it once so many tasks are finished; return the number that is finished."""
    done = Workspace.of(settings, 2).directory / "done"
    command = [sys.executable, "-m", "songnodes", "rebuild", "gold", "--beside", "--processes", "2"]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE)
    deadline = time.monotonic() + KILL_TIMEOUT_S
    while process.poll() is None and (not done.exists() or len(list(done.iterdir())) < finished):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == -9, errors
    return len(list(done.iterdir()))


def rebuild(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setattr(cli, "settings", lambda: settings)
    app = typer.Typer()
    app.command()(cli.rebuild)
    return CliRunner().invoke(app, ["gold", *arguments])


def catalogue(settings: Settings) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(CATALOGUE).fetchall()


@KILLS
def test_a_killed_rebuild_continues_and_the_pipeline_continues_from_it(
    streamed: Pipeline, monkeypatch: pytest.MonkeyPatch, kills: tuple[int, ...]
) -> None:
    current = streamed.settings
    target = current.model_copy(update={"gold_version": 2})
    with psycopg.connect(current.owner_url) as connection:  # as refresh would write them
        connection.execute("UPDATE gold_track_analytics SET trending_score = length(track_id)")
        connection.execute("DELETE FROM refresh_queue")
    publish_analysis(streamed, "before")
    before, schema = streamed.outcome(), catalogue(current)
    assert len(before.tables.tables["gold_track_analytics"]) > 20

    reached = [kill_at(current, finished) for finished in kills]
    assert reached == sorted(reached)
    result = rebuild(current, monkeypatch, "--beside")
    assert result.exit_code == 0, (result.output, result.exception)
    assert " 0 differences" in result.output
    assert before.differences(streamed.outcome()) == ""  # built beside, nothing is replaced
    publish_analysis(streamed, "meanwhile")

    result = rebuild(current, monkeypatch, "--yes")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "SONGNODES_GOLD_VERSION=2" in result.output
    assert before.tables.differences(streamed.outcome().tables) == ""
    assert catalogue(current) == schema
    rebuilt = latest_by_key.newest(target, streamed.codec)
    for topic in gold.OUTPUTS:
        assert rebuilt[topic] == before.newest[topic]
    assert copied_keys(target) == ["before", "meanwhile"]
    with psycopg.connect(current.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM refresh_queue").fetchall() == [(0,)]

    assert "SONGNODES_GOLD_VERSION" in str(rebuild(current, monkeypatch, "--drop").exception)
    continue_with_both_versions(streamed, target)
    assert_other_versions_are_refused_and_dropped(target, monkeypatch)
    result = rebuild(target, monkeypatch, "--drop")
    assert result.exit_code == 0, (result.output, result.exception)
    assert (
        topics.physical("gold.tracks", current)
        not in latest_by_key.admin_of(current.access()).list_topics().topics
    )


def publish_analysis(streamed: Pipeline, key: str) -> None:
    """Publish a record of the topic that refresh writes."""
    producer = clients.producer(streamed.settings)
    producer.produce(topics.physical(gold.COPIED, streamed.settings), b"not decoded", key, 0)
    assert producer.flush(30) == 0


def copied_keys(target: Settings) -> list[str]:
    """Return the keys in the topic of the new version, of each record."""
    admin = clients.admin(target)
    partitions = log_offsets.partitions(admin, [topics.physical(gold.COPIED, target)])
    messages = topic_log.read(target, log_offsets.bounds(admin, partitions))
    return [(message.key() or b"").decode() for message in messages]


def assert_other_versions_are_refused_and_dropped(target: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store a plan with other fields, as an earlier version of the code has begun it."""
    workspace = Workspace.of(target, target.gold_version + 1)
    workspace.directory.mkdir(parents=True)
    (workspace.directory / "plan.json").write_bytes(b'{"pipeline_version": "0.1"}')
    assert isinstance(rebuild(target, monkeypatch, "--beside").exception, OtherVersion)
    result = rebuild(target, monkeypatch, "--drop")
    assert result.exit_code == 0, (result.output, result.exception)
    assert not workspace.has_plan


def continue_with_both_versions(streamed: Pipeline, target: Settings) -> None:
    """Publish the third saving of each page; the rebuilt stage counts as the one that has read everything."""
    new = Pipeline(target)
    with new:
        streamed.start("parse", "silver", "gold")
        new.start("gold", "sink")
        streamed.publish(changing_pages.make(7, pages=PAGES, savings=SAVINGS).pages[PAGES * 2 :])
        streamed.drain_stages()
        new.drain()
        streamed.processes.stop()
        new.processes.stop()
    old_records, new_records = (latest_by_key.newest(p.settings, streamed.codec) for p in (streamed, new))
    for topic in gold.OUTPUTS:
        assert new_records[topic] == old_records[topic]
    assert new.reconcile() == ""
