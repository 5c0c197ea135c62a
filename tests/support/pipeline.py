"""A whole pipeline on real servers: deploy it, publish records, inject faults, drain it, inspect it."""

import subprocess
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg

from songnodes.domain.records import Decision, Page, Resolution
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letters import Reason
from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.partitioning import partition_of
from songnodes.settings import Settings
from tests.support import codecs, forked, latest_by_key, tables, wait_until_drained
from tests.support.changing_pages import AS_OF
from tests.support.messages import headers_of
from tests.support.scenario import Scenario
from tests.support.tables import Rows, Snapshot
from tests.support.worker_processes import STAGES, WorkerProcesses, environment

ALL = (*STAGES, "sink")
DRAIN_TIMEOUT_S = 300.0  # about 15 s on an idle machine
COMMAND_TIMEOUT_S = 120.0
#: `session_timeout` where workers are killed: short, so that their partitions come back soon. Elsewhere the
#: usual one, since a machine that is busy with something else may keep a worker from Kafka for seconds.
SHORT_SESSION = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter: its reason and the bytes of the original."""

    reason: Reason
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that two correct runs over the same bronze have in common."""

    tables: Snapshot
    newest: Mapping[str, Rows]

    def differences(self, other: "Outcome") -> str:
        """Return a few rows of each difference; empty if both are equal."""
        parts = (self.tables.differences(other.tables), tables.differences(self.newest, other.newest))
        return "\n".join(filter(None, parts))

    def without_bronze(self) -> "Outcome":
        """Return silver and gold alone, which follow from bronze."""
        computed = {name: rows for name, rows in self.tables.tables.items() if not name.startswith("bronze")}
        return Outcome(tables=Snapshot(tables=computed), newest=self.newest)


@dataclass(slots=True)
class Pipeline:
    """One pipeline in its namespace. A context manager that kills remaining processes at its end."""

    settings: Settings
    processes: WorkerProcesses = field(init=False)
    codec: Codec = field(init=False)
    _readers: list[wait_until_drained.Reader] = field(init=False)

    def __post_init__(self) -> None:
        """Create topics and register schemas; the database is already migrated."""
        topics.apply(clients.admin(self.settings), self.settings)
        self.codec = codecs.registered(self.settings)
        self.processes = WorkerProcesses(self.settings)
        self._readers = wait_until_drained.readers(self.settings, self.codec)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self.processes.tails())
        self.processes.close()

    def start(self, *names: str, slot: str = "0") -> None:
        """Start workers; without names one of every process."""
        self.processes.start(*(names or ALL), slot=slot)

    def publish(self, pages: Iterable[Page]) -> None:
        """Publish pages to `bronze.pages` in this order, acknowledged."""
        self.send("bronze.pages", ((page["page_id"], page) for page in pages))

    def decide(self, *decisions: Decision) -> None:
        """Publish decisions to `bronze.decisions`."""
        self.send("bronze.decisions", ((decision["subject_id"], decision) for decision in decisions))

    def resolve(self, *resolutions: Resolution) -> None:
        """Publish resolutions to `silver.resolutions` in place of the resolver."""
        self.send(
            "silver.resolutions", ((resolution["playlist_id"], resolution) for resolution in resolutions)
        )

    def send(self, logical: str, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish records to a topic in this order, acknowledged."""
        self.send_raw(logical, ((key.encode(), self.codec.encode(logical, value)) for key, value in records))

    def send_raw(self, logical: str, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Publish bytes to a topic in this order, acknowledged."""
        producer = clients.producer(self.settings, **{"log_level": 0})
        failed: list[Any] = []
        for key, value in records:
            producer.produce(
                topics.physical(logical, self.settings),
                key=key,
                value=value,
                partition=-1 if (place := partition_of(logical, key)) is None else place,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
            producer.poll(0)
        assert producer.flush(60) == 0
        assert not failed, failed

    def drain(self, limit: float = DRAIN_TIMEOUT_S) -> float:
        """Wait until all published records have arrived in the tables; return the seconds."""
        return wait_until_drained.wait(self.settings, [*self._readers, *self._others()], limit=limit)

    def drain_stages(self, limit: float = DRAIN_TIMEOUT_S) -> float:
        """Wait until all stages have processed their input, without the sinks."""
        stages = [reader for reader in self._readers if not reader.is_sink]
        return wait_until_drained.wait(self.settings, [*stages, *self._others()], limit=limit)

    def _others(self) -> list[wait_until_drained.Reader]:
        """Return the resolver and the enrichment if this pipeline runs them."""
        readers = (
            ("resolver", wait_until_drained.resolver),
            ("enrich", wait_until_drained.enricher),
            ("enrich", wait_until_drained.artist_enricher),
        )
        running = {name for name, _ in self.processes.workers}
        return [reader(self.settings) for name, reader in readers if name in running]

    def rewind(self, random: Random, *stages: str) -> int:
        """Reset these stages, which are stopped, to random positions; without names all of them and all
        sinks.

        Return how many records are repeated.
        """
        names = {topics.app_id(stage, self.settings) for stage in stages}
        chosen = [reader for reader in self._readers if reader.name in names or not stages]
        return wait_until_drained.rewind(self.settings, chosen, random)

    def lag(self) -> dict[str, int]:
        """Return the unread records per consumer group and sink, without those that have none."""
        return wait_until_drained.lag(self.settings, self._readers)[0]

    def refresh(self, as_of: date) -> None:
        """Run refresh as of a day."""
        self.command("refresh", "--as-of", as_of.isoformat())

    def reconcile(self) -> str:
        """Return the differences between silver pairs and gold counts; empty if there are none."""
        done = self.run("reconcile")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def command(self, *arguments: str) -> str:
        """Run `songnodes ...` on this pipeline, require success, and return its output."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"songnodes {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout

    def outcome(self, *, any_order: bool = False) -> Outcome:
        """Return the outcome; with `any_order` without what depends on the order of the input."""
        return Outcome(
            tables=tables.snapshot(self.settings.database_url, any_order=any_order),
            newest=latest_by_key.newest(self.settings, self.codec),
        )

    def concluded(self, *, any_order: bool = False) -> Outcome:
        """Run refresh as of the invented present day, and return the outcome."""
        self.refresh(AS_OF)
        return self.outcome(any_order=any_order)

    def dead_letters(self) -> list[DeadLetter]:
        """Return all dead letters of all stages and sinks."""
        letters = []
        for name in (*STAGES, "sink"):
            for message in latest_by_key.read(self.settings, topics.physical(f"{name}.dlq", self.settings)):
                reason = dead_letters.read(headers_of(message))
                assert reason is not None, f"a dead letter of {name} without a reason"
                letters.append(DeadLetter(reason=reason, key=message.key(), value=message.value()))
        return letters

    def feed(self, scenario: Scenario) -> None:
        """Publish the records of a scenario in its order per topic, acknowledged."""
        producer = clients.producer(self.settings, **{"log_level": 0})
        for record in scenario:
            name, raw = (
                topics.physical(record.topic, self.settings),
                self.codec.encode(record.topic, record.value),
            )
            producer.produce(name, key=record.key.encode(), value=raw)
        assert producer.flush(60) == 0

    def check(self) -> None:
        """Assert that there is no unexpected exit, no dead letter, and no difference between silver and
        gold.
        """
        assert not self.processes.unexpected(), self.processes.unexpected()
        letters = [
            (letter.reason.stage, letter.reason.reason, letter.reason.message)
            for letter in self.dead_letters()
        ]
        assert not letters, letters
        assert not (differences := self.reconcile()), differences

    def counts(self) -> dict[str, int]:
        """Return the number of rows per table."""
        return tables.snapshot(self.settings.database_url).counts()

    def ends(self) -> dict[Partition, int]:
        """Return the ends of all partitions; if equal twice, nothing was produced in between."""
        return latest_by_key.end_offsets(self.settings, list(topics.wanted(self.settings)))

    def query(self, text: LiteralString | bytes, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.settings.database_url, autocommit=True) as connection:
            return connection.execute(text, parameters or None).fetchall()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `songnodes ...` on this pipeline and return the completed process."""
        return forked.run(
            ("-m", "songnodes", *arguments), env=environment(self.settings), timeout_s=COMMAND_TIMEOUT_S
        )


#: Creates pipelines with changed settings; the fixture `new_pipeline`.
NewPipeline = Callable[..., AbstractContextManager[Pipeline]]
