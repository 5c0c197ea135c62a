"""Dead letters, and the records that failed behind them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, cast

from confluent_kafka import Message

from songnodes.errors import UserError
from songnodes.messaging import dead_letters

_ID = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")
#: Reason of a letter without our headers.
UNKNOWN = "unknown"

Header = tuple[str, bytes | None]


class InvalidLetterId(UserError):
    """This is not the id of a dead letter"""

    remedy = "Use PARTITION:OFFSET as `songnodes dlq list STAGE` prints it"


class Address(NamedTuple):
    """Position of a letter in its topic, written "3:17"."""

    partition: int
    offset: int

    @classmethod
    def of(cls, text: str) -> "Address":
        """Parse an id. Raises InvalidLetterId."""
        match = _ID.fullmatch(text)
        if match is None:
            raise InvalidLetterId(text)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record of a dead-letter topic without its value, which may be 8 MiB.

    `size` is that of the value in bytes, None for a tombstone; `reason` is None without our headers.
    """

    address: Address
    failed_at: datetime
    key: bytes | None
    size: int | None
    headers: tuple[Header, ...]
    reason: dead_letters.Reason | None

    @classmethod
    def of(cls, message: Message) -> "DeadLetter":
        """Build a letter from a message."""
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
        """Short code of the reason."""
        return self.reason.reason if self.reason else UNKNOWN

    @property
    def record(self) -> tuple[object, ...]:
        """Identity of the record: equal for all letters that a process wrote for it.

        The timestamp is part of it: a topic that was created again has other records at the old offsets.
        """
        reason = self.reason
        if reason is None:
            return self.address
        return reason.stage, reason.topic, reason.partition, reason.offset, reason.timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Action of an operator on a letter: "reinserted", "dropped" or "reparsed"."""

    kind: str
    at: datetime
    who: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """A record that failed: its latest letter, and all its letters.

    After a crash or a replay a stage fails on the same record again and writes another letter. An action on
    one of them applies to the record.
    """

    letter: DeadLetter
    letters: tuple[Address, ...]
    action: Action | None

    @property
    def open(self) -> bool:
        """True if no action was taken on it."""
        return self.action is None


def group_letters(letters: Iterable[DeadLetter], actions: Mapping[Address, Action]) -> list[LetterGroup]:
    """Group letters by record, ordered by their latest failure."""
    by_record: dict[tuple[object, ...], list[DeadLetter]] = {}
    for letter in letters:
        by_record.setdefault(letter.record, []).append(letter)
    groups = [_build_group(sorted(copies, key=_sort_key), actions) for copies in by_record.values()]
    return sorted(groups, key=lambda group: _sort_key(group.letter))


def _build_group(copies: list[DeadLetter], actions: Mapping[Address, Action]) -> LetterGroup:
    taken_actions = [actions[letter.address] for letter in copies if letter.address in actions]
    return LetterGroup(
        letter=copies[-1],
        letters=tuple(letter.address for letter in copies),
        action=max(taken_actions, key=lambda action: action.at, default=None),
    )


def _sort_key(letter: DeadLetter) -> tuple[datetime, Address]:
    return letter.failed_at, letter.address
