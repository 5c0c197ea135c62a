"""The codec: round trips, and a named Poison for everything that is not a valid record."""

import io
from contextlib import suppress
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.errors import Poison
from songnodes.messaging import schemas
from songnodes.messaging.codec import HEADER, BrokenAvro, Codec, NotAvro, RecordTooLarge, UnknownSchema
from songnodes.messaging.limits import MAX_VALUE_BYTES
from tests.unit.songnodes.messaging import examples

SUBJECTS = sorted(schemas.subjects())
IDS = {subject: number for number, subject in enumerate(SUBJECTS, start=1)}
FOREIGN = 500  # id of a schema of another application
UNKNOWN = 999
#: Of the properties: to parse all schemas takes 50 ms, which each example would pay.
CODEC = Codec(IDS, examples.Schemas())


@pytest.fixture
def registry() -> examples.Schemas:
    foreign = {"type": "record", "name": "Other", "fields": [{"name": "n", "type": "int"}]}
    return examples.Schemas({FOREIGN: foreign})


@pytest.fixture
def codec(registry: examples.Schemas) -> Codec:
    return Codec(IDS, registry)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("bare", [False, True])
def test_a_written_record_is_read_back(codec: Codec, subject: str, bare: bool) -> None:
    value = examples.record(subject, bare=bare)
    assert CODEC.decode(subject, CODEC.encode(subject, value)) == value


def test_the_wire_format_is_confluents(codec: Codec) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    assert HEADER.unpack_from(raw) == (0, IDS["bronze.pages"])


def test_own_ids_are_never_looked_up_and_foreign_ids_once(codec: Codec, registry: examples.Schemas) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    codec.decode("bronze.pages", raw)
    assert registry.lookups == []
    older = HEADER.pack(0, FOREIGN) + raw[HEADER.size :]
    registry.known[FOREIGN] = schemas.newest("bronze.pages")
    for _ in range(2):
        codec.decode("bronze.pages", older)
    assert registry.lookups == [FOREIGN]


@pytest.mark.parametrize("raw", [None, b"", b"\0", b"\0\0\0\0", b"\1\0\0\0\1x", b"<html>", b"{}"])
def test_bytes_in_another_format_are_poison(codec: Codec, raw: bytes | None) -> None:
    with pytest.raises(NotAvro):
        codec.decode("bronze.pages", raw)


def test_an_unknown_schema_id_is_poison(codec: Codec) -> None:
    with pytest.raises(UnknownSchema, match="999"):
        codec.decode("bronze.pages", HEADER.pack(0, UNKNOWN) + b"x")


def test_a_record_of_another_topic_is_poison(codec: Codec) -> None:
    raw = codec.encode("silver.redirects", examples.record("silver.redirects"))
    with pytest.raises(BrokenAvro) as caught:
        codec.decode("bronze.pages", raw)
    assert len(str(caught.value)) < 1000  # and not both schemas


def test_a_record_of_a_foreign_schema_is_poison(codec: Codec) -> None:
    with pytest.raises(BrokenAvro):
        codec.decode("bronze.pages", HEADER.pack(0, FOREIGN) + b"\x02")


def test_bytes_after_the_record_are_poison(codec: Codec) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    with pytest.raises(BrokenAvro, match="bytes after"):
        codec.decode("bronze.pages", raw + b"\0")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_truncation_is_detected(codec: Codec, subject: str) -> None:
    raw = codec.encode(subject, examples.record(subject))
    for length in range(len(raw)):
        with pytest.raises(Poison):
            codec.decode(subject, raw[:length])


def test_a_topic_without_a_schema_is_an_error(codec: Codec) -> None:
    with pytest.raises(NotAvro):
        codec.decode("parse.dlq", HEADER.pack(0, 1))


@pytest.mark.parametrize(
    "change",
    [{"status": "200"}, {"body": "text"}, {"url": None}, {"fetched_at": "today"}, {"headers": {"a": 1}}],
    ids=lambda change: next(iter(change)),
)
def test_a_value_that_violates_the_schema_is_an_error(codec: Codec, change: dict[str, Any]) -> None:
    with pytest.raises(BrokenAvro):
        codec.encode("bronze.pages", examples.record("bronze.pages") | change)


def test_a_missing_field_is_an_error(codec: Codec) -> None:
    value = examples.record("bronze.pages")
    del value["url"]
    with pytest.raises(BrokenAvro):
        codec.encode("bronze.pages", value)


def test_a_record_larger_than_the_topic_allows_is_an_error(codec: Codec) -> None:
    value = examples.record("bronze.pages")
    room = (
        MAX_VALUE_BYTES - len(codec.encode("bronze.pages", value | {"body": b""})) - 4
    )  # its length, as a varint
    codec.encode("bronze.pages", value | {"body": bytes(room)})
    with pytest.raises(RecordTooLarge, match=str(MAX_VALUE_BYTES)):
        codec.encode("bronze.pages", value | {"body": bytes(room + 10)})


@given(st.sampled_from(SUBJECTS), st.integers(0, 40), st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_arbitrary_bytes_are_poison_or_a_record(subject: str, schema_id: int, body: bytes) -> None:
    for raw in (body, HEADER.pack(0, schema_id) + body):
        with suppress(Poison):
            assert isinstance(CODEC.decode(subject, raw), dict)


@given(st.sampled_from(SUBJECTS), st.data())
@settings(max_examples=500, deadline=None)
def test_a_damaged_record_is_poison_or_another_record(subject: str, data: st.DataObject) -> None:
    raw = bytearray(CODEC.encode(subject, examples.record(subject)))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Poison):
        assert isinstance(CODEC.decode(subject, bytes(raw)), dict)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_value_with_junk_in_a_field_is_refused_or_written(data: st.DataObject) -> None:
    subject = data.draw(st.sampled_from(SUBJECTS))
    value = examples.record(subject)
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JUNK)
    with suppress(Poison):
        CODEC.decode(subject, CODEC.encode(subject, value))


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "record", "name": "songnodes.Page", "fields": [{"name": "x", "type": "no.such.Type"}]},
        {"type": "enum", "name": "songnodes.Page"},
        {"syntax": "proto3"},
        "string",
        None,
    ],
)
def test_a_registered_schema_that_is_not_an_avro_record_is_poison(answer: Any) -> None:
    """Any client can register one: a protobuf, a reference, a bare type."""
    codec = Codec(IDS, examples.Schemas({FOREIGN: answer}))
    with pytest.raises(Poison):
        codec.decode("bronze.pages", HEADER.pack(0, FOREIGN) + b"\x02a")


def test_a_page_written_by_a_plain_avro_writer_is_read(codec: Codec) -> None:
    """The format has nothing specific to this project."""
    out = io.BytesIO(HEADER.pack(0, IDS["bronze.pages"]))
    out.seek(HEADER.size)
    value = examples.record("bronze.pages")
    fastavro.schemaless_writer(out, schemas.newest("bronze.pages"), value)
    assert codec.decode("bronze.pages", out.getvalue()) == value
