"""The runtime of the stages against its peers: the same jobs on the same broker, in turn, round after round.

    python -m benchmarks.stage [--events 600000] [--keys 50000] [--rounds 3] [--jobs count forward noop]

Every result is checked: counts from each peer's changelog, forwarded records by their number. Prints tables
for RESULTS.md.
"""

import argparse
from collections import Counter, defaultdict

from benchmarks import broker, events
from benchmarks.jobs.task import Job
from benchmarks.peers import ALL, DEAD_LETTERS, INPUT, OURS, Peer
from benchmarks.run import Run, check_counts, run
from benchmarks.summary import Summary, compare, table
from songnodes.messaging import clients
from songnodes.settings import Settings

JOBS: tuple[Job, ...] = ("count", "forward", "noop")
Runs = dict[Peer, list[Run]]


def measure(
    settings: Settings, job: Job, peers: list[Peer], *, rounds: int, first: int, wanted: Counter[bytes]
) -> Runs:
    """Each peer once per round; `first` is the number of the first run."""
    runs_of: Runs = defaultdict(list)
    number = first
    for turn in range(rounds):
        for peer in peers:
            result = run_once(settings, job, peer, number, wanted)
            print(
                f"{job} {turn + 1}/{rounds} {peer.name}: {result.events / result.handled:,.0f}/s handled, "
                f"{result.events / result.durable:,.0f}/s durable, {result.cpu:.1f} s CPU, "
                f"{result.peak:.0f} MB",
                flush=True,
            )
            runs_of[peer].append(result)
            number += 1
    return runs_of


def run_once(settings: Settings, job: Job, peer: Peer, number: int, wanted: Counter[bytes]) -> Run:
    """Run a job once on topics of its own, and check its result."""
    changelog, output = peer.changelog(number), peer.output(number)
    if job == "count" and not peer.makes_changelog:
        broker.make_topics(settings, [changelog], broker.CHANGELOG)
    if job == "forward":
        broker.make_topics(settings, [output])
    result = run(peer, job, settings, number=number, events=wanted.total())
    if job == "count":
        check_counts(peer, settings, number, wanted)
        broker.drop_topics(settings, [changelog])
    elif job == "forward":
        sent = broker.records(settings, output)
        assert sent == wanted.total(), f"{peer.name}: {sent} records forwarded"
        broker.drop_topics(settings, [output])
    return result


def report(job: Job, runs_of: Runs) -> str:
    """Format the table of one job: medians, extremes, and time and CPU of each peer by ours of its round."""
    ours = runs_of.get(OURS, [])
    rows = []
    for peer, runs in runs_of.items():
        values = (
            f"{Summary.of(result.events / result.handled for result in runs):,.0f}",
            f"{Summary.of(result.events / result.durable for result in runs):,.0f}",
            f"{Summary.of(result.cpu / result.events * 1e6 for result in runs):.1f}",
            f"{Summary.of(result.peak for result in runs):.0f}",
        )
        ratios = ("", "")
        if ours and peer is not OURS:
            times = compare((result.durable for result in runs), (result.durable for result in ours))
            cpu = compare((result.cpu for result in runs), (result.cpu for result in ours))
            ratios = (f"{times:.2f}", f"{cpu:.2f}")
        rows.append((peer.name, *values, *ratios))
    head = (
        "events/s handled",
        "events/s durable",
        "CPU µs per event",
        "peak MB",
        "time / ours",
        "CPU / ours",
    )
    return table((job, *head), rows)


def main() -> None:
    """Measure on a broker of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=600_000)
    parser.add_argument("--keys", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=JOBS)
    parser.add_argument("--peers", nargs="+", choices=[p.module.split(".")[-1] for p in ALL])
    options = parser.parse_args()
    chosen = [p for p in ALL if not options.peers or p.module.split(".")[-1] in options.peers]
    for peer in chosen:
        peer.python()  # created before the clock runs
    wanted = events.expected(options.events, options.keys)
    tables = []
    with broker.broker() as settings:
        broker.make_topics(settings, [INPUT, DEAD_LETTERS])
        queue = {"queue.buffering.max.messages": events.QUEUE_RECORDS}
        events.publish(clients.producer(settings, **queue), INPUT, options.events, options.keys)
        for place, job in enumerate(options.jobs):
            peers = [peer for peer in chosen if job in peer.jobs]
            first = 1 + place * 100
            runs_of = measure(settings, job, peers, rounds=options.rounds, first=first, wanted=wanted)
            tables.append(report(job, runs_of))
    print("\n" + "\n\n".join(tables))


if __name__ == "__main__":
    main()
