"""`songnodes dlq` on real topics and tables."""

import json
import subprocess
import sys
from os import environ
from pathlib import Path

import psycopg
import pytest

from operations.database import LockHeld
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.selection import AlreadyHandled
from operations.dead_letters.topic import DeadLetterTopic, UnknownLetter
from songnodes.errors import UnknownName
from songnodes.messaging import clients, dead_letters, schemas, topics
from songnodes.messaging.codec import Codec, NotAvro
from songnodes.settings import Settings
from tests.integration.operations.topic_records import Command, RecordWriter, make_topics, wait_until
from tests.support.messages import headers_of
from tests.unit.songnodes.messaging import examples

HOSTILE = "\x1b]0;owned\x07\x1b[31m‮evil [bold]x[/bold]"


@pytest.fixture
def writer(pipeline: Settings) -> RecordWriter:
    return RecordWriter.of(pipeline)


def test_letters_are_counted_by_stage_and_reason(writer: RecordWriter, run_dlq: Command) -> None:
    for number in range(3):
        writer.letter("parse", writer.record("bronze.pages", b"a", bytes([number])))
    writer.letter("gold", writer.record("silver.tracks", b"b", b"x"), NotAvro())
    counts = json.loads(run_dlq("list", "--json").stdout)["counts"]
    assert [(row["stage"], row["reason"], row["open"]) for row in counts] == [
        ("parse", "broken_avro", 3),
        ("gold", "not_avro", 1),
    ]
    of_one = json.loads(run_dlq("list", "parse", "--reason", "not_avro", "--json").stdout)
    assert of_one == {"counts": [], "letters": []}


def test_a_reinserted_record_is_the_original_and_counts_its_attempts(
    writer: RecordWriter, run_dlq: Command
) -> None:
    bytes_of_page = bytes(range(256))
    writer.record("bronze.pages", "näme".encode(), bytes_of_page, [("own", b"\xff"), ("none", None)])
    (original,) = writer.everything("bronze.pages")
    first = writer.letter("parse", original)
    assert run_dlq("reinsert", "parse", first).stdout == "reinserted 1 of 1\n"
    _, reinserted = writer.everything("bronze.pages")
    assert (reinserted.key(), reinserted.value()) == ("näme".encode(), bytes_of_page)
    assert reinserted.partition() == original.partition()
    headers = headers_of(reinserted)
    assert dead_letters.without_reason(headers) == [("own", b"\xff"), ("none", None)]
    second = writer.letter("parse", reinserted)
    listed = json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]
    assert [(letter["id"], letter["attempt"]) for letter in listed] == [(second, 2)]


def test_a_letter_is_handled_once(writer: RecordWriter, run_dlq: Command) -> None:
    letter = writer.letter("parse", writer.record("bronze.pages", b"a", b"x"))
    assert run_dlq("reinsert", "parse").stdout == "reinserted 1 of 1\n"
    assert run_dlq("reinsert", "parse").stdout == "reinserted 0 of 0\n"
    assert isinstance(run_dlq("reinsert", "parse", letter).exception, AlreadyHandled)
    assert run_dlq("reinsert", "parse", letter, "--again").exit_code == 0
    assert len(writer.everything("bronze.pages")) == 3
    listed = json.loads(run_dlq("list", "parse", "--all", "--json").stdout)["letters"]
    assert [entry["mark"]["action"] for entry in listed] == ["reinserted"]


def test_letters_of_one_record_are_one_group(writer: RecordWriter, run_dlq: Command) -> None:
    """A stage that was killed or replayed fails on the same record again."""
    record = writer.record("bronze.pages", b"a", b"x")
    copies = [writer.letter("parse", record) for _ in range(3)]
    (listed,) = json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]
    assert (listed["id"], listed["letters"]) == (copies[-1], copies)
    assert run_dlq("reinsert", "parse").stdout == "reinserted 1 of 1\n"
    assert len(writer.everything("bronze.pages")) == 2
    writer.letter("parse", record)
    assert json.loads(run_dlq("list", "parse", "--json").stdout)["letters"] == []


def test_a_dry_run_changes_nothing(writer: RecordWriter, run_dlq: Command) -> None:
    letter = writer.letter("parse", writer.record("bronze.pages", b"a", b"x"))
    for command in (["reinsert", "parse"], ["drop", "parse", "--reason-text", "no"]):
        output = run_dlq(*command, "--dry-run").stdout
        assert letter in output and "would" in output
    assert len(writer.everything("bronze.pages")) == 1
    assert len(json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]) == 1


def test_a_limited_selection_by_reason_takes_the_oldest(writer: RecordWriter, run_dlq: Command) -> None:
    writer.letter("parse", writer.record("bronze.pages", b"other", b"other"), NotAvro())
    for number in range(4):
        writer.letter("parse", writer.record("bronze.pages", str(number).encode(), bytes([number])))
    assert run_dlq("reinsert", "parse", "--reason", "broken_avro", "--max", "2").exit_code == 0
    values = sorted(message.value() or b"" for message in writer.everything("bronze.pages"))
    assert values == [b"\0", b"\0", b"\1", b"\1", b"\2", b"\3", b"other"]


def test_dropped_letters_are_marked_and_kept(
    writer: RecordWriter, run_dlq: Command, pipeline: Settings
) -> None:
    letter = writer.letter("parse", writer.record("bronze.pages", b"a", b"x"))
    assert run_dlq("drop", "parse", letter, "--reason-text", "a page of 2003").stdout == "dropped 1\n"
    assert len(writer.everything("parse.dlq")) == 1
    with psycopg.connect(pipeline.database_url) as connection:
        rows = connection.execute("SELECT action, note FROM dead_letter_actions").fetchall()
    assert rows == [("dropped", "a page of 2003")]
    assert "a page of 2003" in run_dlq("show", "parse", letter).stdout


def test_an_old_record_does_not_replace_a_newer_one_in_a_compacted_topic(
    writer: RecordWriter, run_dlq: Command
) -> None:
    old = writer.letter("sink", writer.record("silver.playlists", b"changed", b"old"))
    writer.record("silver.playlists", b"changed", b"new")
    same = writer.letter("sink", writer.record("silver.playlists", b"same", b"only"))
    result = run_dlq("reinsert", "sink")
    assert result.exit_code == 1
    assert f"{old} is not reinserted: its key has a newer record" in result.output
    assert "reinserted 1 of 2" in result.output
    assert [message.value() for message in writer.everything("silver.playlists")].count(b"old") == 1
    listed = json.loads(run_dlq("list", "sink", "--all", "--json").stdout)["letters"]
    assert {entry["id"]: entry["mark"] is not None for entry in listed} == {old: False, same: True}


def test_a_letter_without_a_reason_or_with_a_foreign_origin_is_not_reinserted(
    writer: RecordWriter, run_dlq: Command
) -> None:
    writer.record("parse.dlq", b"a", b"x", [("dlq.stage", b"parse"), ("dlq.topic", b"\xff")])
    record = writer.record("bronze.pages", b"a", b"x")
    reason = dead_letters.Reason.of(
        NotAvro(), stage="parse", topic="__consumer_offsets", partition=0, offset=0, timestamp=0, headers=[]
    )
    writer.record("parse.dlq", record.key(), record.value(), reason.headers([]))
    result = run_dlq("reinsert", "parse")
    assert result.exit_code == 1
    assert "do not name its origin" in result.output
    assert "__consumer_offsets is not a topic of this pipeline" in result.output
    assert run_dlq("drop", "parse", "--reason-text", "foreign").stdout == "dropped 2\n"


def test_tombstones_and_records_without_a_key_are_reinserted_unchanged(
    writer: RecordWriter, run_dlq: Command
) -> None:
    writer.letter("parse", writer.record("bronze.pages", None, b"no key"))
    writer.letter("parse", writer.record("bronze.pages", b"tombstone", None))
    assert run_dlq("reinsert", "parse").exit_code == 0
    messages = [(message.key(), message.value()) for message in writer.everything("bronze.pages")]
    assert messages.count((None, b"no key")) == messages.count((b"tombstone", None)) == 2


def test_hostile_text_does_not_reach_the_terminal(writer: RecordWriter, run_dlq: Command) -> None:
    record = writer.record("bronze.pages", HOSTILE.encode(), HOSTILE.encode(), [(HOSTILE, HOSTILE.encode())])
    letter = writer.letter("parse", record, NotAvro(HOSTILE))
    for arguments in (["list", "parse"], ["show", "parse", letter], ["reinsert", "parse", "--dry-run"]):
        output = run_dlq(*arguments).output
        assert not {"\x1b", "\x07", "‮"} & set(output)
        assert "[bold" in output
    assert "\x1b" not in run_dlq("list", "parse", "--json").stdout


def test_a_letter_is_shown_decoded_and_saved_as_bytes(
    writer: RecordWriter, run_dlq: Command, pipeline: Settings, tmp_path: Path
) -> None:
    with schemas.client(pipeline) as registry:
        ids = schemas.register(registry)
    raw = Codec(ids, examples.Schemas()).encode("bronze.pages", examples.record("bronze.pages"))
    letter = writer.letter("parse", writer.record("bronze.pages", b"a", raw))
    file = tmp_path / "value"
    output = run_dlq("show", "parse", letter, "--save", str(file)).stdout
    assert "bronze.pages record" in output
    assert '"page_id"' in output
    assert file.read_bytes() == raw
    broken = writer.letter("parse", writer.record("bronze.pages", b"a", b"\0\0\0\0\0\xff\xfe"))
    output = run_dlq("show", "parse", broken).stdout
    assert "00 00 00 00 00 ff fe" in output


def test_unknown_letters_are_reported(run_dlq: Command) -> None:
    assert isinstance(run_dlq("show", "parse", "0:7").exception, UnknownLetter)
    assert isinstance(run_dlq("reinsert", "parse", "5:0").exception, UnknownLetter)
    assert isinstance(run_dlq("list", "bronze").exception, UnknownName)


def test_a_second_operator_is_refused(writer: RecordWriter, run_dlq: Command, pipeline: Settings) -> None:
    writer.letter("parse", writer.record("bronze.pages", b"a", b"x"))
    with psycopg.connect(pipeline.database_url) as connection:
        ActionLog(connection, DeadLetterTopic(pipeline, clients.admin(pipeline), "parse")).acquire_lock()
        assert isinstance(run_dlq("reinsert", "parse").exception, LockHeld)
        assert run_dlq("list", "parse").exit_code == 0
    assert run_dlq("reinsert", "parse").exit_code == 0


def test_actions_on_a_deleted_topic_do_not_apply_to_its_successor(
    writer: RecordWriter, run_dlq: Command, pipeline: Settings
) -> None:
    letter = writer.letter("parse", writer.record("bronze.pages", b"a", b"x"))
    run_dlq("drop", "parse", letter, "--reason-text", "gone")
    admin = clients.admin(pipeline)
    for future in admin.delete_topics([topics.physical("parse.dlq", pipeline)]).values():
        future.result()
    name = topics.physical("parse.dlq", pipeline)
    wait_until(lambda: name not in admin.list_topics(timeout=10).topics)
    make_topics(pipeline, "parse.dlq")
    anew = writer.letter("parse", writer.record("bronze.pages", b"a", b"y"))
    assert anew == letter
    assert len(json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]) == 1


def test_the_command_is_registered(pipeline: Settings) -> None:
    env = {
        **pipeline.environment(),
        "SONGNODES_NAMESPACE": pipeline.namespace,
        "SONGNODES_HOME": str(pipeline.home),
    }
    done = subprocess.run(
        [sys.executable, "-m", "songnodes", "dlq", "show", "parse", "0:0"],
        env={**environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("songnodes: This dead letter does not exist")
