"""Events that the jobs count, and the changelog that they recover; the same in every run."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator

from confluent_kafka import Producer

SEED = 20
VALUE_BYTES = 128  # and 12 of the key: 140 per event
RECOVERED_BYTES = 200
QUEUE_RECORDS = 1_000_000


def keys(events: int, distinct: int) -> Iterator[bytes]:
    """Yield the keys of `events` events, evenly over `distinct` keys."""
    rnd = random.Random(SEED)
    for _ in range(events):
        yield b"k%011d" % rnd.randrange(distinct)


def expected(events: int, distinct: int) -> Counter[bytes]:
    """Return the number of events of each key."""
    return Counter(keys(events, distinct))


def publish(producer: Producer, topic: str, events: int, distinct: int) -> None:
    """Write the input of the counting job."""
    values = [random.Random(number).randbytes(VALUE_BYTES) for number in range(1000)]
    wanted = ((key, values[number % len(values)]) for number, key in enumerate(keys(events, distinct)))
    publish_all(producer, topic, wanted)


def recovered(key: bytes) -> bytes:
    """Return the value of a key in the changelog to be recovered: half of it can be compressed."""
    return hashlib.shake_128(key).digest(RECOVERED_BYTES // 2) + b"x" * (RECOVERED_BYTES // 2)


def publish_changelog(producer: Producer, topic: str, distinct: int) -> None:
    """Write a changelog of this many keys."""
    wanted = (b"k%011d" % number for number in range(distinct))
    publish_all(producer, topic, ((key, recovered(key)) for key in wanted))


def publish_all(producer: Producer, topic: str, records: Iterable[tuple[bytes, bytes]]) -> None:
    """Write records and wait until they are acknowledged."""
    for number, (key, value) in enumerate(records):
        producer.produce(topic, value, key)
        if number % 10_000 == 0:
            producer.poll(0)
    left = producer.flush(60)
    assert left == 0, left
