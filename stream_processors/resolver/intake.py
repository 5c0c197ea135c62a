"""Ingestion of batches into the tables; a record that cannot be ingested is isolated.

Records and positions are one transaction. A record that PostgreSQL rejects is found by halving the batch. One
that ended the process twice by an error that no rule covers is set aside (`songnodes.attempts`).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from songnodes import attempts, logs
from songnodes.attempts import Attempt, Unforeseen, describe
from songnodes.errors import RowRefused
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS, DeadLetterBudget
from songnodes.messaging.log_offsets import Partition
from stream_processors.resolver import child_trial, ingest
from stream_processors.resolver.dead_letters import DeadLetter
from stream_processors.resolver.failures import is_refused, is_unforeseen
from stream_processors.resolver.ingest import InputRecord
from stream_processors.resolver.reading import Batch
from stream_processors.resolver.store import Row, Store

FILE = "attempts"

log = logs.get(__name__)


class Sender(Protocol):
    """Sends dead letters."""

    def send(self, dead: Sequence[DeadLetter]) -> None:
        """Return when Kafka has acknowledged all."""


class Positions(Protocol):
    """Stores the positions of the inputs."""

    def advance(self, batch: Batch) -> None:
        """Move the stored positions in the open transaction."""

    def note_committed(self, batch: Batch) -> None:
        """Note that the transaction is committed."""


class Intake:
    """Ingests batches for one process. Rows of `record_attempts` are read once, with the first batch.

    `own` contains the attempts that this process stored. It survives a lost connection, after which a new
    intake is created, so that an error of a server does not count as an end of a process.
    """

    def __init__(self, store: Store, letters: Sender | None, own: set[object]) -> None:
        self._own = own
        self._store = store
        self._letters = letters
        self._dead_letter_budget = DeadLetterBudget(WRITER_LIMITS)
        self._stored: dict[Partition, Attempt] | None = None
        self._begun: set[Partition] = set()
        self._suspects: dict[Partition, Attempt] = {}

    def ingest(self, positions: Positions, batch: Batch) -> None:
        """Ingest a batch and commit its positions. Raises TooManyDeadLetters."""
        self._begin(batch)
        if any(partition in self._suspects for partition in batch.ends):
            self._ingest_singly(positions, batch)
            return
        try:
            self._commit(positions, batch)
        except Exception as error:
            self._note_failure(error, batch.begins, single=False)
            raise

    def _commit(self, positions: Positions, batch: Batch, poison: Unforeseen | None = None) -> None:
        with self._store.transaction():
            positions.advance(batch)
            if poison is None:
                dead = ingest_or_split(self._store, batch.records)
            else:
                dead = [DeadLetter(record=record, poison=poison) for record in batch.records]
            self._dead_letter_budget.count_processed(len(batch.records) - len(dead))
            for letter in dead:
                self._dead_letter_budget.count_dead_letter(str(letter.poison))
            if dead and self._letters is not None:
                self._letters.send(dead)
            for letter in dead:
                if isinstance(letter.poison, Unforeseen):
                    self._set_aside(letter)
        positions.note_committed(batch)

    def _ingest_singly(self, positions: Positions, batch: Batch) -> None:
        """Ingest a batch at which a process ended: each record is noted, then ingested and committed."""
        for record in batch.records:
            if record.partition is None:
                continue
            partition, offset = record.partition, record.offset
            single = Batch(records=[record], ends={partition: offset + 1})
            suspect = self._suspects.get(partition)
            poison = attempts.exhausted(suspect, offset)
            if poison is not None and self._try_in_child(record) is None:
                poison = suspect = None
                self._suspects.pop(partition, None)
            if poison is None and (partition, offset) not in self._own:
                alone = suspect if suspect and suspect.single and suspect.offset == offset else None
                count = alone.attempts + 1 if alone else 1
                self._record({partition: offset}, count, single=True, error=alone.error if alone else None)
                self._own.add((partition, offset))
            try:
                self._commit(positions, single, poison)
            except Exception as error:
                if not is_unforeseen(error):
                    raise
                if attempts.earlier_ends(suspect, offset) == 0 or self._try_in_child(record) is None:
                    self._note_failure(error, {partition: offset}, single=True)
                    raise
                log.error("record_set_aside", partition=partition.number, offset=offset, exc_info=error)
                self._commit(positions, single, Unforeseen(describe(error)))
        self._commit(positions, Batch(records=[], ends=batch.ends))
        for partition in batch.ends:
            self._suspects.pop(partition, None)

    def _try_in_child(self, record: InputRecord) -> str | None:
        """Return how ingesting only this record ended a child process, None if it did not (`trial`)."""
        return child_trial.failure(self._store, lambda store: ingest_or_split(store, [record]), errors=True)

    def _begin(self, batch: Batch) -> None:
        """Store where this process begins in each partition, once: the only rows of normal operation."""
        if self._stored is None:
            self._stored = {
                Partition(row["topic"], row["part"]): _attempt(row) for row in self._store.rows(FILE, "known")
            }
        new = {partition: begin for partition, begin in batch.begins.items() if partition not in self._begun}
        if not new:
            return
        for partition, begin in new.items():
            stored = self._stored.get(partition)
            if stored is not None and attempts.no_progress(stored, begin):
                self._suspects[partition] = stored
        self._record({partition: at for partition, at in new.items() if partition not in self._suspects}, 1)
        self._begun |= new.keys()

    def _note_failure(self, error: Exception, begins: Mapping[Partition, int], *, single: bool) -> None:
        """Store the error that is about to end the process; a failure to store it is ignored."""
        if is_unforeseen(error):
            with suppress(Exception):
                for partition, offset in begins.items():
                    count = attempts.earlier_ends(self._suspects.get(partition), offset) + 1
                    self._record({partition: offset}, count, single=single, error=describe(error))

    def _record(
        self, offsets: Mapping[Partition, int], count: int, *, single: bool = False, error: str | None = None
    ) -> None:
        rows: list[Row] = [
            {
                "topic": topic,
                "part": part,
                "record_offset": offset,
                "single": single,
                "attempts": count,
                "error": error,
            }
            for (topic, part), offset in offsets.items()
        ]
        self._store.put(FILE, "record", rows)

    def _set_aside(self, letter: DeadLetter) -> None:
        partition = letter.record.partition
        where = (
            f"{partition.topic}[{partition.number}]@{letter.record.offset}"
            if partition
            else letter.record.topic
        )
        self._store.execute(
            FILE, "set_aside", kind="record", id=where, is_set_aside=True, error=describe(letter.poison)
        )


def ingest_or_split(store: Store, records: Sequence[InputRecord]) -> list[DeadLetter]:
    """Ingest records in the open transaction; return those that PostgreSQL rejects, found by halving."""
    if not records:
        return []
    try:
        with store.transaction():
            ingest.ingest_records(store, records)
    except Exception as error:
        if not is_refused(error):
            raise
        if len(records) == 1:
            return [DeadLetter(record=records[0], poison=RowRefused(describe(error)))]
        middle = len(records) // 2
        return ingest_or_split(store, records[:middle]) + ingest_or_split(store, records[middle:])
    return []


def _attempt(row: Row) -> Attempt:
    return Attempt(
        offset=row["record_offset"], single=row["single"], attempts=row["attempts"], error=row["error"]
    )
