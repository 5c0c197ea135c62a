"""Partition of a key by its first part, as Java's and Faust's clients compute it."""

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import enrichments
from songnodes.messaging import topics
from songnodes.messaging.partitioning import murmur2, partition_of

TRACKS = [f"deadmau5-strobe-{number:08x}" for number in range(200)]


@given(st.binary(max_size=40))
def test_the_hash_is_that_of_the_other_clients(data: bytes) -> None:
    assert murmur2(data) == aiokafka_murmur2(data) & 0xFFFFFFFF


def test_all_answers_of_a_track_lie_where_its_facts_lie() -> None:
    """silver.appearances has the track id alone as its key."""
    for track in TRACKS:
        answers = {
            partition_of("bronze.enrichments", enrichments.answer_key(track, attempt).encode())
            for attempt in ("a", "b", "c" * 36)
        }
        facts = (aiokafka_murmur2(track.encode()) & 0x7FFFFFFF) % topics.partitions()
        assert answers == {facts}
    assert len({partition_of("bronze.enrichments", track.encode()) for track in TRACKS}) == 6


def test_other_topics_leave_it_to_the_client() -> None:
    assert partition_of("silver.appearances", b"a|b") is None


def test_a_key_has_a_track_and_an_attempt() -> None:
    assert enrichments.split_key(enrichments.answer_key("a-b", "1")) == ("a-b", "1")
    for broken in ("a-b", "|1", "a-b|", "a|b|1", "a\0|1", ""):
        with pytest.raises(enrichments.InvalidAnswerKey):
            enrichments.split_key(broken)
