"""Encoding of table values."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import fastavro

from songnodes.errors import Fatal
from stream_processors.runtime.state.packing import Packer

#: Added to the version byte of packed values.
PACKED = 0x80

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


class SchemaValues:
    """Codec of values that follow Avro schemas, by kind of key: one version byte, then the packed value.

    `schemas` has, per first byte of the key, all versions ever written, oldest first. Values are written in
    the newest version and read as the newest, by Avro's rules of resolution. A version byte below PACKED is
    followed by Avro's own encoding: state was written so before values were packed.
    """

    def __init__(self, schemas: Mapping[bytes, Sequence[dict[str, Any]]]) -> None:
        if any(len(prefix) != 1 for prefix in schemas):
            raise ValueError("a kind of key is one byte")
        self._kinds = {prefix[0]: _Versions(versions) for prefix, versions in schemas.items()}

    def encode(self, key: bytes, value: Any) -> bytes:
        """Return the bytes of a value. Raises InvalidValue, UnreadableState for an unknown kind of key."""
        return self._versions(key).encode(value)

    def decode(self, key: bytes, raw: bytes) -> Any:
        """Return the value of bytes of any version. Raises UnreadableState."""
        versions = self._versions(key)
        is_packed, version = divmod(raw[0], PACKED)
        if not 1 <= version <= versions.newest:
            raise UnreadableState(key=key, version=version, newest=versions.newest)
        return versions.decode(version, raw) if is_packed else versions.decode_avro(version, raw)

    def _versions(self, key: bytes) -> "_Versions":
        try:
            return self._kinds[key[0]]
        except (KeyError, IndexError):
            raise UnreadableState(key=key) from None


class _Versions:
    """The versions of the values under one kind of key."""

    def __init__(self, schemas: Sequence[dict[str, Any]]) -> None:
        self.newest = len(schemas)
        self._schemas = [fastavro.parse_schema(schema) for schema in schemas]
        self._packers = {self.newest: Packer(self._schemas[-1])}  # of older versions on demand
        self._prefix = bytes((PACKED + self.newest,))

    def encode(self, value: Any) -> bytes:
        return self._prefix + self._packers[self.newest].pack(value)

    def decode(self, version: int, raw: bytes) -> Any:
        packer = self._packers.get(version)
        if packer is None:
            packer = self._packers[version] = Packer(self._schemas[version - 1])
        value = packer.unpack(memoryview(raw)[1:])
        return value if version == self.newest else self._resolve(version, value)

    def decode_avro(self, version: int, raw: bytes) -> Any:
        stream = io.BytesIO(raw)
        stream.seek(1)
        return fastavro.schemaless_reader(stream, self._schemas[version - 1], self._schemas[-1])

    def _resolve(self, version: int, value: Any) -> Any:
        """Return a value of an older version as the newest, by way of Avro: such values are rare."""
        out = io.BytesIO(bytes(1))
        out.seek(1)
        fastavro.schemaless_writer(out, self._schemas[version - 1], value)
        return self.decode_avro(version, out.getvalue())
