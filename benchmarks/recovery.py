"""Time and memory of a worker without local state that restores its table from the changelog.

    python -m benchmarks.recovery [--keys 300000] [--rounds 3]

Ours against stock Faust, in turn. The clock runs from Faust's begin of recovery to the first record handled;
the job checks the values of some keys after it. Prints a table for RESULTS.md.
"""

import argparse
from collections import defaultdict

from benchmarks import broker, events
from benchmarks.peers import DEAD_LETTERS, INPUT, OURS, STOCK, Peer
from benchmarks.run import Run, run
from benchmarks.summary import Summary, compare, table
from songnodes.messaging import clients
from songnodes.settings import Settings

PEERS = (OURS, STOCK)
CHECKED_KEYS = 60  # keys whose values are checked, evenly over all


def measure(settings: Settings, rounds: int, keys: int) -> dict[Peer, list[Run]]:
    """Each peer once per round, always with the same changelog and nothing on disk."""
    producer = clients.producer(settings, **{"queue.buffering.max.messages": events.QUEUE_RECORDS})
    checked_records = [(b"k%011d" % number, b"") for number in range(0, keys, -(-keys // CHECKED_KEYS))]
    events.publish_all(producer, INPUT, checked_records)
    runs_of: dict[Peer, list[Run]] = defaultdict(list)
    for number in range(1, rounds + 1):
        for peer in PEERS:
            broker.make_topics(settings, [peer.changelog(number)], broker.CHANGELOG)
            events.publish_changelog(producer, peer.changelog(number), keys)
            result = run(peer, "recover", settings, number=number, events=len(checked_records))
            broker.drop_topics(settings, [peer.changelog(number)])
            print(
                f"recovery {number}/{rounds} {peer.name}: {result.restore:.2f} s, {result.peak:.0f} MB",
                flush=True,
            )
            runs_of[peer].append(result)
    return runs_of


def report(runs_of: dict[Peer, list[Run]]) -> str:
    """Medians with the extremes, and how many times longer each takes than ours."""
    ours = [result.restore for result in runs_of[OURS]]
    rows = [
        (
            peer.name,
            f"{Summary.of(result.restore for result in runs):.2f}",
            f"{Summary.of(result.peak for result in runs):.0f}",
            "" if peer is OURS else f"{compare((result.restore for result in runs), ours):.1f}",
        )
        for peer, runs in runs_of.items()
    ]
    return table(("recovery", "seconds", "peak MB", "times ours"), rows)


def main() -> None:
    """Measure on a broker of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with broker.broker() as settings:
        broker.make_topics(settings, [INPUT, DEAD_LETTERS])
        runs_of = measure(settings, options.rounds, options.keys)
    print("\n" + report(runs_of))


if __name__ == "__main__":
    main()
