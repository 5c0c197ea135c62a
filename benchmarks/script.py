"""A person's own script over the same pure functions, into PostgreSQL and into DuckDB: CPU per page.

    python -m benchmarks.script [--pages 400] [--rounds 3]

One process parses pages, writes sets and rows and counts plays per track and DJ. CPU of the script and of
PostgreSQL. The plays in each database are compared with those of the script, and those of one run, summed per
track, with `gold.tracks` of the stages over the same pages.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.jobs import script
from benchmarks.peers import ROOT, python_of
from benchmarks.summary import Summary, table
from infra.embedded.stack import Stack
from tests.support import codecs
from tests.support.in_process_stages import InProcessPipeline
from tests.support.isolated_pipeline import database

DUCKDB = Path(__file__).with_name("duckdb.txt")
NOT_NEEDED = {"kafka_bootstrap": "none", "redis_url": "none", "schema_registry_url": "none"}
TARGETS = ("none", "postgres", "duckdb")
PLAYS = "SELECT track_id, dj, plays FROM plays ORDER BY track_id, dj"

Plays = list[tuple[str, str, int]]


def run(into: str, pages: int, place: str, folder: Path) -> dict[str, Any]:
    """Run the script in a process of its own; it has DuckDB of the environment of `duckdb.txt`."""
    output = folder / "report.json"
    packages = next(python_of(DUCKDB).parents[1].glob("lib/python*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.jobs.script", into, str(pages), place, str(output)],
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{packages}"},
    )
    report: dict[str, Any] = json.loads(output.read_text())
    report["plays"] = [tuple(row) for row in report["plays"]]
    return report


def in_postgres(address: str) -> Plays:
    """Return the plays in the table, in order."""
    with psycopg.connect(address) as connection:
        return sorted(connection.execute(PLAYS).fetchall())


def in_duckdb(file: str) -> Plays:
    """Return the plays in the file, in order."""
    program = (
        f"import duckdb, json; print(json.dumps(duckdb.connect({file!r}).execute({PLAYS!r}).fetchall()))"
    )
    done = subprocess.run([python_of(DUCKDB), "-c", program], check=True, capture_output=True, text=True)
    return sorted(tuple(row) for row in json.loads(done.stdout))


def check_against_stages(pages: int, plays: Plays) -> int:
    """Raise AssertionError unless plays per track equal those of gold; return the number of tracks."""
    pipeline = InProcessPipeline()
    for page in script.pages(pages, codecs.offline()):
        pipeline.publish("bronze.pages", page["page_id"], page)
    pipeline.run()
    gold = {
        key: record["play_count"]
        for key, record in pipeline.live_records["gold.tracks"].items()
        if record["play_count"]
    }
    counts: Counter[str] = Counter()
    for track, _, number in plays:
        counts[track] += number
    assert counts == gold, f"{len(counts)} tracks of the script, {len(gold)} of the stages"
    return len(gold)


def cpu_of(pid: int | None) -> float:
    """Return the CPU seconds of a process and of all its children, ended ones included."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(member.cpu_times()[:2]) for member in family) + sum(family[0].cpu_times()[2:4])


def measure(stack: Stack, folder: Path, into: str, pages: int, number: int) -> tuple[float, float, Plays]:
    """Run once into a database of its own; return CPU seconds of script and server, and the plays."""
    owner = stack.addresses.owner_url
    name = f"script{number}"
    place = database(owner, name) if into == "postgres" else str(folder / f"{number}.duckdb")
    if into == "postgres":
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
    before = cpu_of(stack.postgres.pid)
    report = run(into, pages, place, folder)
    server = cpu_of(stack.postgres.pid) - before if into == "postgres" else 0.0
    stored = {"postgres": in_postgres, "duckdb": in_duckdb}.get(into)
    assert stored is None or stored(place) == report["plays"], f"{into}: the table differs"
    return float(report["cpu"]), server, report["plays"]


def main() -> None:
    """Measure in turns with a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    python_of(DUCKDB)  # created before the clock runs
    runs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    loads = []
    plays: Plays = []
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory) / "stack", outside=NOT_NEEDED)
        stack.start(parent=os.getpid())
        try:
            for turn in range(options.rounds):
                for place, into in enumerate(TARGETS):
                    number = turn * len(TARGETS) + place
                    script_cpu, server, now = measure(stack, Path(directory), into, options.pages, number)
                    assert not plays or now == plays, f"{into}: the plays differ"
                    plays = now
                    runs[into].append((script_cpu, server))
                    loads.append(os.getloadavg()[0])
        finally:
            stack.discard()
    tracks = check_against_stages(options.pages, plays)
    rows = [
        (
            into,
            f"{Summary.of((script_cpu + server) / options.pages * 1e3 for script_cpu, server in pairs):.2f}",
            f"{Summary.of(server / options.pages * 1e3 for _, server in pairs):.2f}",
        )
        for into, pairs in runs.items()
    ]
    print(f"load {Summary.of(loads):.0f}, plays of {tracks} tracks equal to gold.tracks\n")
    print(table(("into", "CPU ms per page", "of it the server"), rows))


if __name__ == "__main__":
    main()
