"""Attempts of one sink at the records of its topic, in `record_attempts` (rules: `songnodes.attempts`)."""

from collections.abc import Mapping, Sequence

import asyncpg

from sinks.database import query
from sinks.errors import is_refused
from sinks.letters import Dead
from songnodes import attempts, postgres_errors
from songnodes.attempts import Attempt, Unforeseen, describe
from songnodes.errors import Fatal, Transient

RECORD = "record"  # the kind in set_aside


def is_unforeseen(error: BaseException) -> bool:
    """Return True for an error that a record may have caused and that no rule covers."""
    if isinstance(error, Transient | Fatal) or not isinstance(error, Exception):
        return False
    return not (
        postgres_errors.is_server_error(error) or is_refused(error) or postgres_errors.is_code_error(error)
    )


class Attempts:
    """The rows of one sink. `load` when partitions are assigned, `begin` before each batch."""

    def __init__(self, *, sink: str, topic: str) -> None:
        self._process = f"sink {sink}"
        self._topic = topic
        self._suspects: dict[int, Attempt] = {}
        self._begun: set[int] = set()

    async def load(self, connection: asyncpg.Connection, positions: Mapping[int, int]) -> None:
        """Read which partitions an earlier process made no progress in."""
        rows = await connection.fetch(query("attempts", "known"), self._process, self._topic)
        stored = {
            row["part"]: Attempt(
                offset=row["record_offset"],
                single=row["single"],
                attempts=row["attempts"],
                error=row["error"],
            )
            for row in rows
        }
        self._suspects = attempts.by_part(stored, positions)
        self._begun = set()

    def suspects(self, ends: Mapping[int, int]) -> bool:
        """Return True if records of these partitions are to be handled one by one."""
        return any(part in self._suspects for part in ends)

    async def begin(self, connection: asyncpg.Connection, positions: Mapping[int, int]) -> None:
        """Note where this process begins in each partition, once: the only row of normal operation."""
        new = {part: position for part, position in positions.items() if part not in self._begun}
        if new:
            await self._put(connection, new, dict.fromkeys(new, 1), single=False, error=None)
            self._begun |= new.keys()

    def exhausted(self, part: int, offset: int) -> Unforeseen | None:
        """Return the reason for a dead letter where this record ended the process too often."""
        return attempts.exhausted(self._suspects.get(part), offset)

    async def record(self, connection: asyncpg.Connection, part: int, offset: int) -> None:
        """Note one more attempt at a record, before it is handled."""
        suspect = self._suspects.get(part)
        alone = suspect if suspect is not None and suspect.single and suspect.offset == offset else None
        count = 1 if alone is None else alone.attempts + 1
        error = None if alone is None else alone.error
        await self._put(connection, {part: offset}, {part: count}, single=True, error=error)

    def is_second_end(self, error: Exception, part: int, offset: int) -> bool:
        """Return True for an unforeseen error of a record that already ended the process once."""
        return is_unforeseen(error) and attempts.earlier_ends(self._suspects.get(part), offset) > 0

    async def failed(
        self, connection: asyncpg.Connection, begin: Mapping[int, int], error: str, *, single: bool
    ) -> None:
        """Store the error that is about to end this process."""
        counts = {
            part: attempts.earlier_ends(self._suspects.get(part), offset) + 1
            for part, offset in begin.items()
        }
        await self._put(connection, begin, counts, single=single, error=error)

    def acquit(self, part: int) -> None:
        """Forget the ends of a record that does not end a process that handles nothing else."""
        self._suspects.pop(part, None)

    def passed(self, parts: Mapping[int, int]) -> None:
        """Note that the batch which ended an earlier process is written."""
        for part in parts:
            self._suspects.pop(part, None)

    async def set_aside(self, connection: asyncpg.Connection, dead: Sequence[Dead]) -> None:
        """Store which records became dead letters for an unforeseen error, in the open transaction."""
        for letter in dead:
            if isinstance(letter.poison, Unforeseen):
                place = f"{self._topic}[{letter.message.partition()}]@{letter.message.offset()}"
                why = describe(letter.poison)
                await connection.execute(
                    query("attempts", "set_aside"), self._process, RECORD, [place], True, why
                )

    async def _put(
        self,
        connection: asyncpg.Connection,
        offsets: Mapping[int, int],
        counts: Mapping[int, int],
        *,
        single: bool,
        error: str | None,
    ) -> None:
        parts = list(offsets)
        await connection.execute(
            query("attempts", "record"),
            *(self._process, self._topic, parts, [offsets[part] for part in parts]),
            *(single, [counts[part] for part in parts], error),
        )
