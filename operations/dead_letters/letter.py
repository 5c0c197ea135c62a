"""One dead letter, and what became of the record in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, cast

from confluent_kafka import Message

from songnodes.errors import NotUsable
from songnodes.messaging import dead_letters

_ID = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")
#: What headers say when they do not say it in our way.
UNKNOWN = "unknown"

Header = tuple[str, bytes | None]


class NotAnId(NotUsable):
    """This does not name a dead letter"""

    remedy = "PARTITION:OFFSET does, as `songnodes dlq list STAGE` prints it"


class Address(NamedTuple):
    """Where a letter lies in its topic. Written "3:17"."""

    partition: int
    offset: int

    @classmethod
    def of(cls, text: str) -> "Address":
        """Raises NotAnId."""
        match = _ID.fullmatch(text)
        if match is None:
            raise NotAnId(text)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record of a dead-letter topic, its value aside: that may be 8 MiB.

    `size` is the value's in bytes, None for a tombstone; `reason` is None where the headers are not ours.
    """

    address: Address
    failed_at: datetime
    key: bytes | None
    size: int | None
    headers: tuple[Header, ...]
    reason: dead_letters.Reason | None

    @classmethod
    def of(cls, message: Message) -> "DeadLetter":
        """The letter that a message is."""
        headers = cast(tuple[Header, ...], tuple(message.headers() or ()))
        value = message.value()
        return cls(
            address=Address(message.partition() or 0, message.offset() or 0),
            failed_at=datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC),
            key=message.key(),
            size=None if value is None else len(value),
            headers=headers,
            reason=dead_letters.read(headers),
        )

    @property
    def code(self) -> str:
        """The reason's short code."""
        return self.reason.reason if self.reason else UNKNOWN

    @property
    def record(self) -> tuple[object, ...]:
        """Equal for letters that one process left of one record.

        The timestamp is part of it: a topic that was made again has other records at the old offsets.
        """
        reason = self.reason
        if reason is None:
            return self.address
        return reason.stage, reason.topic, reason.partition, reason.offset, reason.timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What an operator did with a letter: "reinserted", "dropped" or "reparsed"."""

    action: str
    at: datetime
    who: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A record that failed: its newest letter, and all its letters.

    A crash or a replay makes a stage fail on the same record again and leave another letter. What was done
    with one of them was done with the record.
    """

    letter: DeadLetter
    letters: tuple[Address, ...]
    mark: Mark | None

    @property
    def open(self) -> bool:
        """Whether nobody dealt with it yet."""
        return self.mark is None


def cases(letters: Iterable[DeadLetter], marks: Mapping[Address, Mark]) -> list[Case]:
    """The records behind letters, the one that failed last at the end."""
    by_record: dict[tuple[object, ...], list[DeadLetter]] = {}
    for letter in letters:
        by_record.setdefault(letter.record, []).append(letter)
    found = [_case(sorted(copies, key=_time), marks) for copies in by_record.values()]
    return sorted(found, key=lambda case: _time(case.letter))


def _case(copies: list[DeadLetter], marks: Mapping[Address, Mark]) -> Case:
    made = [marks[letter.address] for letter in copies if letter.address in marks]
    return Case(
        letter=copies[-1],
        letters=tuple(letter.address for letter in copies),
        mark=max(made, key=lambda mark: mark.at, default=None),
    )


def _time(letter: DeadLetter) -> tuple[datetime, Address]:
    return letter.failed_at, letter.address
