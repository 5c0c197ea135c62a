"""Handling of one record in a stage: all of its effects or none, and the path of poison."""

import json
from typing import Any

import pytest

from songnodes.errors import Poison, TooManyDeadLetters, UnknownName
from songnodes.messaging import dead_letters
from songnodes.settings import Settings
from stream_processors.runtime import BytesValues, DeadLetterLimits, Record, Stage, Table
from stream_processors.runtime.errors import NoActiveRecord
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


@pytest.mark.parametrize("poison", [{"number": 3}, {"number": 4, "huge": True}])
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
