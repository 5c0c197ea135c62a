"""A whole pipeline on real servers: deployed, fed, disturbed, drained, looked at."""

import subprocess
import sys
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
from songnodes.settings import Settings
from tests.support import codecs, latest_by_key, tables, wait_until_drained
from tests.support.changing_pages import AS_OF
from tests.support.scenario import Script
from tests.support.tables import Rows, Snapshot
from tests.support.worker_processes import STAGES, Crew, environment

ALL = (*STAGES, "sink")
LIMIT = 300.0  # seconds until everything must be drained; some 15 on a machine of its own
COMMAND_WITHIN = 120.0  # seconds
#: `session_timeout` where workers are killed: short, so that their partitions come back soon. Elsewhere the
#: usual one, since a machine that is busy with something else may keep a worker from Kafka for seconds.
SHORT_SESSION = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter: why, and the original's bytes."""

    reason: Reason
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that two sound runs over the same bronze have in common."""

    tables: Snapshot
    newest: Mapping[str, Rows]

    def differences(self, other: "Outcome") -> str:
        """Empty when both are equal; else a few rows of each difference, here against there."""
        found = (self.tables.differences(other.tables), tables.differences(self.newest, other.newest))
        return "\n".join(filter(None, found))

    def without_bronze(self) -> "Outcome":
        """Silver and gold alone: what is computed, and comes back when its causes do."""
        kept = {name: rows for name, rows in self.tables.tables.items() if not name.startswith("bronze")}
        return Outcome(tables=Snapshot(tables=kept), newest=self.newest)


@dataclass(slots=True)
class Pipeline:
    """One pipeline in its namespace. Use it as a context; leaving kills what still runs."""

    settings: Settings
    crew: Crew = field(init=False)
    codec: Codec = field(init=False)
    _readers: list[wait_until_drained.Reader] = field(init=False)

    def __post_init__(self) -> None:
        """Make topics and register schemas; the database is migrated already."""
        topics.apply(clients.admin(self.settings), self.settings)
        self.codec = codecs.registered(self.settings)
        self.crew = Crew(self.settings)
        self._readers = wait_until_drained.readers(self.settings, self.codec)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self.crew.tails())
        self.crew.close()

    def start(self, *names: str, slot: str = "0") -> None:
        """Run workers; without names one of every process."""
        self.crew.start(*(names or ALL), slot=slot)

    def publish(self, pages: Iterable[Page]) -> None:
        """Pages to `bronze.pages`, in this order, acknowledged."""
        self.send("bronze.pages", ((page["page_id"], page) for page in pages))

    def decide(self, *decisions: Decision) -> None:
        """Decisions to `bronze.decisions`."""
        self.send("bronze.decisions", ((decision["subject_id"], decision) for decision in decisions))

    def resolve(self, *resolutions: Resolution) -> None:
        """Resolutions to `silver.resolutions`, where the resolver would send them."""
        self.send("silver.resolutions", ((each["playlist_id"], each) for each in resolutions))

    def send(self, logical: str, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Records to a topic, in this order, acknowledged."""
        self.send_raw(logical, ((key.encode(), self.codec.encode(logical, value)) for key, value in records))

    def send_raw(self, logical: str, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Bytes to a topic, in this order, acknowledged."""
        producer = clients.producer(self.settings, **{"log_level": 0})
        failed: list[Any] = []
        for key, value in records:
            producer.produce(
                topics.physical(logical, self.settings),
                key=key,
                value=value,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
            producer.poll(0)
        assert producer.flush(60) == 0
        assert not failed, failed

    def drain(self, limit: float = LIMIT) -> float:
        """Wait until everything published has arrived in the tables; returns the seconds."""
        return wait_until_drained.wait(self.settings, [*self._readers, *self._resolver()], limit=limit)

    def drain_stages(self, limit: float = LIMIT) -> float:
        """The same without the sinks: everything is in the topics."""
        stages = [reader for reader in self._readers if not reader.is_sink]
        return wait_until_drained.wait(self.settings, [*stages, *self._resolver()], limit=limit)

    def _resolver(self) -> list[wait_until_drained.Reader]:
        """The resolver, where this pipeline runs one."""
        runs = any(name == "resolver" for name, _ in self.crew.workers)
        return [wait_until_drained.resolver(self.settings)] if runs else []

    def rewind(self, random: Random, *stages: str) -> int:
        """Set these stages, none running, back to random positions; without names all, and all sinks. Returns
        how many records are repeated."""
        names = {topics.app_id(stage, self.settings) for stage in stages}
        chosen = [each for each in self._readers if each.name in names or not stages]
        return wait_until_drained.rewind(self.settings, chosen, random)

    def lag(self) -> dict[str, int]:
        """Records that wait, per stage's group and per sink; those with none are left out."""
        return wait_until_drained.lag(self.settings, self._readers)[0]

    def refresh(self, as_of: date) -> None:
        """Compute what refresh owns, as of this day."""
        self.command("refresh", "--as-of", as_of.isoformat())

    def reconcile(self) -> str:
        """The differences between silver pairs and gold counts; empty when there are none."""
        done = self.run("reconcile")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def command(self, *arguments: str) -> str:
        """Run `songnodes ...` on this pipeline; it must succeed. Returns what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"songnodes {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout

    def outcome(self, *, any_order: bool = False) -> Outcome:
        """What the pipeline has made of its input. `any_order`: to be compared with another order of it."""
        return Outcome(
            tables=tables.snapshot(self.settings.database_url, any_order=any_order),
            newest=latest_by_key.newest(self.settings, self.codec),
        )

    def concluded(self, *, any_order: bool = False) -> Outcome:
        """The outcome with all that refresh adds, as of the invented world's day."""
        self.refresh(AS_OF)
        return self.outcome(any_order=any_order)

    def dead_letters(self) -> list[DeadLetter]:
        """All dead letters of all stages and sinks."""
        found = []
        for name in (*STAGES, "sink"):
            for message in latest_by_key.read(self.settings, topics.physical(f"{name}.dlq", self.settings)):
                reason = dead_letters.read(message.headers() or ())  # type: ignore[arg-type]
                assert reason is not None, f"a dead letter of {name} without a reason"
                found.append(DeadLetter(reason=reason, key=message.key(), value=message.value()))
        return found

    def feed(self, script: Script) -> None:
        """A script's records to their topics, in its order per topic, acknowledged."""
        producer = clients.producer(self.settings, **{"log_level": 0})
        for given in script:
            name, raw = (
                topics.physical(given.topic, self.settings),
                self.codec.encode(given.topic, given.value),
            )
            producer.produce(name, key=given.key.encode(), value=raw)
        assert producer.flush(60) == 0

    def check(self) -> None:
        """No process ended unasked but by a fault, no dead letter, no difference between silver and gold."""
        assert not self.crew.unexpected(), self.crew.unexpected()
        letters = [
            (each.reason.stage, each.reason.reason, each.reason.message) for each in self.dead_letters()
        ]
        assert not letters, letters
        assert not (found := self.reconcile()), found

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return tables.snapshot(self.settings.database_url).counts()

    def ends(self) -> dict[tuple[str, int], int]:
        """The end of every partition of every topic: equal twice, nothing was produced in between."""
        return latest_by_key.end_offsets(self.settings, list(topics.wanted(self.settings)))

    def query(self, text: LiteralString | bytes, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with psycopg.connect(self.settings.database_url, autocommit=True) as connection:
            return connection.execute(text, parameters or None).fetchall()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `songnodes ...` on this pipeline, whatever becomes of it."""
        return subprocess.run(
            [sys.executable, "-m", "songnodes", *arguments],
            env=environment(self.settings),
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN,
            check=False,
        )


#: Makes pipelines with changed settings; the fixture `new_pipeline`.
NewPipeline = Callable[..., AbstractContextManager[Pipeline]]
