"""Records of a dead-letter topic: those that could not be processed.

Key and value are the original's bytes, its headers are kept, and headers of ours give reason and origin. The
time of failure is the dead letter's own timestamp.

Kafka's limits are of compressed batches, so that a record of another writer may be larger than our producer
sends. Its dead letter gives reason and origin, and names what it leaves out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from songnodes.errors import Poison
from songnodes.messaging.limits import MAX_MESSAGE_BYTES

PREFIX = "dlq."
MAX_MESSAGE_CHARS = 500  # of an error's text; the bytes themselves are in the record
#: An original's key, value and headers that fit into a dead letter with ours.
MAX_ORIGINAL_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
#: Names what a dead letter does not have of its record: any of key, value, headers.
LEFT_OUT = PREFIX + "left_out"
#: Size of a key, or of all headers, that is kept where the value is left out.
MAX_KEPT_BYTES = 64 * 1024

Headers = Iterable[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a record of `topic` (its name on the broker) became a dead letter.

    `timestamp` is the original's, in milliseconds since 1970, UTC. `attempt` counts from 1 and grows when a
    reinserted record fails again.
    """

    stage: str
    reason: str
    error: str
    message: str
    topic: str
    partition: int
    offset: int
    timestamp: int
    attempt: int = 1

    @classmethod
    def of(
        cls,
        poison: Poison,
        *,
        stage: str,
        topic: str,
        partition: int,
        offset: int,
        timestamp: int,
        headers: Headers,
    ) -> "Reason":
        """Return the reason for a record with these headers."""
        earlier = read(headers)
        return cls(
            stage=stage,
            reason=poison.reason,
            error=type(poison).__name__,
            message=str(poison)[:MAX_MESSAGE_CHARS],
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=timestamp,
            attempt=earlier.attempt + 1 if earlier else 1,
        )

    def headers(self, original: Headers) -> list[tuple[str, bytes | None]]:
        """Return the dead letter's headers: the original's without an earlier reason, then this one."""
        ours = [(PREFIX + name, str(getattr(self, name)).encode(errors="replace")) for name in self.__slots__]
        return [*without_reason(original), *ours]


def read(headers: Headers) -> Reason | None:
    """Return the reason in headers, or None where there is none or only part of one.

    Kafka allows headers of any bytes, and of none: a record must not stop a stage by its headers.
    """
    fields = {
        name[len(PREFIX) :]: value.decode(errors="replace")
        for name, value in headers
        if name.startswith(PREFIX) and value is not None
    }
    try:
        return Reason(
            stage=fields["stage"],
            reason=fields["reason"],
            error=fields["error"],
            message=fields["message"],
            topic=fields["topic"],
            partition=int(fields["partition"]),
            offset=int(fields["offset"]),
            timestamp=int(fields["timestamp"]),
            attempt=int(fields["attempt"]),
        )
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Key, value and headers of a dead letter."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def letter(reason: Reason, key: bytes | None, value: bytes | None, original: Headers) -> Letter:
    """Return the dead letter of a record, without the parts that make it larger than a producer sends."""
    kept = without_reason(original)
    of_headers = sum(len(name) + len(content or b"") for name, content in kept)
    left_out = []
    if len(key or b"") + len(value or b"") + of_headers > MAX_ORIGINAL_BYTES:
        left_out.append("value")
        value = None
        if len(key or b"") > MAX_KEPT_BYTES:
            left_out.append("key")
            key = (key or b"")[:MAX_KEPT_BYTES]
        if of_headers > MAX_KEPT_BYTES:
            left_out.append("headers")
            kept = []
    headers = reason.headers(kept)
    if left_out:
        headers.append((LEFT_OUT, ", ".join(left_out).encode()))
    return Letter(key=key, value=value, headers=headers)


def left_out(headers: Headers) -> str | None:
    """Return the parts that a dead letter does not have of its record, in words; None if it is whole."""
    return next(
        ((value or b"").decode(errors="replace") for name, value in headers if name == LEFT_OUT), None
    )


def without_reason(headers: Headers) -> list[tuple[str, bytes | None]]:
    """Return the headers of the original record."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]
