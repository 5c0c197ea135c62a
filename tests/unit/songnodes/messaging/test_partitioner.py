"""The partition of a key is the one that Java's clients choose."""

import random

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2

from songnodes.messaging.partitioner import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_kafkas(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed % 2**32


def test_random_keys_have_the_hash_of_another_client() -> None:
    generator = random.Random(7)
    for length in range(70):
        key = generator.randbytes(length)
        assert murmur2(key) == aiokafka_murmur2(key) % 2**32


def test_partitions_are_in_range() -> None:
    assert {partition_of(b"%d" % number, 6) for number in range(100)} == set(range(6))
