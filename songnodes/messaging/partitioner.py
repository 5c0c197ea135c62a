"""Partition of a key, as Java's clients and ours (`clients.PARTITIONER`) choose it."""

from struct import unpack_from

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_MASK = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key in a topic of so many partitions."""
    return (murmur2(key) & _POSITIVE) % partitions


def murmur2(data: bytes) -> int:
    """Return Kafka's 32-bit MurmurHash2 as an unsigned number."""
    length = len(data)
    value = _SEED ^ length
    words = length >> 2
    for word in unpack_from(f"<{words}I", data):
        word = word * _MULTIPLIER & _MASK
        value = (value * _MULTIPLIER ^ (word ^ word >> 24) * _MULTIPLIER) & _MASK
    if rest := data[words << 2 :]:
        value = (value ^ int.from_bytes(rest, "little")) * _MULTIPLIER & _MASK
    value = (value ^ value >> 13) * _MULTIPLIER & _MASK
    return value ^ value >> 15
