"""Offsets at which a sink starts, and errors that end it: without a database."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from sinks.offsets import Offsets
from songnodes.errors import Fenced, PositionLost, TopicReplaced
from songnodes.messaging.log_offsets import Bounds

OFFSETS = Offsets(sink="s", topic="t", topic_id="id")


@dataclass
class Connection:
    """Returns `stored_offsets`, and `moved` rows for an update."""

    stored_offsets: dict[int, int]
    moved: int = 0
    topic_id: str = "id"
    executed: list[Any] = field(default_factory=list)

    async def execute(self, *arguments: Any) -> None:
        self.executed.append(arguments)

    async def fetch(self, statement: str, *_: Any) -> list[dict[str, Any]]:
        if "UPDATE" in statement:
            return [{"part": part} for part in range(self.moved)]
        return [
            {"part": part, "next_offset": offset, "topic_id": self.topic_id}
            for part, offset in self.stored_offsets.items()
        ]


def read(connection: Any, logs: dict[int, Bounds]) -> dict[int, int]:
    return asyncio.run(OFFSETS.read(connection, logs))


def advance(connection: Any, expected: dict[int, int], ends: dict[int, int]) -> bool:
    return asyncio.run(OFFSETS.advance(connection, expected, ends))


def test_reading_begins_at_the_stored_position() -> None:
    assert read(Connection({0: 5, 1: 7}), {0: Bounds(start=0, end=9)}) == {0: 5}


@pytest.mark.parametrize("position", [2, 11])
def test_a_position_outside_the_log_ends_the_process(position: int) -> None:
    with pytest.raises(PositionLost):
        read(Connection({0: position}), {0: Bounds(start=3, end=10)})


@pytest.mark.parametrize("position", [3, 10])
def test_both_ends_of_the_log_are_in_it(position: int) -> None:
    assert read(Connection({0: position}), {0: Bounds(start=3, end=10)}) == {0: position}


def test_another_topic_of_the_same_name_is_another_topic() -> None:
    with pytest.raises(TopicReplaced):
        read(Connection({0: 5}, topic_id="older"), {0: Bounds(start=0, end=9)})


def test_positions_move_from_where_they_were_expected() -> None:
    assert advance(Connection({}, moved=1), {0: 3}, {0: 9})


def test_a_commit_whose_response_was_lost_is_not_written_again() -> None:
    assert not advance(Connection({0: 9, 1: 4}), {0: 3}, {0: 9})


@pytest.mark.parametrize(("stored", "moved"), [({0: 5, 1: 2}, 0), ({0: 9, 1: 2}, 0), ({0: 9, 1: 5}, 1)])
def test_anything_else_is_another_owner(stored: dict[int, int], moved: int) -> None:
    with pytest.raises(Fenced):
        advance(Connection(stored, moved=moved), {0: 3, 1: 2}, {0: 9, 1: 5})
