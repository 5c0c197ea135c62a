"""`songnodes dlq` on real topics and tables."""

import json
import subprocess
import sys
from os import environ
from pathlib import Path

import psycopg
import pytest

from operations.advisory_lock import LockHeld
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.selection import AlreadyHandled
from operations.dead_letters.topic import DeadLetterTopic, NoSuchLetter
from songnodes.errors import UnknownName
from songnodes.messaging import clients, dead_letters, schemas, topics
from songnodes.messaging.codec import Codec, NotAvro
from songnodes.settings import Settings
from tests.integration.operations.mail import Command, Post, make_topics, until
from tests.support.messages import headers_of
from tests.unit.songnodes.messaging import examples

HOSTILE = "\x1b]0;owned\x07\x1b[31m‮evil [bold]x[/bold]"


@pytest.fixture
def post(pipeline: Settings) -> Post:
    return Post.of(pipeline)


def test_letters_are_counted_by_stage_and_reason(post: Post, run_dlq: Command) -> None:
    for number in range(3):
        post.letter("parse", post.record("bronze.pages", b"a", bytes([number])))
    post.letter("gold", post.record("silver.tracks", b"b", b"x"), NotAvro())
    counts = json.loads(run_dlq("list", "--json").stdout)["counts"]
    assert [(row["stage"], row["reason"], row["open"]) for row in counts] == [
        ("parse", "broken_avro", 3),
        ("gold", "not_avro", 1),
    ]
    of_one = json.loads(run_dlq("list", "parse", "--reason", "not_avro", "--json").stdout)
    assert of_one == {"counts": [], "letters": []}


def test_a_reinserted_record_is_the_original_and_counts_its_attempts(post: Post, run_dlq: Command) -> None:
    bytes_of_page = bytes(range(256))
    post.record("bronze.pages", "näme".encode(), bytes_of_page, [("own", b"\xff"), ("none", None)])
    (original,) = post.everything("bronze.pages")
    first = post.letter("parse", original)
    assert run_dlq("reinsert", "parse", first).stdout == "reinserted 1 of 1\n"
    _, again = post.everything("bronze.pages")
    assert (again.key(), again.value()) == ("näme".encode(), bytes_of_page)
    assert again.partition() == original.partition()
    headers = headers_of(again)
    assert dead_letters.without_reason(headers) == [("own", b"\xff"), ("none", None)]
    second = post.letter("parse", again)
    listed = json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]
    assert [(letter["id"], letter["attempt"]) for letter in listed] == [(second, 2)]


def test_a_letter_is_dealt_with_once(post: Post, run_dlq: Command) -> None:
    letter = post.letter("parse", post.record("bronze.pages", b"a", b"x"))
    assert run_dlq("reinsert", "parse").stdout == "reinserted 1 of 1\n"
    assert run_dlq("reinsert", "parse").stdout == "reinserted 0 of 0\n"
    assert isinstance(run_dlq("reinsert", "parse", letter).exception, AlreadyHandled)
    assert run_dlq("reinsert", "parse", letter, "--again").exit_code == 0
    assert len(post.everything("bronze.pages")) == 3
    listed = json.loads(run_dlq("list", "parse", "--all", "--json").stdout)["letters"]
    assert [each["mark"]["action"] for each in listed] == ["reinserted"]


def test_letters_of_one_record_are_one_case(post: Post, run_dlq: Command) -> None:
    """A stage that was killed, or replayed, fails on the same record again."""
    record = post.record("bronze.pages", b"a", b"x")
    copies = [post.letter("parse", record) for _ in range(3)]
    (listed,) = json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]
    assert (listed["id"], listed["letters"]) == (copies[-1], copies)
    assert run_dlq("reinsert", "parse").stdout == "reinserted 1 of 1\n"
    assert len(post.everything("bronze.pages")) == 2
    post.letter("parse", record)
    assert json.loads(run_dlq("list", "parse", "--json").stdout)["letters"] == []


def test_a_dry_run_does_nothing(post: Post, run_dlq: Command) -> None:
    letter = post.letter("parse", post.record("bronze.pages", b"a", b"x"))
    for command in (["reinsert", "parse"], ["drop", "parse", "--reason-text", "no"]):
        said = run_dlq(*command, "--dry-run").stdout
        assert letter in said and "would" in said
    assert len(post.everything("bronze.pages")) == 1
    assert len(json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]) == 1


def test_selection_by_reason_and_number_takes_the_oldest(post: Post, run_dlq: Command) -> None:
    post.letter("parse", post.record("bronze.pages", b"other", b"other"), NotAvro())
    for number in range(4):
        post.letter("parse", post.record("bronze.pages", str(number).encode(), bytes([number])))
    assert run_dlq("reinsert", "parse", "--reason", "broken_avro", "--max", "2").exit_code == 0
    values = sorted(message.value() or b"" for message in post.everything("bronze.pages"))
    assert values == [b"\0", b"\0", b"\1", b"\1", b"\2", b"\3", b"other"]


def test_dropping_marks_and_keeps(post: Post, run_dlq: Command, pipeline: Settings) -> None:
    letter = post.letter("parse", post.record("bronze.pages", b"a", b"x"))
    assert run_dlq("drop", "parse", letter, "--reason-text", "a page of 2003").stdout == "dropped 1\n"
    assert len(post.everything("parse.dlq")) == 1
    with psycopg.connect(pipeline.database_url) as connection:
        rows = connection.execute("SELECT action, note FROM dead_letter_actions").fetchall()
    assert rows == [("dropped", "a page of 2003")]
    assert "a page of 2003" in run_dlq("show", "parse", letter).stdout


def test_an_old_record_does_not_replace_a_newer_one_in_a_compacted_topic(
    post: Post, run_dlq: Command
) -> None:
    old = post.letter("appearances", post.record("silver.playlists", b"changed", b"old"))
    post.record("silver.playlists", b"changed", b"new")
    same = post.letter("appearances", post.record("silver.playlists", b"same", b"only"))
    result = run_dlq("reinsert", "appearances")
    assert result.exit_code == 1
    assert f"{old} is not reinserted: its key has a newer record" in result.output
    assert "reinserted 1 of 2" in result.output
    assert [message.value() for message in post.everything("silver.playlists")].count(b"old") == 1
    listed = json.loads(run_dlq("list", "appearances", "--all", "--json").stdout)["letters"]
    assert {each["id"]: each["mark"] is not None for each in listed} == {old: False, same: True}


def test_a_letter_without_reason_or_with_a_foreign_origin_stays(post: Post, run_dlq: Command) -> None:
    post.record("parse.dlq", b"a", b"x", [("dlq.stage", b"parse"), ("dlq.topic", b"\xff")])
    record = post.record("bronze.pages", b"a", b"x")
    reason = dead_letters.Reason.of(
        NotAvro(), stage="parse", topic="__consumer_offsets", partition=0, offset=0, timestamp=0, headers=[]
    )
    post.record("parse.dlq", record.key(), record.value(), reason.headers([]))
    result = run_dlq("reinsert", "parse")
    assert result.exit_code == 1
    assert "do not name its origin" in result.output
    assert "__consumer_offsets is not a topic of this pipeline" in result.output
    assert run_dlq("drop", "parse", "--reason-text", "foreign").stdout == "dropped 2\n"


def test_tombstones_and_records_without_key_go_back_as_they_were(post: Post, run_dlq: Command) -> None:
    post.letter("parse", post.record("bronze.pages", None, b"no key"))
    post.letter("parse", post.record("bronze.pages", b"tombstone", None))
    assert run_dlq("reinsert", "parse").exit_code == 0
    found = [(message.key(), message.value()) for message in post.everything("bronze.pages")]
    assert found.count((None, b"no key")) == found.count((b"tombstone", None)) == 2


def test_hostile_text_does_not_reach_the_terminal(post: Post, run_dlq: Command) -> None:
    record = post.record("bronze.pages", HOSTILE.encode(), HOSTILE.encode(), [(HOSTILE, HOSTILE.encode())])
    letter = post.letter("parse", record, NotAvro(HOSTILE))
    for arguments in (["list", "parse"], ["show", "parse", letter], ["reinsert", "parse", "--dry-run"]):
        said = run_dlq(*arguments).output
        assert not {"\x1b", "\x07", "‮"} & set(said)
        assert "[bold" in said
    assert "\x1b" not in run_dlq("list", "parse", "--json").stdout


def test_a_letter_is_shown_decoded_and_saved_as_bytes(
    post: Post, run_dlq: Command, pipeline: Settings, tmp_path: Path
) -> None:
    with schemas.client(pipeline) as registry:
        ids = schemas.register(registry)
    raw = Codec(ids, examples.Schemas()).encode("bronze.pages", examples.record("bronze.pages"))
    letter = post.letter("parse", post.record("bronze.pages", b"a", raw))
    file = tmp_path / "value"
    said = run_dlq("show", "parse", letter, "--save", str(file)).stdout
    assert "bronze.pages record" in said
    assert '"page_id"' in said
    assert file.read_bytes() == raw
    broken = post.letter("parse", post.record("bronze.pages", b"a", b"\0\0\0\0\0\xff\xfe"))
    said = run_dlq("show", "parse", broken).stdout
    assert "00 00 00 00 00 ff fe" in said


def test_what_is_not_there_is_named(run_dlq: Command) -> None:
    assert isinstance(run_dlq("show", "parse", "0:7").exception, NoSuchLetter)
    assert isinstance(run_dlq("reinsert", "parse", "5:0").exception, NoSuchLetter)
    assert isinstance(run_dlq("list", "bronze").exception, UnknownName)


def test_one_operator_at_a_time(post: Post, run_dlq: Command, pipeline: Settings) -> None:
    post.letter("parse", post.record("bronze.pages", b"a", b"x"))
    with psycopg.connect(pipeline.database_url) as connection:
        ActionLog(connection, DeadLetterTopic(pipeline, clients.admin(pipeline), "parse")).acquire_lock()
        assert isinstance(run_dlq("reinsert", "parse").exception, LockHeld)
        assert run_dlq("list", "parse").exit_code == 0
    assert run_dlq("reinsert", "parse").exit_code == 0


def test_marks_of_a_topic_that_was_made_again_do_not_count(
    post: Post, run_dlq: Command, pipeline: Settings
) -> None:
    letter = post.letter("parse", post.record("bronze.pages", b"a", b"x"))
    run_dlq("drop", "parse", letter, "--reason-text", "gone")
    admin = clients.admin(pipeline)
    for future in admin.delete_topics([topics.physical("parse.dlq", pipeline)]).values():
        future.result()
    name = topics.physical("parse.dlq", pipeline)
    until(lambda: name not in admin.list_topics(timeout=10).topics)
    make_topics(pipeline, "parse.dlq")
    anew = post.letter("parse", post.record("bronze.pages", b"a", b"y"))
    assert anew == letter
    assert len(json.loads(run_dlq("list", "parse", "--json").stdout)["letters"]) == 1


def test_the_command_line_knows_it(pipeline: Settings) -> None:
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
