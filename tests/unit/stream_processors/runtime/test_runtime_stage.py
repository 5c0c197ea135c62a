"""Handling of one record in a stage: all of its effects or none, and the path of poison."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from songnodes.errors import Poison, TooManyDeadLetters, UnknownName
from songnodes.messaging import dead_letters
from songnodes.settings import Settings
from stream_processors.runtime import BytesValues, DeadLetterLimits, Record, Stage, Table
from stream_processors.runtime.errors import NoActiveRecord, OutputFailed
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.state import record_cache
from stream_processors.runtime.testing import ChangedInPlace, Emitted, StageTestDriver

SETTINGS = Settings().model_copy(update={"namespace": "lab"})


class Odd(Poison):
    """The number is odd"""

    reason = "odd"


class Json:
    def decode(self, logical: str, raw: bytes | None) -> Any:
        try:
            return json.loads(raw or b"")
        except ValueError as error:
            raise Poison(str(error)) from error

    def encode(self, logical: str, value: Any) -> bytes:
        if value.get("too_large"):
            raise Poison("too large")
        return json.dumps(value).encode()


class Lab:
    """A stage that sums numbers per key, emits before it writes, and detects odd ones too late."""

    def __init__(self, limits: DeadLetterLimits | None = None) -> None:
        self.stage = Stage("gold", SETTINGS, Json(), limits=limits)
        self.table: Table[bytes] = self.stage.table("tracks", BytesValues())
        self.records: list[Record] = []
        self.stage.agent("silver.appearances")(self.on_number)
        self.offline = StageTestDriver(self.stage, Json())

    def on_number(self, record: Record) -> None:
        self.records.append(record)
        key = record.key.encode()
        total = int(self.table.get(key) or b"0") + record.value["number"]
        self.stage.emit("gold.tracks", record.key, {"total": total})
        self.table[key] = b"%d" % total
        self.table[b"last"] = key
        if record.value["number"] % 2:
            raise Odd(number=record.value["number"])
        if record.value.get("gone"):
            del self.table[key]
        if record.value.get("huge"):
            self.stage.emit("gold.tracks", record.key, {"too_large": True})

    def feed(self, key: str, number: int, **more: Any) -> list[Emitted]:
        return self.offline.feed("silver.appearances", key, {"number": number, **more})

    @property
    def content(self) -> dict[bytes, bytes]:
        return dict(self.table.stores[0].scan(b""))


def test_a_record_has_outputs_and_writes() -> None:
    lab = Lab()
    assert lab.feed("a", 2) == [Emitted(topic="gold.tracks", key="a", value={"total": 2})]
    assert lab.feed("a", 4) == [Emitted(topic="gold.tracks", key="a", value={"total": 6})]
    assert lab.content == {b"a": b"6", b"last": b"a"}
    lab.feed("a", 0, gone=True)
    assert lab.content == {b"last": b"a"}


def test_the_agent_receives_the_decoded_record() -> None:
    lab = Lab()
    lab.feed("a", 2)
    record = lab.records[0]
    assert (record.topic, record.source) == ("silver.appearances", "silver.appearances.v1")
    assert (record.key, record.value, record.offset) == ("a", {"number": 2}, 0)
    assert record.timestamp.isoformat() == "2024-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "poison", [{"number": 3}, {"number": 4, "huge": True}, {"number": 4, "gone": True, "huge": True}]
)
def test_poison_has_no_effect_but_a_dead_letter(poison: dict[str, Any]) -> None:
    lab = Lab()
    lab.feed("a", 2)
    lab.offline.commit()
    lab.feed("b", 2)
    before = lab.content
    assert lab.feed("a", **poison) == []
    assert lab.feed("c", **poison) == []
    assert lab.content == before
    lab.feed("a", 2)
    assert lab.content[b"a"] == b"4"
    assert len(lab.offline.dead_letters) == 2


def test_a_dead_letter_is_the_record_and_the_reason() -> None:
    lab = Lab()
    lab.offline.feed("silver.appearances", "a", b'{"number": 5}', headers=(("trace", b"1"),))
    ((reason, raw),) = lab.offline.dead_letters
    assert raw == b'{"number": 5}'
    assert (reason.stage, reason.reason, reason.error) == ("gold", "odd", "Odd")
    assert (reason.topic, reason.offset, reason.attempt) == ("lab.silver.appearances.v1", 0, 1)
    assert "number=5" in reason.message


@pytest.mark.parametrize("raw", [b"\xff", None])
def test_an_undecodable_value_is_poison(raw: bytes | None) -> None:
    lab = Lab()
    lab.offline.feed("silver.appearances", "a", raw)
    assert [value for _, value in lab.offline.dead_letters] == [raw]
    assert lab.records == []


def test_a_reinserted_record_that_fails_again_counts_up() -> None:
    lab = Lab()
    lab.feed("a", 1)
    reason = lab.offline.dead_letters[0][0]
    lab.offline.feed(
        "silver.appearances",
        "a",
        b'{"number": 1}',
        headers=tuple((name, value or b"") for name, value in reason.headers([("trace", b"1")])),
    )
    assert lab.offline.dead_letters[1][0].attempt == 2


def test_headers_of_a_reason_can_be_removed() -> None:
    lab = Lab()
    lab.feed("a", 1)
    headers = lab.offline.dead_letters[0][0].headers([("trace", b"1")])
    assert dead_letters.without_reason(headers) == [("trace", b"1")]
    assert dead_letters.read([("trace", b"1"), ("dlq.stage", b"gold")]) is None


def test_any_other_exception_is_raised() -> None:
    lab = Lab()
    with pytest.raises(KeyError):
        lab.offline.feed("silver.appearances", "a", {})


def test_a_run_of_poison_stops_the_stage() -> None:
    lab = Lab(DeadLetterLimits(max_consecutive=3))
    for number in (1, 3, 5, 2, 7, 9, 11):
        lab.feed("a", number)
    with pytest.raises(TooManyDeadLetters):
        lab.feed("a", 13)


def test_a_share_of_poison_stops_the_stage() -> None:
    lab = Lab(DeadLetterLimits(max_consecutive=100, max_share=0.5, window_records=10))
    for _ in range(9):
        lab.feed("a", 1)  # fewer records than the window are no evidence
    lab = Lab(DeadLetterLimits(max_consecutive=100, max_share=0.5, window_records=10))
    for number in (1, 2) * 20:
        lab.feed("a", number)
    with pytest.raises(TooManyDeadLetters):
        for _ in range(2):
            lab.feed("a", 1)


def test_tables_and_outputs_belong_to_a_record() -> None:
    lab = Lab()
    with pytest.raises(NoActiveRecord):
        lab.table.get(b"a")
    with pytest.raises(NoActiveRecord):
        lab.stage.emit("gold.tracks", "a", {})
    lab.feed("a", 2)
    with pytest.raises(NoActiveRecord):
        lab.table[b"a"] = b"1"


def test_invalid_declarations_are_refused() -> None:
    lab = Lab()
    assert lab.stage.changelogs == ["lab.songnodes-gold-v1-tracks-changelog"]
    assert lab.stage.app_id == "lab.songnodes-gold-v1"
    assert lab.stage.state_directory == SETTINGS.home / "state" / "lab.songnodes-gold-v1" / "0"
    with pytest.raises(ValueError, match="an agent already"):
        lab.stage.agent("silver.appearances")
    with pytest.raises(ValueError, match="declared already"):
        lab.stage.table("tracks", BytesValues())
    with pytest.raises(UnknownName):
        lab.stage.agent("silver.nothing")


# outputs between flushes


class Remembering:
    """A stage whose outputs are functions: the sum per key; a key with `part` has an output per part."""

    def __init__(self, directory: Path | None = None) -> None:
        self.stage = Stage("gold", SETTINGS, Json())
        self.stage.suspects = Suspects(directory)
        table: Table[bytes] = self.stage.table("tracks", BytesValues())
        self.built: list[tuple[str, int]] = []

        @self.stage.agent("silver.appearances")
        def on_number(record: Record) -> None:
            number, key = record.value["number"], record.key.encode()
            total = int(table.get(key) or b"0") + number
            table[key] = b"%d" % total
            part = record.value.get("part")
            if part is None:
                build = partial(self.build, record.key, total)
                self.stage.emit(
                    "gold.tracks", record.key, build, can_wait=record.value.get("can_wait", False)
                )
            else:
                self.stage.emit("silver.credits", record.key, {"total": total, "part": part}, part=part)
            if record.value.get("fact"):
                self.stage.emit("silver.credits", record.key, {"fact": total})
            if number % 2:
                raise Odd(number=number)

        self.offline = StageTestDriver(self.stage, Json())

    def build(self, key: str, total: int) -> dict[str, Any]:
        self.built.append((key, total))
        if total >= 1000:
            raise LookupError("no rule for so much")
        return {"total": total}

    def feed(self, key: str, number: int, **more: Any) -> list[Emitted]:
        value = {"number": number, **more}
        return self.offline.feed("silver.appearances", key, value, flush=False)


def totals(emitted: list[Emitted]) -> list[tuple[str, Any]]:
    return [(output.key, output.value.get("total")) for output in emitted]


def test_an_output_is_built_once_per_key_and_flush() -> None:
    lab = Remembering()
    for key, number in (("a", 2), ("b", 2), ("a", 4)):
        assert lab.feed(key, number) == []
    assert totals(lab.offline.flush()) == [("b", 2), ("a", 6)]
    assert lab.built == [("b", 2), ("a", 6)]
    assert lab.offline.flush() == []
    lab.feed("a", 2)
    assert totals(lab.offline.commit()) == [("a", 8)]
    assert lab.offline.commit() == []


def test_an_output_that_can_wait_leaves_with_the_commit() -> None:
    lab = Remembering()
    lab.feed("a", 2, can_wait=True)
    lab.feed("b", 2)
    assert totals(lab.offline.flush_urgent()) == [("b", 2)]
    lab.feed("a", 4, can_wait=True)
    assert lab.offline.flush_urgent() == []
    assert totals(lab.offline.commit()) == [("a", 6)]


def test_parts_of_a_key_do_not_replace_each_other_and_topics_without_compaction_wait_for_nothing() -> None:
    lab = Remembering()
    for number, part in ((2, "p"), (4, "q"), (6, "p")):
        assert lab.feed("a", number, part=part) == []
    assert [output.value["part"] for output in lab.offline.flush()] == ["q", "p"]
    assert [output.value for output in lab.feed("a", 2, fact=True)] == [{"fact": 14}]


def test_a_value_that_shows_what_was_produced_is_not_even_encoded() -> None:
    stage = Stage("gold", SETTINGS, Json())
    stage.table("tracks", BytesValues())

    @stage.agent("silver.appearances")
    def on_number(record: Record) -> None:
        number = record.value["number"]
        value = {"number": number, "too_large": number > 1}
        stage.emit("gold.tracks", "a", value, shown=lambda: number % 2, only_changes=True)

    offline = StageTestDriver(stage, Json())

    def feed(number: int) -> list[Emitted]:
        return offline.feed("silver.appearances", "a", {"number": number})

    assert [output.value["number"] for output in feed(1)] == [1]
    assert feed(3) == []
    assert offline.dead_letters == []
    assert feed(2) == []
    assert [reason.reason for reason, _ in offline.dead_letters] == ["poison"]


def test_poison_leaves_the_output_that_was_remembered_before_it() -> None:
    lab = Remembering()
    lab.feed("a", 2)
    lab.feed("a", 3)
    lab.feed("b", 3)
    assert totals(lab.offline.flush()) == [("a", 2)]
    assert len(lab.offline.dead_letters) == 2


def test_a_crash_loses_remembered_outputs_and_their_records_come_again() -> None:
    lab = Remembering()
    lab.feed("a", 2)
    assert lab.offline.crash() == []
    assert lab.offline.flush() == []
    assert totals(lab.offline.redeliver()) == [("a", 2)]


def test_too_many_outputs_leave_as_new_ones_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_cache, "MAX_ENTRIES", 2)
    lab = Remembering()
    keys = [key for name in "abcab" for key, _ in totals(lab.feed(name, 2))]
    assert keys == ["a", "b", "c"]
    assert totals(lab.offline.flush()) == [("a", 4), ("b", 4)]


def test_an_output_that_cannot_be_built_ends_the_process_and_then_its_record_only(tmp_path: Path) -> None:
    lab = Remembering(tmp_path)
    for number in range(1000):
        lab.feed(f"k{number % 50}", 2)
        if number == 500:
            lab.feed("k7", 2000)
    with pytest.raises(OutputFailed, match="no rule for so much"):
        lab.offline.commit()
    careful = Remembering(tmp_path)  # the next process
    assert careful.stage.suspects.careful
    careful.offline = StageTestDriver(careful.stage, Json())
    careful.offline._logs = lab.offline._logs
    careful.offline.redeliver(flush=False)
    ((reason, raw),) = careful.offline.dead_letters
    assert (reason.reason, reason.offset, raw) == ("unforeseen", 501, b'{"number": 2000}')
    assert dict(totals(careful.offline.commit())) == {f"k{number}": 40 for number in range(50)}
    assert not Remembering(tmp_path).stage.suspects.careful


# the offline twin


def test_after_a_crash_a_prefix_of_the_writes_remains_and_records_are_redelivered() -> None:
    lab = Lab()
    lab.feed("a", 2)
    lab.offline.commit()
    lab.feed("b", 2)
    lab.offline.crash(keep=1)
    assert lab.content == {b"a": b"2", b"b": b"2", b"last": b"a"}
    assert [emitted.key for emitted in lab.offline.redeliver()] == ["b"]
    assert lab.content[b"last"] == b"b"
    lab.offline.rewind()
    assert [emitted.key for emitted in lab.offline.redeliver()] == ["a", "b"]


class Listed:
    def encode(self, key: bytes, value: list[int]) -> bytes:
        return json.dumps(value).encode()

    def decode(self, key: bytes, raw: bytes) -> list[int]:
        return list(json.loads(raw))


def test_bytes_until_a_commit_are_those_of_records_and_of_the_state_they_read() -> None:
    lab = Lab()
    size = len(b'{"number": 2}')
    lab.feed("a", 2)
    assert lab.stage.uncommitted_bytes == size, "there was no state"
    lab.offline.commit()
    assert lab.stage.uncommitted_bytes == 0
    lab.feed("a", 2)
    assert lab.stage.uncommitted_bytes == size + len(b"2")
    lab.feed("a", 2)
    assert lab.stage.uncommitted_bytes == 2 * size + len(b"2"), "it is decoded once"


def test_a_value_changed_in_place_is_detected() -> None:
    stage = Stage("gold", SETTINGS, Json())
    table = stage.table("tracks", Listed())

    @stage.agent("silver.appearances")
    def on_number(record: Record) -> None:
        value = table.get(b"k") or []
        value.append(1)
        table[b"k"] = value

    offline = StageTestDriver(stage, Json())
    offline.feed("silver.appearances", "a", {})
    with pytest.raises(ChangedInPlace):
        offline.feed("silver.appearances", "a", {})
