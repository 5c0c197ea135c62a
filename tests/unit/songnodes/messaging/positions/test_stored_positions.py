"""Decisions about stored positions."""

import pytest

from songnodes.errors import Fenced, PositionLost, TopicReplaced, TopicSuperseded
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.stored import SUPERSEDED, StoredPosition, check_advance, check_positions

PARTITION = Partition("topic", 0)


def check(offset: int, *, topic_id: str = "id", logs: dict[Partition, Bounds] | None = None) -> None:
    stored = {PARTITION: StoredPosition(next_offset=offset, topic_id=topic_id)}
    check_positions(stored, logs or {PARTITION: Bounds(start=3, end=10)}, {"topic": "id"})


@pytest.mark.parametrize("offset", [3, 7, 10])
def test_a_position_in_the_log_is_valid(offset: int) -> None:
    check(offset)


@pytest.mark.parametrize("offset", [2, 11])
def test_a_position_outside_the_log_is_lost(offset: int) -> None:
    with pytest.raises(PositionLost) as caught:
        check(offset)
    assert (caught.value.position, caught.value.low, caught.value.high) == (offset, 3, 10)


def test_a_partition_whose_log_is_not_read_is_valid() -> None:
    check(11, logs={Partition("topic", 1): Bounds(start=0, end=0)})


def test_a_position_of_an_earlier_topic_of_the_same_name_is_not_valid() -> None:
    with pytest.raises(TopicReplaced):
        check(7, topic_id="earlier")


def test_a_position_of_a_topic_that_is_not_read_any_more_is_not_valid() -> None:
    with pytest.raises(TopicReplaced):
        check_positions({PARTITION: StoredPosition(next_offset=1, topic_id="id")}, {}, {"other": "id"})


def test_a_position_of_a_replaced_version_of_the_stage_is_not_valid() -> None:
    with pytest.raises(TopicSuperseded):
        check(7, topic_id=SUPERSEDED)


def test_positions_that_all_moved_are_advanced() -> None:
    assert check_advance({0: 3, 1: 2}, {0: 9, 1: 5}, 2, {})


def test_positions_that_an_earlier_commit_moved_are_not_advanced_again() -> None:
    assert not check_advance({0: 3}, {0: 9}, 0, {0: 9, 1: 4})


@pytest.mark.parametrize(
    ("stored", "moved"), [({0: 5, 1: 2}, 0), ({0: 9, 1: 2}, 0), ({0: 9, 1: 5}, 1), ({}, 0)]
)
def test_any_other_outcome_is_another_owner(stored: dict[int, int], moved: int) -> None:
    with pytest.raises(Fenced) as caught:
        check_advance({0: 3, 1: 2}, {0: 9, 1: 5}, moved, stored)
    assert caught.value.stored == stored
