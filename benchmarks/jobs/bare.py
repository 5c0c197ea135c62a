"""The counting job as one would write it over confluent-kafka: a dict, a changelog, a commit every second.

The outputs come before the offsets, as in a stage; but it recovers nothing, has no durable local state, no
second worker, no poison, no lease. What a stage costs beyond it is the price of these.
"""

import signal
import time
from types import FrameType

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.jobs.meter import Meter
from benchmarks.jobs.task import COMMIT_SECONDS, LINGER_MS, NOTHING, PAIR, Task

BATCH = 2000  # records per `consume`


class Loop:
    """One worker."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._meter = Meter(task.report, task.events)
        self._counts: dict[bytes, tuple[int, int]] = {}
        self._dirty: dict[bytes, tuple[int, int]] = {}
        self._next: dict[int, int] = {}  # partition -> offset to commit
        self._stopped = False
        servers = task.connection()
        self._consumer = Consumer(
            {
                **servers,
                "group.id": task.group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        self._producer = Producer(
            {
                **servers,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": LINGER_MS,
            }
        )

    def run(self) -> None:
        """Until SIGTERM."""
        signal.signal(signal.SIGTERM, self._stop)
        self._consumer.subscribe([self._task.topic])
        due = time.monotonic() + COMMIT_SECONDS
        while not self._stopped:
            self._work()
            if time.monotonic() > due:
                self._commit()
                due = time.monotonic() + COMMIT_SECONDS
        self._commit()
        self._consumer.close()

    def _work(self) -> None:
        counts, dirty, meter = self._counts, self._dirty, self._meter
        for message in self._consumer.consume(BATCH, 0.2):
            if message.error():
                raise RuntimeError(str(message.error()))
            key, offset = message.key(), message.offset()
            assert isinstance(key, bytes) and offset is not None
            count, last = counts.get(key, NOTHING)
            if offset > last:
                count, last = count + 1, offset
            counts[key] = dirty[key] = count, last
            self._next[message.partition() or 0] = offset + 1
            meter()

    def _commit(self) -> None:
        for key, pair in self._dirty.items():
            self._producer.produce(self._task.changelog, PAIR.pack(*pair), key)
        self._producer.flush()
        self._dirty.clear()
        offsets = [TopicPartition(self._task.topic, part, offset) for part, offset in self._next.items()]
        if offsets:
            self._consumer.commit(offsets=offsets, asynchronous=False)
            self._next.clear()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopped = True


if __name__ == "__main__":
    Loop(Task.from_command_line()).run()
