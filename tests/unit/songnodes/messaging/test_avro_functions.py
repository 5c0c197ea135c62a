"""Generated encoders and decoders against fastavro: equal bytes, equal values, and nothing more accepted."""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import fastavro
import pytest

from songnodes.messaging import schemas
from songnodes.messaging.avro_decoding import decoder, read_long
from songnodes.messaging.avro_encoding import encoder, zigzag
from songnodes.messaging.codec import UNREADABLE
from songnodes.messaging.record_fields import Fields
from tests.unit.songnodes.messaging import examples

SUBJECTS = sorted(schemas.subjects())
REFUSED = (TypeError, ValueError, AttributeError, KeyError, OverflowError)
#: Values that the field of some type does not have, or has at its edge.
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 4095, 4096, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1),
    *(0.5, float("nan"), 1e300, "", "x" * 5000, "\ud800", "\x00", b"", b"x", bytearray(b"x"), 1j),
    *([], [None], ["x"], ("x",), {}, {"a": None}, {"a": 1}, {1: "x"}, {"a": "x"}),
    *(datetime(2026, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), date(2026, 1, 1)),
)
INNER = {
    "type": "record",
    "name": "Inner",
    "fields": [{"name": "n", "type": "int"}, {"name": "text", "type": "string", "default": "x"}],
}
KINDS: tuple[Any, ...] = (
    *("string", "int", "long", "boolean", "double", "bytes", "songnodes.Inner"),
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "int", "logicalType": "date"},
    {"type": "array", "items": "long"},
    {"type": "map", "values": "double"},
    {"type": "array", "items": ["null", "songnodes.Inner"]},
)
ALL_TYPES = {
    "type": "record",
    "name": "All",
    "namespace": "songnodes",
    "fields": [
        {"name": "inner", "type": INNER},
        *({"name": f"plain{number}", "type": kind} for number, kind in enumerate(KINDS)),
        *({"name": f"optional{number}", "type": ["null", kind]} for number, kind in enumerate(KINDS)),
    ],
}


def avro(schema: Any, value: Any) -> bytes | None:
    """Return the bytes that fastavro writes, None where it refuses the value."""
    out = io.BytesIO()
    try:
        fastavro.schemaless_writer(out, schema, value)
    except REFUSED:
        return None
    return out.getvalue()


def generated(schema: Any, value: Any) -> bytes | None:
    """Return the bytes that the generated encoder writes, None where it refuses the value."""
    try:
        raw = encoder(schema)(value, b"head")
    except REFUSED:
        return None
    assert raw.startswith(b"head")
    return raw.removeprefix(b"head")


def edits(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (odd value, record): each part in turn replaced by each odd value, or removed (None)."""
    yield from ((odd, odd) for odd in ODD_VALUES)
    if isinstance(value, dict):
        yield 1, {**value, "new": 1}
        for name, inner in value.items():
            yield None, {key: value[key] for key in value if key != name}
            yield from ((odd, {**value, name: edited}) for odd, edited in edits(inner))
    elif isinstance(value, list) and value:
        yield from ((odd, [edited, *value[1:]]) for odd, edited in edits(value[0]))


SCHEMAS = {**{subject: schemas.newest(subject) for subject in SUBJECTS}, "all types": ALL_TYPES}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("bare", [False, True])
def test_values_are_written_as_fastavro_writes_them(name: str, bare: bool) -> None:
    schema = fastavro.parse_schema(SCHEMAS[name])
    value = examples.of(SCHEMAS[name], bare=bare)
    assert generated(SCHEMAS[name], value) == avro(schema, value) is not None


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_fastavro_refuses_is_refused_and_the_rest_has_its_bytes(name: str) -> None:
    schema = fastavro.parse_schema(SCHEMAS[name])
    outcomes = set()
    for odd, edited in edits(examples.of(SCHEMAS[name])):
        expected, written = avro(schema, edited), generated(SCHEMAS[name], edited)
        outcomes.add(expected is None)
        if not isinstance(odd, bytes | bytearray):
            assert written == expected, repr(edited)[:500]
        else:  # fastavro writes those for a list of numbers, too
            assert written in (expected, None), repr(edited)[:500]
    assert outcomes == {True, False}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("bare", [False, True])
def test_values_are_read_as_fastavro_reads_them(name: str, bare: bool) -> None:
    schema = fastavro.parse_schema(SCHEMAS[name])
    raw = avro(schema, examples.of(SCHEMAS[name], bare=bare))
    assert raw is not None
    value, end = decoder(SCHEMAS[name])(b"head" + raw, 4)
    assert end == len(raw) + 4
    assert value == fastavro.schemaless_reader(io.BytesIO(raw), schema, None)


@pytest.mark.parametrize("name", SCHEMAS)
def test_broken_bytes_are_read_as_fastavro_reads_them_or_refused(name: str) -> None:
    schema, random = fastavro.parse_schema(SCHEMAS[name]), Random(name)
    raw = avro(schema, examples.of(SCHEMAS[name]))
    assert raw is not None
    decode, refused = decoder(SCHEMAS[name]), 0
    for _ in range(500):
        broken = bytearray(raw)
        at = random.randrange(len(broken))
        broken[at : at + random.choice((0, 1, 1, 2))] = random.randbytes(random.choice((0, 1, 1, 2, 11)))
        if random.random() < 0.2:
            del broken[random.randrange(len(broken)) :]
        try:
            value, end = decode(bytes(broken), 0)
        except UNREADABLE:
            refused += 1
            continue
        if end > len(broken):
            refused += 1
            continue
        stream = io.BytesIO(broken)
        assert repr(value) == repr(fastavro.schemaless_reader(stream, schema, None))
        assert end == stream.tell()
    assert 0 < refused < 500


def chosen(schema: Any, random: Random, named: dict[str, Any] | None = None) -> Fields:
    """Return some of the fields of a schema's records, at every depth."""
    named = {} if named is None else named
    schema = named.get(schema, schema) if isinstance(schema, str) else schema
    if isinstance(schema, list):
        return chosen(next(branch for branch in schema if branch != "null"), random, named)
    if isinstance(schema, str):
        return None
    if schema["type"] != "record":
        return chosen(schema.get("items") or schema.get("values") or schema["type"], random, named)
    named |= {schema["name"]: schema, f"songnodes.{schema['name']}": schema}
    fields = {field["name"]: chosen(field["type"], random, named) for field in schema["fields"]}
    some = {name: inner for name, inner in fields.items() if random.random() < 0.4}
    return some or fields  # one at least, by which `only` tells a record from a map


def only(value: Any, fields: Fields) -> Any:
    """Return a value without the fields that are not read."""
    if isinstance(value, list):
        return [only(item, fields) for item in value]
    if not isinstance(value, dict) or fields is None:
        return value
    if value.keys().isdisjoint(fields):  # a map
        return {key: only(item, fields) for key, item in value.items()}
    return {name: only(item, fields[name]) for name, item in value.items() if name in fields}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("bare", [False, True])
def test_fields_that_are_not_read_are_skipped(name: str, bare: bool) -> None:
    schema, random = SCHEMAS[name], Random(name)
    raw = avro(fastavro.parse_schema(schema), examples.of(schema, bare=bare))
    assert raw is not None
    whole, end = decoder(schema)(raw, 0)
    for _ in range(5):
        fields = chosen(schema, random)
        assert decoder(schema, fields)(raw, 0) == (only(whole, fields), end)


@pytest.mark.parametrize("name", SCHEMAS)
def test_broken_bytes_are_skipped_as_they_are_read(name: str) -> None:
    """Whatever the whole decoder takes has the same fields. What it refuses may be in a skipped field."""
    schema, random = SCHEMAS[name], Random(name)
    raw = avro(fastavro.parse_schema(schema), examples.of(schema))
    assert raw is not None
    fields = chosen(schema, random)
    decode, decode_some, taken = decoder(schema), decoder(schema, fields), 0
    for _ in range(300):
        broken = bytearray(raw)
        at = random.randrange(len(broken))
        broken[at : at + random.choice((0, 1, 1, 2))] = random.randbytes(random.choice((0, 1, 1, 2, 11)))
        try:
            value, end = decode(bytes(broken), 0)
        except UNREADABLE:
            with suppress(*UNREADABLE):
                decode_some(bytes(broken), 0)
            continue
        if end <= len(broken):
            taken += 1
            assert repr(decode_some(bytes(broken), 0)) == repr((only(value, fields), end))
    assert taken


@pytest.mark.parametrize("item", ["boolean", "double", "string", ["null", "long"]])
def test_items_beyond_the_bytes_are_not_skipped_one_by_one(item: Any) -> None:
    array = {"name": "a", "type": {"type": "array", "items": item}}
    decode = decoder({"type": "record", "name": "R", "fields": [array]}, {})
    with pytest.raises(IndexError):
        decode(zigzag(2**62) + b"\0", 0)


def test_blocks_with_sizes_are_read() -> None:
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": {"type": "array", "items": "int"}}],
    }
    raw = zigzag(-2) + zigzag(2) + zigzag(5) + zigzag(6) + zigzag(1) + zigzag(7) + zigzag(0)
    assert decoder(schema)(raw, 0) == ({"a": [5, 6, 7]}, len(raw))
    assert decoder(schema, {})(raw, 0) == ({}, len(raw))


@pytest.mark.parametrize("number", [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2**63 - 1, -(2**63)])
def test_integers_of_64_bits(number: int) -> None:
    raw = zigzag(number)
    assert raw == avro("long", number)
    assert read_long(b"x" + raw, 1) == (number, len(raw) + 1)


@pytest.mark.parametrize("logical", [{"type": "int", "logicalType": "date"}, KINDS[7]])
def test_numbers_that_equal_that_of_a_moment_are_no_moments(logical: Any) -> None:
    """The number of a moment is remembered by the moment; a fraction and a boolean may equal it."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "m", "type": ["null", logical]}]}
    for value in (1, True, 1.0, 1):
        assert generated(schema, {"m": value}) == avro(schema, {"m": value}), repr(value)


def test_larger_integers_are_refused() -> None:
    for number in (2**63, -(2**63) - 1):
        with pytest.raises(OverflowError):
            zigzag(number)
    for raw in (b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01", b"\x80" * 100):
        with pytest.raises(OverflowError):
            read_long(raw, 0)


def test_a_default_is_written_for_a_missing_field() -> None:
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "a", "type": "int", "default": 5},
            {"name": "b", "type": ["null", "string"], "default": None},
            {"name": "c", "type": ["null", "string"]},
        ],
    }
    assert generated(schema, {}) == avro(schema, {}) == zigzag(5) + b"\0\0"
