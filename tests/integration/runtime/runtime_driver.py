"""Support of the runtime's tests on a real broker: topics, facts, workers, and the expected results."""

import json
import os
import random
import shutil
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import NewTopic, OffsetSpec

from songnodes.access import Access
from songnodes.messaging import clients, topics
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.integration.runtime.counting_stage import (
    FACTS,
    OTHER_FACTS,
    STAGE,
    TABLE,
    TOTALS,
    VALUES,
    replacing,
)
from tests.support import forked

PROGRAM = Path(__file__).with_name("counting_stage.py")
ROOT = Path(__file__).parents[3]
PARTITIONS = 4
START_TIMEOUT_S = 60.0  # seconds; a worker takes 3 on an idle machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Parts of one entity: name -> (version, amount or None)."""

    topic: str
    entity: str
    parts: dict[str, tuple[int, int | None]]


def make_facts(count: int, *, entities: int, seed: int = 1) -> list[Fact]:
    """Return facts in order of arrival: new versions, corrections, late ones, retractions and replays."""
    rnd = random.Random(seed)
    newest: dict[tuple[str, str, str], int] = defaultdict(int)
    facts: list[Fact] = []
    for _ in range(count):
        if facts and rnd.random() < 0.1:
            facts.append(rnd.choice(facts))
            continue
        topic, entity = rnd.choice([FACTS, OTHER_FACTS]), f"n{rnd.randrange(entities):05}"
        parts = {}
        for part in rnd.sample(range(12), rnd.choice([1, 1, 1, 2, 4])):
            name = topic, entity, f"p{part:02}"
            kind = rnd.random()
            version = rnd.randint(0, newest[name]) if kind < 0.15 else newest[name] + (kind > 0.2)
            newest[name] = max(version, newest[name])
            parts[name[2]] = version, None if rnd.random() < 0.15 else rnd.randint(1, 1000)
        facts.append(Fact(topic=topic, entity=entity, parts=parts))
    return facts


@dataclass(kw_only=True)
class Expected:
    """The expected result of the facts sent so far, updated as they are sent."""

    sent: set[tuple[str, int, int]] = field(default_factory=set)
    entries: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    applied: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def take(self, fact: Fact, partition: int, offset: int) -> None:
        """Add a fact with its partition and offset."""
        self.sent.add((fact.topic, partition, offset))
        for part, (version, amount) in fact.parts.items():
            name = fact.entity, f"{fact.topic}/{part}"
            self.entries[name] = replacing(version, amount)(self.entries.get(name))
        self.applied[fact.entity][f"{fact.topic}.v1"] = offset

    def totals(self) -> dict[str, dict[str, Any]]:
        """Return accumulators and version by entity."""
        live: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (entity, part), entry in self.entries.items():
            if entry["amount"] is not None:
                live[entity].append((part.split("/")[0], entry["amount"]))
        totals = {}
        for entity, applied in self.applied.items():
            smallest: dict[str, int] = {}
            for topic, amount in live[entity]:
                smallest[topic] = min(amount, smallest.get(topic, amount))
            totals[entity] = {
                "version": sum(applied.values()) + len(applied),
                "sum": sum(amount for _, amount in live[entity]),
                "count": len(live[entity]),
                "smallest": smallest,
            }
        return totals


class Lab:
    """Topics in a separate namespace, and the workers on them."""

    def __init__(self, access: Access, home: Path, namespace: str) -> None:
        self.home = home
        self.settings = (
            Settings().with_access(access).model_copy(update={"namespace": namespace, "home": home})
        )
        self.admin = clients.admin(self.settings)
        self.changelog = topics.changelog(STAGE, TABLE, self.settings)
        self.group = topics.app_id(STAGE, self.settings)
        self.expected = Expected()
        self.workers: dict[str, forked.Forked] = {}
        self.exits: Counter[int] = Counter()
        self.arguments: list[str] = []
        self.environment: dict[str, str] = {}
        self.producer: Producer = clients.producer(self.settings, **{"linger.ms": 2})

    def on_broker(self, logical: str) -> str:
        return topics.physical(logical, self.settings)

    def make_topics(self, **configs: dict[str, str]) -> None:
        """Create all topics of the stage; `configs` by logical name with underscores."""
        names = {name: self.on_broker(name) for name in (FACTS, OTHER_FACTS, TOTALS, f"{STAGE}.dlq")}
        wanted = [
            NewTopic(physical, PARTITIONS, 1, config=configs.get(name.replace(".", "_"), {}))
            for name, physical in names.items()
        ]
        wanted.append(NewTopic(self.changelog, PARTITIONS, 1, config={"cleanup.policy": "compact"}))
        for future in self.admin.create_topics(wanted, operation_timeout=30).values():
            future.result()
        topics.wait_for_leaders(self.admin, dict.fromkeys([*names.values(), self.changelog], PARTITIONS))

    # input

    def send(self, fact: Fact, **more: Any) -> None:
        """Send a fact and add it to the expected result."""

        def report(error: Any, message: Message) -> None:
            assert error is None, error
            self.expected.take(fact, message.partition() or 0, message.offset() or 0)

        value = json.dumps({"parts": fact.parts, **more}).encode()
        self.producer.produce(self.on_broker(fact.topic), value, fact.entity.encode(), on_delivery=report)
        self.producer.poll(0)

    def send_raw(self, topic: str, key: bytes | None, value: bytes | None, partition: int = -1) -> None:
        """Send bytes that are not a fact."""
        self.producer.produce(topic, value, key, partition, headers=[("trace", b"1")])

    # workers

    def start(self, slot: str = "a", *arguments: str) -> forked.Forked:
        """Start a worker; its log goes into a file of its slot."""
        environment = {
            **os.environ,
            **self.settings.environment(),
            "SONGNODES_NAMESPACE": self.settings.namespace,
            "SONGNODES_HOME": str(self.home),
            "SONGNODES_WORKER_SLOT": slot,
            "SONGNODES_COMMIT_INTERVAL": "0.5",
            **self.environment,
        }
        with (self.home / f"{slot}.log").open("ab") as log:
            command = (str(PROGRAM), *(arguments or self.arguments))
            self.workers[slot] = forked.start(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        return self.workers[slot]

    def log(self, slot: str = "a") -> str:
        return (self.home / f"{slot}.log").read_text()

    def events(self, name: str, slot: str = "a") -> int:
        """Return how often a worker logged an event."""
        return self.log(slot).count(f'"event": "{name}"')

    def kill(self, slot: str, *, wipe: bool = False) -> None:
        """Kill with SIGKILL; optionally remove its state."""
        worker = self.workers.pop(slot)
        worker.send_signal(signal.SIGCONT)
        worker.kill()
        worker.wait()
        if wipe:
            shutil.rmtree(self.settings.home / "state" / self.group / slot, ignore_errors=True)

    def restart_exited(self) -> None:
        """Restart exited workers, as a supervisor does."""
        for slot, worker in list(self.workers.items()):
            if (code := worker.poll()) is not None:
                self.exits[code] += 1
                self.start(slot)

    def stop(self) -> list[int]:
        """Send SIGTERM to all workers; return their exit codes."""
        for worker in self.workers.values():
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        codes = [worker.wait(30) for worker in self.workers.values()]
        self.workers.clear()
        return codes

    def end(self) -> None:
        """Kill all workers and delete the topics."""
        for worker in self.workers.values():
            worker.kill()
            worker.wait()
        there = self.admin.list_topics(timeout=10).topics
        names = [name for name in there if name.startswith(f"{self.settings.namespace}.")]
        for dropped in self.admin.delete_topics(names).values() if names else ():
            with suppress(Exception):
                dropped.result()

    # looking

    def consumer(self, group: str = "runtime-tests") -> Consumer:
        return Consumer(
            {
                **clients.connection(self.settings),
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )

    def lag(self) -> int:
        """Return the number of uncommitted input records; 1 while the broker does not respond."""
        try:
            return self._lag()
        except KafkaException:  # new topics have no leader for a moment
            return 1

    def _lag(self) -> int:
        inputs = [
            TopicPartition(self.on_broker(topic), partition)
            for topic in (FACTS, OTHER_FACTS)
            for partition in range(PARTITIONS)
        ]
        latest = self.admin.list_offsets({tp: OffsetSpec.latest() for tp in inputs})
        reader = Committed(self.settings.access(), self.group)
        try:
            committed = reader.offsets([Partition(tp.topic, tp.partition) for tp in inputs])
        finally:
            reader.close()
        return sum(
            end.result().offset - committed.get(Partition(tp.topic, tp.partition), 0)
            for tp, end in latest.items()
        )

    def members(self) -> int:
        """Return the number of members of the group."""
        described = self.admin.describe_consumer_groups([self.group])[self.group].result()
        return len(described.members)

    def wait(
        self, what: Callable[[], bool], seconds: float = START_TIMEOUT_S, *, restart: bool = False
    ) -> None:
        """Wait until the condition holds; fail with the logs."""
        until = time.monotonic() + seconds
        while not what():
            if restart:
                self.restart_exited()
            if time.monotonic() > until:
                logs = "\n".join(f"--- {slot}\n{self.log(slot)[-3000:]}" for slot in self.workers)
                raise AssertionError(f"not within {seconds} s; lag {self.lag()}\n{logs}")
            time.sleep(0.2)

    def drain(self, seconds: float = 120, *, restart: bool = False) -> None:
        """Wait until everything sent is committed."""
        self.producer.flush()
        self.wait(lambda: self.lag() == 0, seconds, restart=restart)

    def read(self, topic: str) -> Iterator[Message]:
        """Return all records of a topic."""
        consumer = self.consumer()
        try:
            consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
            waiting = set(range(PARTITIONS))
            while waiting:
                for message in consumer.consume(2000, 0.2):
                    if (error := message.error()) is None:
                        yield message
                    elif error.code() == KafkaError._PARTITION_EOF:
                        waiting.discard(message.partition() or 0)
                    else:  # such as a coordinator not found in time: the client goes on by itself
                        print(f"reading {topic}: {error}")
        finally:
            consumer.close()

    def changelog_state(self) -> dict[bytes, bytes]:
        """Return the newest value of each key."""
        state: dict[bytes, bytes] = {}
        for message in self.read(self.changelog):
            key, value = message.key() or b"", message.value()
            if value is None:
                state.pop(key, None)
            else:
                state[key] = value
        return state

    def assert_exact(self) -> None:
        """Compare last outputs, outputs of a guarded sink, totals and entries with the expected result."""
        expected = self.expected.totals()
        last: dict[str, Any] = {}
        guarded: dict[str, Any] = {}
        for message in self.read(self.on_broker(TOTALS)):
            key, value = (message.key() or b"").decode(), json.loads(message.value() or b"")
            del value["of"], value["pid"], value["padding"]
            last[key] = value
            if value["version"] >= guarded.get(key, value)["version"]:
                guarded[key] = value
        totals, entries = self._state()
        assert differences(last, expected) == {}, "last outputs"
        assert differences(guarded, expected) == {}, "outputs as a sink has them"
        assert differences(totals, expected) == {}, "totals"
        assert differences(entries, self.expected.entries) == {}, "entries"

    def _state(self) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
        totals: dict[str, Any] = {}
        entries: dict[tuple[str, str], Any] = {}
        for key, raw in self.changelog_state().items():
            value, (kind, entity, *part) = VALUES.decode(key, raw), key.decode().split("|")
            if kind == "t":
                applied = value["applied"]
                totals[entity] = {"version": sum(applied.values()) + len(applied), **value["accumulators"]}
            else:
                entries[entity, part[0]] = value
        return totals, entries


def differences(actual: dict[Any, Any], expected: dict[Any, Any]) -> dict[Any, Any]:
    """Return some of the differences: key -> (actual, expected)."""
    bad = [key for key in actual.keys() | expected.keys() if actual.get(key) != expected.get(key)]
    return {key: (actual.get(key), expected.get(key), f"{len(bad)} differ") for key in sorted(bad)[:3]}
