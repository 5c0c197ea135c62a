"""Partition of a key: the algorithm of Java's client and Faust's, for topics that use a part of the key only.

A record of `bronze.enrichments` has the key `track_id|attempt_id`, so that one answer can be withdrawn, and
lies in the partition of its track, so that one worker has all answers of a track.
"""

from songnodes.messaging import topics

SEPARATOR = b"|"

_SEED = 0x9747B28C
_FACTOR = 0x5BD1E995
_WORD = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def partition_of(logical: str, key: bytes) -> int | None:
    """Return the partition of a record; None where the client's partitioner applies to the whole key."""
    topic = topics.topic(logical)
    if not topic.by_first_part:
        return None
    return (murmur2(key.partition(SEPARATOR)[0]) & _POSITIVE) % topic.partitions


def murmur2(data: bytes) -> int:
    """Return the hash of Java's default partitioner, 32 bits unsigned."""
    value = (_SEED ^ len(data)) & _WORD
    whole = len(data) - len(data) % 4
    for start in range(0, whole, 4):
        word = (int.from_bytes(data[start : start + 4], "little") * _FACTOR) & _WORD
        word = ((word ^ (word >> 24)) * _FACTOR) & _WORD
        value = ((value * _FACTOR) & _WORD) ^ word
    if rest := data[whole:]:
        value = ((value ^ int.from_bytes(rest, "little")) * _FACTOR) & _WORD
    value = ((value ^ (value >> 13)) * _FACTOR) & _WORD
    return value ^ (value >> 15)
