"""Replays and dead letters of a running pipeline: supervised workers, real pages of invented sets."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from infra.embedded.stack import Stack
from infra.embedded.workers import workers_named
from operations.dead_letters import cli as dlq_cli
from operations.replay import cli, run
from operations.replay.backlog import drain
from operations.replay.journal import Journal
from operations.replay.workers import GroupNotEmpty
from songnodes.access import Access
from tests.integration.operations.topic_records import Command, wait_until
from tests.support import changing_pages
from tests.support.isolated_pipeline import fresh_settings
from tests.support.pipeline import Pipeline

PAGES, SAVINGS = 6, 2
PROCESSES = ("parse", "silver", "gold", "sink")
COUNTS_STAYED = "no count changed"


@pytest.fixture(scope="module")
def running(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Yield an idle pipeline whose workers are supervised as by `songnodes up`."""
    home = tmp_path_factory.mktemp("operated")
    with fresh_settings(addresses, template_database, home, commit_interval=0.2) as settings:
        pipeline = Pipeline(settings)
        env = {"SONGNODES_NAMESPACE": settings.namespace, "SONGNODES_COMMIT_INTERVAL": "0.2"}
        stack = Stack(home, outside=settings.plain())
        try:
            stack.start([replace(worker, env=env) for worker in workers_named(PROCESSES)], steps=())
            pipeline.publish(changing_pages.make(7, pages=PAGES, savings=SAVINGS).pages)
            pipeline.drain()
            yield pipeline
        finally:
            stack.stop()


@pytest.fixture
def replay(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs `songnodes replay` with these arguments and `--yes`."""
    monkeypatch.setattr(cli, "settings", lambda: running.settings)
    app = typer.Typer()
    app.command()(cli.replay)
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--yes"])


@pytest.fixture
def dlq(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs `songnodes dlq` with these arguments."""
    monkeypatch.setattr(dlq_cli, "settings", lambda: running.settings)
    return lambda *arguments: CliRunner().invoke(dlq_cli.app, list(arguments))


def stored_replays(running: Pipeline) -> list[tuple[str, bool, bool]]:
    """Return for each stored replay the process, whether it has an end, and whether the counts are equal."""
    return running.query(
        b"SELECT process, finished_at IS NOT NULL, counts_before IS NOT DISTINCT FROM counts_after "
        b"FROM replays ORDER BY id"
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_reading_everything_again_changes_nothing(running: Pipeline, replay: Command, process: str) -> None:
    before = running.outcome()
    result = replay(process, "--from", "earliest", "--reason", "a test")
    assert result.exit_code == 0, result.output
    assert COUNTS_STAYED in result.output
    assert before.differences(running.outcome()) == ""
    assert running.reconcile() == ""
    assert stored_replays(running)[-1] == (process, True, True)


def test_a_part_of_one_topic_is_read_again(replay: Command) -> None:
    assert COUNTS_STAYED in replay("silver", "--from", "1", "--topic", "silver.appearances").output


def test_a_time_after_the_last_record_reads_nothing_again(replay: Command) -> None:
    result = replay("gold", "--from", datetime.now(UTC).isoformat())
    assert (result.exit_code, "nothing to read again" in result.output) == (0, True)


def test_a_dry_run_changes_nothing(running: Pipeline, replay: Command) -> None:
    replays = stored_replays(running)
    ends = running.ends()
    assert "total" in replay("gold", "--from", "earliest", "--dry-run").output
    assert stored_replays(running) == replays
    assert running.ends() == ends


def test_a_wrong_row_is_corrected_and_reported(running: Pipeline, replay: Command) -> None:
    """The row is restored from the topic; the difference is reported, also by the exit code."""
    with psycopg.connect(running.settings.database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE gold_track_counts SET play_count = play_count + 1 "
            "WHERE track_id = (SELECT min(track_id) FROM gold_track_analytics)"
        )
    result = replay("sink:gold.tracks", "--from", "2000-01-01")
    assert result.exit_code == 1
    assert "gold_track_analytics.play_count" in result.output
    assert stored_replays(running)[-1] == ("sink:gold.tracks", True, False)
    assert running.reconcile() == ""


def test_an_interrupted_replay_has_no_end_and_can_be_repeated(
    running: Pipeline, replay: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The operator's terminal was closed"""

    def die(*_: object, **__: object) -> bool:
        raise Killed

    before = running.outcome()
    with monkeypatch.context() as patched:
        calls = iter([drain])  # before the first counts; the second wait does not end
        patched.setattr(run, "drain", lambda *a, **kw: next(calls, die)(*a, **kw))
        with pytest.raises(Killed):
            replay("gold", "--from", "earliest")
    assert stored_replays(running)[-1] == ("gold", False, False)
    running.drain()
    assert before.differences(running.outcome()) == ""
    result = replay("gold", "--from", "earliest")
    assert "has no end" in result.output
    assert COUNTS_STAYED in result.output
    with psycopg.connect(running.settings.database_url) as connection:
        assert Journal(connection).open() == []


def test_workers_of_another_user_are_not_stopped(
    running: Pipeline,
    replay: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    elsewhere = running.settings.model_copy(update={"home": tmp_path_factory.mktemp("elsewhere")})
    monkeypatch.setattr(cli, "settings", lambda: elsewhere)
    replays = stored_replays(running)
    assert isinstance(replay("gold", "--from", "earliest").exception, GroupNotEmpty)
    assert stored_replays(running) == replays


def test_a_page_that_no_parser_reads_through_all_dead_letter_commands(
    running: Pipeline, replay: Command, dlq: Command
) -> None:
    """A dead letter, a second one by a replay, a reinsertion that fails as the second attempt, a drop."""

    def letters() -> list[dict[str, object]]:
        return json.loads(dlq("list", "parse", "--json").stdout)["letters"]  # type: ignore[no-any-return]

    running.send_raw("bronze.pages", [(b"1001tracklists:tracklist:broken", b"\0\0\0\0\1 no page")])
    wait_until(lambda: len(letters()) == 1)
    (first,) = letters()
    assert (first["reason"], first["attempt"]) == ("broken_avro", 1)
    assert replay("parse", "--from", "earliest").exit_code == 0
    wait_until(lambda: len(letters()[0]["letters"]) == 2)  # type: ignore[arg-type]
    assert len(letters()) == 1
    assert dlq("reinsert", "parse", str(first["id"])).stdout == "reinserted 1 of 1\n"
    wait_until(lambda: len(letters()) == 1)
    (second,) = letters()
    assert second["attempt"] == 2
    assert second["origin"] != first["origin"]
    assert dlq("drop", "parse", str(second["id"]), "--reason-text", "a test").exit_code == 0
    assert letters() == []
    assert dlq("drop", "sink", "--reason-text", "the sink met the same").exit_code == 0
