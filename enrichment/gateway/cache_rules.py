"""Rules of the cache: which answers are stored, for how long, and when they are stale. Pure.

Times are seconds since 1970.
"""

import msgspec
import zstandard

from enrichment.types import Operation, Outcome, Response

#: Misses in succession double the time until the next request, from the operation's negative time to this.
MAX_NEGATIVE_TTL_S = 32 * 86400.0
#: An answer past its time is kept for so long: it is used while the provider has none, and counts misses.
STALE_S = 60 * 86400.0
MIN_COMPRESSED_BYTES = 512
#: Headers that are stored: the others are about the connection, or may identify the account.
HEADERS = frozenset({"content-type", "date", "etag", "last-modified", "retry-after", "content-language"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A cached answer. `misses` counts those in succession, `fresh_until` is the end of its time."""

    status: int
    headers: dict[str, str]
    body: bytes
    latency_ms: int
    received: float
    outcome: str
    fresh_until: float
    misses: int = 0
    note: str | None = None
    is_slice: bool = False


#: One for all calls, which are those of one thread: a new one costs as much as its work.
_DECOMPRESSOR = zstandard.ZstdDecompressor()
_ENTRIES = msgspec.msgpack.Decoder(Entry)


def is_cacheable(outcome: Outcome) -> bool:
    """Return True for an answer that a later call may reuse."""
    return outcome in ("hit", "miss")


def entry_of(
    response: Response,
    outcome: Outcome,
    operation: Operation,
    previous: Entry | None,
    *,
    now: float,
    note: str | None = None,
    is_slice: bool = False,
) -> Entry:
    """Return the entry of an answer that is cacheable; `previous` is the one that it replaces."""
    misses = 0 if outcome == "hit" else (previous.misses if previous else 0) + 1
    return Entry(
        status=response.status,
        headers={name: value for name, value in response.headers.items() if name in HEADERS},
        body=response.body,
        latency_ms=response.latency_ms,
        received=response.received.timestamp(),
        outcome=outcome,
        fresh_until=now + ttl_s(operation, misses),
        misses=misses,
        note=note,
        is_slice=is_slice,
    )


def ttl_s(operation: Operation, misses: int) -> float:
    """Return the seconds for which an answer is fresh: a hit, or one of several misses in succession."""
    if not misses:
        return operation.cache_ttl_s
    longest = max(MAX_NEGATIVE_TTL_S, operation.negative_ttl_s)
    return float(min(operation.negative_ttl_s * 2 ** min(misses - 1, 30), longest))


def stored_s(entry: Entry, now: float, retention_s: float | None) -> float:
    """Return the seconds for which an entry is stored; 0 for none. A licence may end before it is stale."""
    until = entry.fresh_until + STALE_S
    if retention_s is not None:
        until = min(until, entry.received + retention_s)
    return max(until - now, 0.0)


def is_fresh(entry: Entry, now: float) -> bool:
    """Return True while no request is needed."""
    return now < entry.fresh_until


def dump(entry: Entry) -> bytes:
    """Return the stored form: a flag for compression, then MessagePack."""
    packed = msgspec.msgpack.encode(entry)
    if len(packed) < MIN_COMPRESSED_BYTES:
        return b"\0" + packed
    return b"\1" + zstandard.compress(packed, 1)


def load(stored: bytes) -> Entry | None:
    """Return the entry of a stored form; None for one that another version wrote."""
    try:
        packed = _DECOMPRESSOR.decompress(stored[1:]) if stored[:1] == b"\1" else stored[1:]
        return _ENTRIES.decode(packed)
    except (msgspec.MsgspecError, zstandard.ZstdError):
        return None
