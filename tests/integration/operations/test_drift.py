"""A site changes: the alarm, the held pages, their release, a newer parser; on real servers."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from confluent_kafka import Message
from typer.testing import CliRunner, Result

from operations import topic_log
from operations.drift import cli as drift_cli
from operations.reparse import cli as reparse_cli
from producers import sources
from producers.drift import watcher as watcher_module
from producers.drift.alarm import Alarm
from producers.drift.observing import observe
from producers.drift.watcher import Watcher
from producers.outbox import Outbox
from producers.sources.mixcloud import cloudcast
from songnodes import cli, decisions
from songnodes.clock import SystemClock
from songnodes.decisions import Author
from songnodes.domain import ids
from songnodes.domain.drift import Observation
from songnodes.domain.records import Page
from songnodes.messaging import clients, dead_letters, holds, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.integration.operations.topic_records import make_topics, wait_until
from tests.support import codecs
from tests.support.messages import headers_of
from tests.support.mixcloud_shows import show
from tests.support.worker_processes import environment

TOPICS = ("bronze.pages", "bronze.decisions", "bronze.tracklists", "parse.dlq")
GOOD, CHANGED, LATER = 60, 12, 3
ALARMS = 4  # cues gone, far fewer of them, a key gone, a key added
VERSION = sources.SOURCES["mixcloud"].card.version("cloudcast")
CUES = f"mixcloud:cloudcast:v{VERSION}:field.rows.cue_seconds:1"

Command = Callable[..., Result]


@pytest.fixture
def bronze(pipeline_settings: Settings) -> Settings:
    make_topics(pipeline_settings, *TOPICS)
    codecs.registered(pipeline_settings)
    return pipeline_settings


@pytest.fixture
def command(bronze: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs `songnodes NAME ...` on this pipeline."""
    for module in (drift_cli, reparse_cli):
        monkeypatch.setattr(module, "settings", lambda: bronze)
    return lambda name, *arguments: CliRunner().invoke(cli._load_command(name), list(arguments))


@pytest.fixture
def codec(bronze: Settings) -> Iterator[Codec]:
    with Codec.opened(bronze) as opened:
        yield opened


def publish(settings: Settings, codec: Codec, pages: Sequence[Page]) -> None:
    """Publish pages as every producer does."""
    outbox = Outbox(settings, codec)
    errors: list[object] = []
    for page in pages:
        outbox.send(page, errors.append)
    outbox.flush()
    assert errors == [None] * len(pages)


def everything(settings: Settings, logical: str) -> list[Message]:
    """Return all records of a topic, as they were written."""
    admin = clients.admin(settings)
    where = log_offsets.bounds(admin, log_offsets.partitions(admin, [topics.physical(logical, settings)]))
    return sorted(topic_log.read(settings, where), key=lambda message: message.timestamp()[1])


def watched(settings: Settings, codec: Codec) -> list[Alarm]:
    """Let a new watch read all pages; return the alarms that it raises."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        watcher = Watcher(settings, connection, codec, SystemClock())
        watcher.start()
        return watcher.process(
            everything(settings, "bronze.pages"), topics.physical("bronze.pages", settings)
        )


def listed(command: Command, *arguments: str) -> list[dict[str, object]]:
    result = command("drift", *arguments, "--json")
    assert result.exit_code == 0, result.output
    alarms: list[dict[str, object]] = json.loads(result.stdout)["alarms"]
    return alarms


def tracklists(settings: Settings) -> set[str]:
    return {(message.key() or b"").decode() for message in everything(settings, "bronze.tracklists")}


def test_a_site_change_is_held_until_the_release(bronze: Settings, codec: Codec, command: Command) -> None:
    publish(bronze, codec, [show(number) for number in range(GOOD)])
    assert watched(bronze, codec) == []
    publish(bronze, codec, [show(number, changed=True) for number in range(100, 100 + CHANGED)])
    raised = watched(bronze, codec)
    assert {alarm.measure for alarm in raised if alarm.holds} == {
        "field.rows.cue_seconds",
        "structure.usual",
        "field.rows.cue_seconds.much",
    }
    assert [alarm.measure for alarm in raised if not alarm.holds] == ["structure.new"]
    published_holds = decisions.of_kinds(bronze, "hold")
    assert {decision["subject_id"] for decision in published_holds} == {alarm.id for alarm in raised}
    assert watched(bronze, codec) == [], "pages seen twice count once"

    publish(bronze, codec, [show(number, changed=True) for number in range(200, 200 + LATER)])
    stamped = [holds.read(headers_of(message)) for message in everything(bronze, "bronze.pages")]
    assert [hold is not None for hold in stamped] == [False] * (GOOD + CHANGED) + [True] * LATER

    for _ in range(2):  # a replay holds the same pages, and leaves no second letter
        assert command("reparse", "mixcloud", "--from", "earliest").exit_code == 0
        letters = [dead_letters.read(headers_of(letter)) for letter in everything(bronze, "parse.dlq")]
        assert [letter.reason for letter in letters if letter] == ["drift"] * LATER
    assert len(tracklists(bronze)) == GOOD + CHANGED
    assert {alarm["id"]: alarm["held_pages"] for alarm in listed(command)}[CUES] == LATER

    for alarm in raised:
        result = command("drift", "release", alarm.id, "--reason-text", "the site has no times any more")
        assert result.exit_code == 0, result.output
    assert "reinserted 3 of 3 pages" in result.output or not raised[-1].holds
    assert listed(command) == []
    assert {listed_alarm["state"] for listed_alarm in listed(command, "--all")} == {"released"}
    assert command("reparse", "mixcloud", "--from", "earliest").exit_code == 0
    assert len(tracklists(bronze)) == GOOD + CHANGED + LATER, "held pages are processed"
    publish(bronze, codec, [show(number, changed=True) for number in range(300, 340)])
    assert watched(bronze, codec) == [], "the released structure is the new baseline"
    assert everything(bronze, "bronze.pages")[-1].headers() is None


def test_lost_tables_are_rebuilt_and_releases_remain(
    bronze: Settings, codec: Codec, command: Command
) -> None:
    publish(bronze, codec, [show(number) for number in range(GOOD)])
    watched(bronze, codec)
    publish(bronze, codec, [show(number, changed=True) for number in range(100, 100 + CHANGED)])
    alarms = [alarm.id for alarm in watched(bronze, codec)]
    *released, last = alarms
    assert command("drift", "release", *released, "--reason-text", "seen").exit_code == 0
    with psycopg.connect(bronze.database_url, autocommit=True) as connection:
        connection.execute("TRUNCATE drift_observations, drift_alarms, drift_positions")
    assert watched(bronze, codec) == []
    assert [alarm["id"] for alarm in listed(command)] == [last]
    assert {alarm["id"] for alarm in listed(command, "--all")} == set(alarms)


def test_broken_records_do_not_stop_the_watch(
    bronze: Settings, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invalid bytes, a hold without an alarm, a NUL in an id, a page that fails the parser: each once ended
    the watch at every start."""
    author = Author(name="ada\x00", reason="\x00", at=SystemClock().now())
    producer = clients.producer(bronze)
    for value in (b"", b"broken", b"\x00\x00\x00\x00\x01\x02", None):
        producer.produce(topics.physical("bronze.decisions", bronze), value, b"x")
    assert producer.flush(30) == 0
    decisions.publish(
        bronze,
        [
            decisions.build(
                author,
                decision_id=ids.event_id("decision", str(n)),
                event_id=ids.event_id("said", str(n)),
                subject_id=f"alarm {n}",
                kind="hold",
                value=value,
            )
            for n, value in enumerate((None, "no JSON", "[]", '{"source": "mixcloud"}'))
        ]
        + [decisions.override("t", "bpm", 128.0, author)],
    )
    pages = [show(number) for number in range(6)]
    publish(bronze, codec, pages)
    observed: list[str] = []

    def broken(page: Page) -> Observation | None:
        if page["page_id"] == pages[2]["page_id"]:
            raise RecursionError("no rule")
        observed.append(page["page_id"])
        return observe(page)

    monkeypatch.setattr(watcher_module, "observe", broken)
    assert watched(bronze, codec) == []
    assert len(observed) == len(pages) - 1
    (standing,) = decisions.current_overrides(bronze)
    assert standing["subject_id"] == "t"


def test_a_newer_parser_processes_pages_held_for_an_older_one(
    bronze: Settings, codec: Codec, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(bronze, codec, [show(number) for number in range(GOOD)])
    publish(bronze, codec, [show(number, changed=True) for number in range(100, 100 + CHANGED)])
    assert watched(bronze, codec)
    publish(bronze, codec, [show(200, changed=True)])
    assert "1 pages refused: drift" in command("reparse", "mixcloud", "--from", "earliest").output

    card = sources.SOURCES["mixcloud"].card
    newer = replace(card, versions=dict.fromkeys(card.versions, VERSION + 1))
    monkeypatch.setattr(type(sources.SOURCES["mixcloud"]), "card", newer)
    monkeypatch.setattr(cloudcast, "READER", replace(cloudcast.READER, version=VERSION + 1))
    dry = command("reparse", "mixcloud", "--from", "earliest", "--dry-run")
    assert f"{GOOD + CHANGED + 1} records would be sent" in dry.output
    assert {alarm["state"] for alarm in listed(command)} == {"superseded"}
    done = command("reparse", "mixcloud", "--from", "earliest")
    assert "1 dead letters handled" in done.output, done.output
    newest = {
        (m.key() or b"").decode(): codec.decode("bronze.tracklists", m.value())
        for m in everything(bronze, "bronze.tracklists")
    }
    assert {record["parser_version"] for record in newest.values()} == {VERSION + 1}
    assert listed(command) == []
    assert "0 pages read" in command("reparse", "ra", "--from", "earliest").output


def test_a_killed_process_raises_each_alarm_once(bronze: Settings, codec: Codec) -> None:
    publish(bronze, codec, [show(number) for number in range(GOOD)])
    with psycopg.connect(bronze.database_url, autocommit=True) as connection:

        def count(table: bytes) -> int:
            row = connection.execute(b"SELECT count(*) FROM " + table).fetchone()
            assert row
            return int(row[0])

        with running(bronze) as process:
            wait_until(lambda: count(b"drift_observations") == GOOD)
            publish(bronze, codec, [show(number, changed=True) for number in range(100, 100 + CHANGED)])
            wait_until(lambda: count(b"drift_observations") > GOOD)
            process.kill()
        with running(bronze) as process:
            wait_until(lambda: count(b"drift_observations") == GOOD + CHANGED)
            wait_until(lambda: count(b"drift_alarms WHERE announced_at IS NOT NULL") == ALARMS)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert count(b"drift_alarms") == ALARMS
    alarm_ids = {decision["event_id"] for decision in decisions.of_kinds(bronze, "hold")}
    assert len(alarm_ids) == ALARMS


@contextmanager
def running(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run the watch as a process; it is stopped afterwards."""
    command = [sys.executable, "-m", "songnodes", "run", "drift"]
    with subprocess.Popen(command, env=environment(settings), stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()
