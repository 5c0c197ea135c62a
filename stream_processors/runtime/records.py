"""Records as agents see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from stream_processors.runtime.errors import BadKey, NoValue


class RawRecord(Protocol):
    """A record as it was fetched. `timestamp` is milliseconds since 1970, UTC."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int | None: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A raw record outside Faust."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Codec(Protocol):
    """Values of topics, by logical name; both directions raise Poison."""

    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]: ...

    def encode(self, logical: str, value: Mapping[str, Any]) -> bytes: ...


class Record(NamedTuple):
    """A decoded record. Not a dataclass: made for every record, in a third of the time.

    `topic` is the logical name; `source` is that of its writer's version too ("silver.appearances.v2"), since
    offsets of two versions have nothing to do with each other. `timestamp` is UTC.
    """

    topic: str
    source: str
    partition: int
    offset: int
    timestamp: datetime
    key: str
    value: dict[str, Any]
    headers: tuple[tuple[str, bytes], ...]


def decode(raw: RawRecord, codec: Codec, *, logical: str, source: str) -> Record:
    """Raises BadKey, NoValue, and what the codec raises: all of them poison."""
    if raw.key is None:
        raise BadKey("a record without key")
    try:
        key = raw.key.decode()
    except UnicodeDecodeError as error:
        raise BadKey(str(error)) from error
    if raw.value is None:
        raise NoValue(key=key)
    return Record(
        topic=logical,
        source=source,
        partition=raw.partition,
        offset=raw.offset,
        timestamp=datetime.fromtimestamp((raw.timestamp or 0) / 1000, UTC),
        key=key,
        value=codec.decode(logical, raw.value),
        headers=tuple(raw.headers or ()),
    )
