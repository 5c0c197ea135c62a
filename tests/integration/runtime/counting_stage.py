"""A stage for the tests, run in a separate process: sums and counts per entity, from facts about its parts.

A fact names parts of its entity with version and amount; no amount retracts the part. Two topics feed the
same entities, each its own parts. Every output repeats the whole total; one with a sum of UNWRITABLE or more
cannot be encoded.
"""

import argparse
import json
import os
import random
import re
import signal
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from songnodes.errors import Poison
from songnodes.settings import Settings
from stream_processors.runtime import (
    Applied,
    DeadLetterLimits,
    EntityState,
    Entries,
    Record,
    SchemaValues,
    Stage,
    total_schema,
)
from stream_processors.runtime.delivery import producer as producers
from stream_processors.runtime.faust import worker
from stream_processors.runtime.quarantine import alarm

STAGE, TABLE = "gold", "tracks"
FACTS, OTHER_FACTS, TOTALS = "silver.appearances", "silver.credits", "gold.tracks"

ACCUMULATORS = {
    "type": "record",
    "name": "Accumulators",
    "fields": [
        {"name": "sum", "type": "long"},
        {"name": "count", "type": "long"},
        {"name": "smallest", "type": {"type": "map", "values": "long"}},  # per topic
    ],
}
ENTRY = {
    "type": "record",
    "name": "Entry",
    "fields": [{"name": "version", "type": "long"}, {"name": "amount", "type": ["null", "long"]}],
}
VALUES = SchemaValues({b"t": [total_schema("Total", ACCUMULATORS)], b"e": [ENTRY]})


class NotJson(Poison):
    """The value is not JSON"""

    reason = "not_json"


class Unwritable(Poison):
    """The sum is beyond the domain of the output"""

    reason = "unwritable"


class Json:
    """A codec without a registry."""

    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]:
        try:
            return dict(json.loads(raw or b""))
        except ValueError as error:
            raise NotJson(str(error)) from error

    def encode(self, logical: str, value: Mapping[str, Any]) -> bytes:
        if cast(int, value["sum"]) >= UNWRITABLE:
            raise Unwritable(sum=value["sum"])
        return json.dumps(value).encode()


#: Sum of amounts that no output may have.
UNWRITABLE = 2**40
#: Seconds that a record holds the interpreter: longer than the session, shorter than all alarms.
HELD_S = 13.0
CALIBRATION = 5_000_000


def empty() -> dict[str, Any]:
    return {"sum": 0, "count": 0, "smallest": {}}


def fold(acc: dict[str, Any], part: bytes, old: Any, new: Any, entries: Entries) -> dict[str, Any]:
    """Sum and count by differences, the smallest amount of a topic's parts by a rescan."""
    before = old["amount"] if old else None
    after = new["amount"]
    topic = part.split(b"/")[0]
    live = [entry["amount"] for _, entry in entries.items(topic) if entry["amount"] is not None]
    smallest = {name: least for name, least in acc["smallest"].items() if name != topic.decode()}
    if live:
        smallest[topic.decode()] = min(live)
    return {
        "sum": acc["sum"] - (before or 0) + (after or 0),
        "count": acc["count"] - (before is not None) + (after is not None),
        "smallest": smallest,
    }


def replacing(version: int, amount: int | None) -> Any:
    """Return a change to the entry of a fact, unless the stored one is newer."""

    def change(old: Any) -> Any:
        return old if old and old["version"] > version else {"version": version, "amount": amount}

    return change


def build(settings: Settings, options: argparse.Namespace) -> Stage:
    limits = DeadLetterLimits(max_consecutive=options.poison_run)
    stage = Stage(STAGE, settings, Json(), emits=(TOTALS,), limits=limits)
    table = stage.table(TABLE, VALUES)
    state: EntityState[dict[str, Any]] = EntityState(table, empty, fold)

    def on_fact(record: Record) -> None:
        if options.raise_at == record.offset:
            raise RuntimeError("as asked")
        if options.unstorable_at == record.offset:
            table[b"e|" + record.key.encode() + b"|x"] = {"version": 2**70, "amount": None}  # no long
            return
        if options.hang_at == record.offset:
            re.match("(a+)+$", "a" * 60 + "b")  # holds the interpreter
        if options.hold_at == record.offset:
            hold_interpreter(HELD_S)
        if options.kill_at == record.offset:
            os.kill(os.getpid(), signal.SIGKILL)
        if options.slow:
            time.sleep(options.slow)
        topic = record.topic.encode()
        changes = {
            b"%s/%s" % (topic, part.encode()): replacing(*fact)
            for part, fact in record.value["parts"].items()
        }
        applied = state.apply(record, record.key, changes)
        if applied.is_new and applied.version % 16 == 0:
            # Entries that a crash lost are back when a new event of their topic comes: what is dirty, being
            # flushed and in RocksDB makes the total.
            amounts = [entry["amount"] for _, entry in state.entries(record.key, topic)]
            least = min((amount for amount in amounts if amount is not None), default=None)
            assert applied.accumulators["smallest"].get(record.topic) == least
        if applied.is_new or not options.emit_changes_only:
            stage.emit(TOTALS, record.key, partial(build_output, record, applied))

    stage.agent(FACTS)(on_fact)
    stage.agent(OTHER_FACTS)(on_fact)
    return stage


def build_output(record: Record, applied: Applied[dict[str, Any]]) -> dict[str, Any]:
    """Return the total, the process, and the record that the output is of."""
    return {
        "version": applied.version,
        **applied.accumulators,
        "pid": os.getpid(),
        "padding": os.urandom(record.value.get("padding", 0)).hex(),  # does not compress away
        "of": [record.topic, record.partition, record.offset],
    }


def hold_interpreter(seconds: float) -> None:
    """Work in a single C call, so that no other thread runs; then return."""
    before = time.thread_time()
    sum(range(CALIBRATION))
    speed = CALIBRATION / (time.thread_time() - before)
    sum(range(int(speed * seconds)))


def die_on_acks(chance: float) -> None:
    """Exit at a random acknowledged changelog record: between step 3 of a commit and step 4."""

    class Deadly(producers.DeliveryBatch):
        __slots__ = ()

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "count" and value and random.random() < chance:
                os._exit(9)
            super().__setattr__(name, value)

    from stream_processors.runtime.delivery import changelog

    original = changelog.StoreFlush.__init__

    def init(self: Any, **arguments: Any) -> None:
        original(self, **{"batch": Deadly(), **arguments})

    changelog.StoreFlush.__init__ = init  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--raise-at", type=int, default=-1)
    parser.add_argument("--unstorable-at", type=int, default=-1)
    parser.add_argument("--hang-at", type=int, default=-1)
    parser.add_argument("--hold-at", type=int, default=-1)
    parser.add_argument("--kill-at", type=int, default=-1)
    parser.add_argument("--poison-run", type=int, default=100)
    parser.add_argument("--slow", type=float, default=0, help="seconds of work per record")
    parser.add_argument("--emit-changes-only", action="store_true")
    parser.add_argument("--die-on-ack", type=float, default=0)
    options = parser.parse_args()
    if options.hang_at >= 0:
        alarm.CPU_ALARM_S = 2.0
    if options.die_on_ack:
        die_on_acks(options.die_on_ack)
    worker.run(build(Settings(), options))


if __name__ == "__main__":
    main()
