"""Plays per track and DJ with retraction, changelog on: this project's stage and its peers, in turns.

    python -m benchmarks.retraction [--events 100000] [--rounds 2] [--peers ours stock quix streams]

The counts of each run are read from its changelog and compared with those of a batch. What the peers do not
guarantee is in RESULTS.md. Prints a table.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Mapping

from benchmarks import broker, events, kafka_streams, plays
from benchmarks.jobs.task import ID_BYTES, PAIR
from benchmarks.peers import DEAD_LETTERS, INPUT, OURS, QUIX, STOCK, Peer
from benchmarks.run import Run, run
from benchmarks.summary import Summary, compare, table
from infra.embedded.pin_artifacts import KAFKA
from songnodes.messaging import clients
from songnodes.settings import Settings
from stream_processors.runtime.state.entity import total_key

STREAMS = Peer(
    name=f"Kafka Streams {KAFKA}",
    module="",
    group=lambda number: f"streams-{number}",
    changelog=lambda number: f"streams-{number}-plays-changelog",
    jobs=("retract",),
    program=kafka_streams.command,
)
PEERS: Mapping[str, Peer] = {"ours": OURS, "stock": STOCK, "quix": QUIX, "streams": STREAMS}
COUNT_KEY_BYTES = 2 * ID_BYTES  # track and DJ


def _plain_count(key: bytes, value: bytes) -> tuple[bytes, int] | None:
    return (key, PAIR.unpack(value)[0]) if len(key) == COUNT_KEY_BYTES else None


def _quix_count(key: bytes, value: bytes) -> tuple[bytes, int] | None:
    """Read a key of Quix: that of the record, and the key of the state in JSON."""
    track, _, rest = key.partition(b"|")
    return _plain_count(track + rest.strip(b'"'), value)


def _our_count(key: bytes, value: bytes) -> tuple[bytes, int] | None:
    prefix = total_key(b"")
    return (key.removeprefix(prefix), PAIR.unpack(value)[1]) if key.startswith(prefix) else None


COUNT_OF: Mapping[str, Callable[[bytes, bytes], tuple[bytes, int] | None]] = {
    "ours": _our_count,
    "quix": _quix_count,
}


def check(peer: str, settings: Settings, number: int, expected: Mapping[bytes, int]) -> None:
    """Raise AssertionError unless the changelog has exactly the counts of the batch."""
    count_of = COUNT_OF.get(peer, _plain_count)
    counts: dict[bytes, int] = {}
    for key, value in broker.newest(settings, PEERS[peer].changelog(number)).items():
        assert value is not None, key
        if (entry := count_of(key, value)) and entry[1]:
            counts[entry[0]] = entry[1]
    different = sum(counts.get(key) != expected.get(key) for key in counts.keys() | expected.keys())
    assert not different, f"{peer}: {different} of {len(expected)} counts differ"


def measure(
    settings: Settings, name: str, number: int, events_count: int, expected: Mapping[bytes, int]
) -> Run:
    """Run one peer once and check its counts."""
    peer = PEERS[name]
    changelog = peer.changelog(number)
    if peer.program is None and not peer.makes_changelog:
        broker.make_topics(settings, [changelog], broker.CHANGELOG)
    result = run(peer, "retract", settings, number=number, events=events_count)
    check(name, settings, number, expected)
    broker.drop_topics(settings, [changelog])
    return result


def report(runs_of: Mapping[str, list[Run]], load: Summary) -> str:
    """Format medians with extremes, and the ratio of CPU to ours of the same round."""
    rows = []
    for name, runs in runs_of.items():
        ratio = compare((result.cpu for result in runs), (result.cpu for result in runs_of["ours"]))
        rows.append(
            (
                PEERS[name].name,
                f"{Summary.of(result.events / result.durable for result in runs):,.0f}",
                f"{Summary.of(result.cpu / result.events * 1e6 for result in runs):.1f}",
                "" if name == "ours" else f"{ratio:.2f}",
                f"{Summary.of(result.peak for result in runs):.0f}",
            )
        )
    head = ("retract", "events/s durable", "CPU µs per event", "CPU / ours", "peak MB")
    return f"load {load:.0f}\n\n{table(head, rows)}"


def main() -> None:
    """Measure on a broker of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    options = parser.parse_args()
    for name in options.peers:
        PEERS[name].command()  # installed before the clock runs
    expected = plays.expected(options.events)
    runs_of: dict[str, list[Run]] = defaultdict(list)
    loads = []
    with broker.broker() as settings:
        broker.make_topics(settings, [INPUT, DEAD_LETTERS])
        producer = clients.producer(settings, **{"queue.buffering.max.messages": events.QUEUE_RECORDS})
        records = ((fact.track, fact.value) for fact in plays.facts(options.events))
        events.publish_all(producer, INPUT, records)
        for turn in range(options.rounds):
            for name in options.peers:
                number = 1 + turn * len(PEERS) + list(PEERS).index(name)
                result = measure(settings, name, number, options.events, expected)
                runs_of[name].append(result)
                loads.append(os.getloadavg()[0])
                print(
                    f"{turn + 1} {PEERS[name].name}: {result.events / result.durable:,.0f}/s, "
                    f"{result.cpu:.1f} s CPU, {result.peak:.0f} MB, {len(expected)} counts equal",
                    flush=True,
                )
    print("\n" + report(runs_of, Summary.of(loads)))


if __name__ == "__main__":
    main()
