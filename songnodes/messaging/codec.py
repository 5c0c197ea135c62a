"""Values on the wire: Confluent's form of Avro (a zero byte, the schema id, the record).

One codec serves Faust's stages and the plain clients, so that every topic reads the same everywhere.
"""

import io
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import cache
from typing import Any, Protocol

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from songnodes.errors import Poison, RegistryUnreachable
from songnodes.messaging import ranges, schemas
from songnodes.messaging.avro_decoding import Decode, decoder
from songnodes.messaging.avro_encoding import Encode, encoder
from songnodes.messaging.limits import MAX_VALUE_BYTES
from songnodes.messaging.record_fields import fields_of
from songnodes.messaging.topics import topic
from songnodes.postgres_text import storable_record
from songnodes.settings import Settings

HEADER = struct.Struct(">bI")
MAGIC = 0
NO_HEADER = b"\xff"  # no record begins with it
MAX_CAUSE_CHARS = 300  # the text of a mismatch has both schemas in it
#: What fastavro raises on bytes that do not follow the schema, and on another record's schema.
UNREADABLE = (
    EOFError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    StopIteration,
    struct.error,
    fastavro.read.SchemaResolutionError,
)


class NotAvro(Poison):
    """The value is not in the wire form: a zero byte, four bytes of schema id, Avro"""

    reason = "not_avro"


class UnknownSchema(Poison):
    """The registry has no schema of this id"""

    reason = "unknown_schema"


class BrokenAvro(Poison):
    """The value does not follow its schema"""

    reason = "broken_avro"


class OutOfDomain(Poison):
    """The value follows its schema and holds a number, a date, an id or a list that no reader can take"""

    reason = "out_of_domain"


class RecordTooLarge(Poison):
    """The record would exceed the size limit of its topic"""

    reason = "too_large"


class Registry(Protocol):
    """Source of the schemas of other writers."""

    def by_id(self, schema_id: int) -> dict[str, Any] | None: ...


class LiveRegistry:
    """The configured schema registry; schemas are immutable, so each id is fetched once."""

    def __init__(self, client: SchemaRegistryClient) -> None:
        self._client = client

    def by_id(self, schema_id: int) -> dict[str, Any] | None:
        try:
            with schemas.answering(schema_id=schema_id):
                schema = self._client.get_schema(schema_id)
        except SchemaRegistryError as error:
            if error.http_status_code == schemas.NOT_FOUND:
                return None
            raise RegistryUnreachable(str(error), schema_id=schema_id) from error
        if schema.schema_type != "AVRO":
            return None
        parsed: dict[str, Any] | None = json.loads(schema.schema_str or "null")
        return parsed


# Each made for its first record: a process reads and writes a few of the subjects, and all would take 0.15 s.
@cache
def _newest(subject: str) -> Any:
    return fastavro.parse_schema(schemas.newest(subject))


@cache
def _encoder(subject: str) -> Encode:
    return encoder(schemas.newest(subject))


@cache
def _decoder(subject: str, reads: type | None) -> Decode:
    return decoder(schemas.newest(subject), fields_of(reads))


@cache
def _check(subject: str, reads: type | None) -> ranges.Check:
    return ranges.checker(_newest(subject), fields_of(reads))


class Codec:
    """Encodes with the newest schema of a topic; decodes with the writer's, read as our newest."""

    def __init__(self, ids: Mapping[str, int], registry: Registry) -> None:
        self._registry = registry
        self._check_of: Callable[[str, type | None], ranges.Check] = _check
        self._reads: Mapping[str, type] = {}
        self._readers: dict[str, tuple[bytes, Decode, ranges.Check]] = {}
        self._headers = {name: HEADER.pack(MAGIC, schema_id) for name, schema_id in ids.items()}
        self._subjects = {schema_id: name for name, schema_id in ids.items()}
        self._writers: dict[int, Any] = {}

    @classmethod
    def connect(cls, settings: Settings) -> "Codec":
        """Return a codec by the configured registry. Raises SchemasMissing, RegistryUnreachable."""
        client = schemas.client(settings)
        return cls(schemas.known_ids(client), LiveRegistry(client))

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator["Codec"]:
        """Context manager of `connect` that closes the registry's connections."""
        with schemas.client(settings) as client:
            yield cls(schemas.known_ids(client), LiveRegistry(client))

    def reading(self, types: Mapping[str, type]) -> "Codec":
        """Return a codec that decodes, of records of these topics, the fields of a typed dictionary only.

        The other fields are skipped: nothing is said of their values, whose texts may be no UTF-8 and whose
        numbers may be out of their domain. A record that is cut off or too long is BrokenAvro as ever. One
        of an older schema is decoded whole.
        """
        codec = copy(self)
        codec._reads, codec._readers = {**self._reads, **types}, {}
        return codec

    def encode(self, logical: str, value: Mapping[str, Any]) -> bytes:
        """Return the wire form of a record of this topic. Raises BrokenAvro and RecordTooLarge."""
        subject = _subject(logical)
        header = self._headers[subject]
        try:
            raw = _encoder(subject)(value, header)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            cause = f"{type(error).__name__} {error}"
            raise BrokenAvro(f"a {logical} record cannot be written: {cause}") from error
        if len(raw) > MAX_VALUE_BYTES:
            raise RecordTooLarge(logical, size=len(raw), limit=MAX_VALUE_BYTES)
        return raw

    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]:
        """Return a record in the wire form as our newest schema reads it.

        The character NUL in a text, which PostgreSQL cannot store, becomes U+FFFD here, for all consumers
        alike. Raises NotAvro, UnknownSchema, BrokenAvro, OutOfDomain; RegistryUnreachable when a schema is
        needed and the registry does not respond.
        """
        if raw is None or len(raw) < HEADER.size or raw[0] != MAGIC:
            raise NotAvro(logical, size=None if raw is None else len(raw))
        header, decode, check = self._readers.get(logical) or self._reader(logical)
        try:
            if raw.startswith(header):  # written with our newest schema
                value, end = decode(raw, HEADER.size)
            else:
                value, end = self._resolve(_subject(logical), raw)
        except UNREADABLE as error:
            cause = repr(error)[:MAX_CAUSE_CHARS]
            raise BrokenAvro(logical, schema_id=_schema_id(raw), cause=cause) from error
        if end != len(raw):
            cause = "bytes after the record" if end < len(raw) else "the record is cut off"
            raise BrokenAvro(logical, schema_id=_schema_id(raw), cause=cause)
        if not isinstance(value, dict):
            raise BrokenAvro(logical, schema_id=_schema_id(raw), cause="not a record")
        if (reason := check(value)) is None:
            return value
        if reason == ranges.NUL_IN_TEXT:
            return storable_record(value)
        raise OutOfDomain(f"{logical}: {reason[:MAX_CAUSE_CHARS]}", schema_id=_schema_id(raw))

    def _reader(self, logical: str) -> tuple[bytes, Decode, ranges.Check]:
        """Return what each record of a topic is decoded with: to look it up per record took 1 microsecond."""
        subject, reads = _subject(logical), self._reads.get(logical)
        header = self._headers.get(subject, NO_HEADER)
        reader = (header, _decoder(subject, reads), self._check_of(subject, reads))
        self._readers[logical] = reader
        return reader

    def _resolve(self, subject: str, raw: bytes) -> tuple[Any, int]:
        """Return the record of another writer's schema, read as our newest, and the position after it."""
        stream = io.BytesIO(raw)
        stream.seek(HEADER.size)
        writer = self._writer(_schema_id(raw))
        return fastavro.schemaless_reader(stream, writer, _newest(subject)), stream.tell()

    def check(self, logical: str, value: Mapping[str, Any]) -> None:
        """Raise OutOfDomain for a record that no consumer would accept. `encode` writes any value: only
        a writer whose values come from outside has to check them."""
        reason = self._check_of(_subject(logical), None)(value)
        if reason is not None and reason != ranges.NUL_IN_TEXT:
            raise OutOfDomain(f"{logical}: {reason[:MAX_CAUSE_CHARS]}")

    def _writer(self, schema_id: int) -> Any:
        if schema_id in self._subjects:
            return _newest(self._subjects[schema_id])
        if schema_id not in self._writers:
            schema = self._registry.by_id(schema_id)
            if schema is None:
                raise UnknownSchema(schema_id=schema_id)
            self._writers[schema_id] = fastavro.parse_schema(schema)
        return self._writers[schema_id]


def _schema_id(raw: bytes) -> int:
    schema_id: int = HEADER.unpack_from(raw)[1]
    return schema_id


@cache
def _subject(logical: str) -> str:
    subject = topic(logical).schema
    if subject is None:
        raise NotAvro(f"{logical} has no schema")
    return subject
