"""The codec: round trips, and a named Poison for everything that is no record."""

import io
from contextlib import suppress
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.errors import Poison
from songnodes.messaging import schemas
from songnodes.messaging.codec import HEADER, BrokenAvro, Codec, NotAvro, TooLarge, UnknownSchema
from songnodes.messaging.limits import MAX_VALUE_BYTES
from tests.unit.songnodes.messaging import examples

SUBJECTS = sorted(schemas.subjects())
IDS = {subject: number for number, subject in enumerate(SUBJECTS, start=1)}
FOREIGN = 500  # a schema of somebody else's
UNKNOWN = 999


@pytest.fixture
def registry() -> examples.Schemas:
    foreign = {"type": "record", "name": "Other", "fields": [{"name": "n", "type": "int"}]}
    return examples.Schemas({FOREIGN: foreign})


@pytest.fixture
def codec(registry: examples.Schemas) -> Codec:
    return Codec(IDS, registry)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("bare", [False, True])
def test_what_is_written_is_read(codec: Codec, subject: str, bare: bool) -> None:
    value = examples.record(subject, bare=bare)
    assert codec.decode(subject, codec.encode(subject, value)) == value


def test_the_wire_form_is_confluents(codec: Codec) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    assert HEADER.unpack_from(raw) == (0, IDS["bronze.pages"])


def test_own_ids_are_never_asked_for_and_others_once(codec: Codec, registry: examples.Schemas) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    codec.decode("bronze.pages", raw)
    assert registry.asked == []
    older = HEADER.pack(0, FOREIGN) + raw[HEADER.size :]
    registry.known[FOREIGN] = schemas.newest("bronze.pages")
    for _ in range(2):
        codec.decode("bronze.pages", older)
    assert registry.asked == [FOREIGN]


@pytest.mark.parametrize("raw", [None, b"", b"\0", b"\0\0\0\0", b"\1\0\0\0\1x", b"<html>", b"{}"])
def test_not_the_wire_form(codec: Codec, raw: bytes | None) -> None:
    with pytest.raises(NotAvro):
        codec.decode("bronze.pages", raw)


def test_an_unknown_id(codec: Codec) -> None:
    with pytest.raises(UnknownSchema, match="999"):
        codec.decode("bronze.pages", HEADER.pack(0, UNKNOWN) + b"x")


def test_a_record_of_another_topic(codec: Codec) -> None:
    raw = codec.encode("silver.redirects", examples.record("silver.redirects"))
    with pytest.raises(BrokenAvro) as caught:
        codec.decode("bronze.pages", raw)
    assert len(str(caught.value)) < 1000  # and not both schemas


def test_a_record_of_somebody_else(codec: Codec) -> None:
    with pytest.raises(BrokenAvro):
        codec.decode("bronze.pages", HEADER.pack(0, FOREIGN) + b"\x02")


def test_bytes_after_the_record(codec: Codec) -> None:
    raw = codec.encode("bronze.pages", examples.record("bronze.pages"))
    with pytest.raises(BrokenAvro, match="bytes after"):
        codec.decode("bronze.pages", raw + b"\0")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_cut_is_noticed(codec: Codec, subject: str) -> None:
    raw = codec.encode(subject, examples.record(subject))
    for length in range(len(raw)):
        with pytest.raises(Poison):
            codec.decode(subject, raw[:length])


def test_a_topic_without_schema(codec: Codec) -> None:
    with pytest.raises(NotAvro):
        codec.decode("parse.dlq", HEADER.pack(0, 1))


@pytest.mark.parametrize(
    "change",
    [{"status": "200"}, {"body": "text"}, {"url": None}, {"fetched_at": "today"}, {"headers": {"a": 1}}],
    ids=lambda change: next(iter(change)),
)
def test_a_value_that_does_not_follow_the_schema(codec: Codec, change: dict[str, Any]) -> None:
    with pytest.raises(BrokenAvro):
        codec.encode("bronze.pages", examples.record("bronze.pages") | change)


def test_a_missing_field(codec: Codec) -> None:
    value = examples.record("bronze.pages")
    del value["url"]
    with pytest.raises(BrokenAvro):
        codec.encode("bronze.pages", value)


def test_what_would_not_fit_the_topic(codec: Codec) -> None:
    value = examples.record("bronze.pages")
    room = (
        MAX_VALUE_BYTES - len(codec.encode("bronze.pages", value | {"body": b""})) - 4
    )  # its length, as a varint
    codec.encode("bronze.pages", value | {"body": bytes(room)})
    with pytest.raises(TooLarge, match=str(MAX_VALUE_BYTES)):
        codec.encode("bronze.pages", value | {"body": bytes(room + 10)})


@given(st.sampled_from(SUBJECTS), st.integers(0, 40), st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_arbitrary_bytes_raise_poison_or_are_a_record(subject: str, schema_id: int, body: bytes) -> None:
    codec = Codec(IDS, examples.Schemas())
    for raw in (body, HEADER.pack(0, schema_id) + body):
        with suppress(Poison):
            assert isinstance(codec.decode(subject, raw), dict)


@given(st.sampled_from(SUBJECTS), st.data())
@settings(max_examples=500, deadline=None)
def test_a_damaged_record_raises_poison_or_is_another(subject: str, data: st.DataObject) -> None:
    codec = Codec(IDS, examples.Schemas())
    raw = bytearray(codec.encode(subject, examples.record(subject)))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Poison):
        assert isinstance(codec.decode(subject, bytes(raw)), dict)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_value_with_junk_in_a_field_raises_poison_or_is_written(data: st.DataObject) -> None:
    codec = Codec(IDS, examples.Schemas())
    subject = data.draw(st.sampled_from(SUBJECTS))
    value = examples.record(subject)
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JUNK)
    with suppress(Poison):
        codec.decode(subject, codec.encode(subject, value))


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
def test_a_registered_schema_that_is_no_record_of_avro(answer: Any) -> None:
    """Anybody may register one: a protobuf, a reference, a bare type."""
    codec = Codec(IDS, examples.Schemas({FOREIGN: answer}))
    with pytest.raises(Poison):
        codec.decode("bronze.pages", HEADER.pack(0, FOREIGN) + b"\x02a")


def test_a_page_written_by_a_plain_avro_writer_is_read(codec: Codec) -> None:
    """Nothing of the form is ours alone."""
    out = io.BytesIO(HEADER.pack(0, IDS["bronze.pages"]))
    out.seek(HEADER.size)
    value = examples.record("bronze.pages")
    fastavro.schemaless_writer(out, schemas.newest("bronze.pages"), value)
    assert codec.decode("bronze.pages", out.getvalue()) == value
