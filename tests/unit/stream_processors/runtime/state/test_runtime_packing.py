"""Packed values are as strict as their schema, and equal to what Avro reads back."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import fastavro
import msgspec
import pytest

from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime.state.packing import InvalidValue, Packer
from tests.unit.stream_processors.runtime.state import state_golden

MOMENT = {"type": "long", "logicalType": "timestamp-micros"}
INNER = {
    "type": "record",
    "name": "Inner",
    "fields": [{"name": "at", "type": MOMENT}, {"name": "n", "type": "int"}],
}
SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Outer",
        "namespace": "songnodes.state",
        "fields": [
            {"name": "text", "type": "string"},
            {"name": "flag", "type": "boolean"},
            {"name": "ratio", "type": "double"},
            {"name": "raw", "type": "bytes"},
            {"name": "inner", "type": ["null", INNER], "default": None},
            {"name": "more", "type": {"type": "array", "items": "songnodes.state.Inner"}, "default": []},
            {"name": "by_name", "type": {"type": "map", "values": "songnodes.state.Inner"}, "default": {}},
            {"name": "level", "type": "long", "default": 3},
        ],
    }
)
AT = datetime(2026, 11, 29, 8, 0, 0, 123456, tzinfo=UTC)
ITEM = {"at": AT, "n": -5}
REQUIRED = {"text": "é 🎧", "flag": True, "ratio": 0.5, "raw": b"\x00\xff"}
VALUE = {**REQUIRED, "inner": ITEM, "more": [ITEM, ITEM], "by_name": {"a": ITEM}, "level": 2**40}


class Colour(StrEnum):
    RED = "red"


class Text(str):
    """A text of another library."""


def test_a_value_is_read_back_equal() -> None:
    packer = Packer(SCHEMA)
    assert packer.unpack(packer.pack(VALUE)) == VALUE


def test_a_field_with_a_default_may_be_missing() -> None:
    packer = Packer(SCHEMA)
    defaults: dict[str, Any] = {"inner": None, "more": [], "by_name": {}, "level": 3}
    assert packer.unpack(packer.pack(REQUIRED)) == {**REQUIRED, **defaults}


def test_a_field_that_the_schema_does_not_have_is_not_stored() -> None:
    packer = Packer(SCHEMA)
    raw = packer.pack({**VALUE, "new": 1, "inner": {**ITEM, "new": 1}})
    assert raw == packer.pack(VALUE)


def test_no_default_is_shared_between_values() -> None:
    packer = Packer(SCHEMA)
    raw = packer.pack(REQUIRED)
    packer.unpack(raw)["more"].append(ITEM)
    assert packer.unpack(raw)["more"] == []


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({name: VALUE[name] for name in VALUE if name != "text"}, id="missing field"),
        pytest.param({**VALUE, "inner": {"at": AT}}, id="missing field inside"),
        pytest.param({**VALUE, "text": 1}, id="number for text"),
        pytest.param({**VALUE, "text": None}, id="null for text"),
        pytest.param({**VALUE, "text": b"x"}, id="bytes for text"),
        pytest.param({**VALUE, "text": "\ud800"}, id="half of a surrogate pair"),
        pytest.param({**VALUE, "flag": 1}, id="number for boolean"),
        pytest.param({**VALUE, "level": "3"}, id="text for number"),
        pytest.param({**VALUE, "level": 1.5}, id="fraction for integer"),
        pytest.param({**VALUE, "level": 2**63}, id="integer of more than 64 bits"),
        pytest.param({**VALUE, "level": 2**64}, id="integer of more than 65 bits"),
        pytest.param({**VALUE, "level": -(2**63) - 1}, id="negative integer of more than 64 bits"),
        pytest.param({**VALUE, "ratio": "0.5"}, id="text for fraction"),
        pytest.param({**VALUE, "raw": "text"}, id="text for bytes"),
        pytest.param({**VALUE, "inner": [AT, 1]}, id="list for record"),
        pytest.param({**VALUE, "inner": {"at": AT.replace(tzinfo=None), "n": 1}}, id="moment without zone"),
        pytest.param({**VALUE, "inner": {"at": 5, "n": 1}}, id="number for moment"),
        pytest.param({**VALUE, "more": ITEM}, id="record for list"),
        pytest.param({**VALUE, "more": [None]}, id="null in a list"),
        pytest.param({**VALUE, "more": "ab"}, id="text for list"),
        pytest.param({**VALUE, "by_name": [ITEM]}, id="list for map"),
        pytest.param({**VALUE, "by_name": {1: ITEM}}, id="number for key"),
        pytest.param(None, id="no record"),
        pytest.param([], id="list"),
    ],
)
def test_a_value_that_does_not_follow_the_schema_is_rejected(value: Any) -> None:
    with pytest.raises(InvalidValue):
        Packer(SCHEMA).pack(value)


def test_values_of_other_types_of_equal_content_are_read_as_the_schema_has_them() -> None:
    packer = Packer(SCHEMA)
    moment = AT.astimezone(timezone(timedelta(hours=2)))
    value = {**VALUE, "text": Colour.RED, "ratio": 1, "more": (ITEM,), "inner": {"at": moment, "n": 1}}
    read = packer.unpack(packer.pack(value))
    assert read == {**VALUE, "text": "red", "ratio": 1.0, "more": [ITEM], "inner": {"at": AT, "n": 1}}
    assert (type(read["text"]), type(read["ratio"]), read["inner"]["at"].tzinfo) == (str, float, UTC)
    assert packer.unpack(packer.pack({**VALUE, "text": Text("x")}))["text"] == "x"


def test_bytes_of_another_schema_are_rejected() -> None:
    raw = msgspec.msgpack.encode(("text", True))
    with pytest.raises(msgspec.MsgspecError):
        Packer(SCHEMA).unpack(raw)


@pytest.mark.parametrize("name", state_golden.names())
@pytest.mark.parametrize("bare", [False, True])
def test_every_state_schema_is_packed_as_avro_reads_it(name: str, bare: bool) -> None:
    for version, schema in enumerate(state_schemas(name), 1):
        example = state_golden.example(name, version, bare=bare)
        packer = Packer(fastavro.parse_schema(schema))
        assert packer.unpack(packer.pack(example)) == avro_round_trip(schema, example)


@pytest.mark.parametrize("name", state_golden.names())
def test_every_field_of_every_state_schema_is_checked(name: str) -> None:
    newest = len(state_schemas(name))
    packer = Packer(fastavro.parse_schema(state_schemas(name)[-1]))
    example = state_golden.example(name, newest, bare=False)
    broken = list(with_broken_leaf(example))
    assert len(broken) >= len(state_schemas(name)[-1]["fields"])
    for value in broken:
        with pytest.raises(InvalidValue):
            packer.pack(value)


def avro_round_trip(schema: Any, value: Any) -> Any:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    out.seek(0)
    return fastavro.schemaless_reader(out, schema, None)


def with_broken_leaf(value: Any) -> Iterator[Any]:
    """Yield the value with each leaf in turn replaced by one that no schema has."""
    if isinstance(value, dict):
        for name, inner in value.items():
            for broken in with_broken_leaf(inner):
                yield {**value, name: broken}
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            for broken in with_broken_leaf(inner):
                yield [*value[:number], broken, *value[number + 1 :]]
    else:
        yield 1j
