"""Encoding of table values."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import fastavro

from songnodes.errors import Fatal

V = TypeVar("V")


class UnreadableState(Fatal):
    """A stored value has a version or a kind of key that this code does not know"""

    remedy = "State is read by the code that wrote it or newer; a downgrade needs a rebuild"


class ValueCodec(Protocol[V]):
    """Encodes the values of one table. `key` identifies the kind of a value where a table has several."""

    def encode(self, key: bytes, value: V) -> bytes: ...

    def decode(self, key: bytes, raw: bytes) -> V: ...


class BytesValues:
    """Codec of values that are bytes already."""

    def encode(self, key: bytes, value: bytes) -> bytes:
        return value

    def decode(self, key: bytes, raw: bytes) -> bytes:
        return raw


class AvroValues:
    """Avro codec by kind of key: one version byte, then the record in the schema of that version.

    `schemas` has, per first byte of the key, all versions ever written, oldest first. Values are written in
    the newest version and read as the newest.
    """

    def __init__(self, schemas: Mapping[bytes, Sequence[dict[str, Any]]]) -> None:
        if any(len(prefix) != 1 for prefix in schemas):
            raise ValueError("a kind of key is one byte")
        self._schemas = {
            prefix[0]: [fastavro.parse_schema(schema) for schema in versions]
            for prefix, versions in schemas.items()
        }

    def encode(self, key: bytes, value: Any) -> bytes:
        versions = self._versions(key)
        out = io.BytesIO()
        out.write(bytes((len(versions),)))
        fastavro.schemaless_writer(out, versions[-1], value)
        return out.getvalue()

    def decode(self, key: bytes, raw: bytes) -> Any:
        versions = self._versions(key)
        version = raw[0]
        if not 1 <= version <= len(versions):
            raise UnreadableState(key=key, version=version, newest=len(versions))
        stream = io.BytesIO(raw)
        stream.seek(1)
        writer = versions[version - 1]
        # The reader's schema costs a third of the time and is needed for older versions only.
        reader = None if version == len(versions) else versions[-1]
        return fastavro.schemaless_reader(stream, writer, reader)

    def _versions(self, key: bytes) -> list[Any]:
        try:
            return self._schemas[key[0]]
        except (KeyError, IndexError):
            raise UnreadableState(key=key) from None
