"""`songnodes rebuild silver` with servers: `python -m benchmarks.rebuild_silver [--pages 500]`.

CPU time of the command's processes and of the servers per page, from tracklists and from pages, up to the
comparison; parse of the same pages is the yardstick of the machine. Servers of its own, in a temporary
directory. `benchmarks.bulk_silver` measures our code alone, by step.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import pipeline_pages
from benchmarks.rebuild import REAPER, Meter, publish
from benchmarks.summary import table
from infra.embedded.deploy import STEPS, deploy
from infra.embedded.stack import Stack
from operations.rebuild import silver
from operations.rebuild.part_files import PartRecord
from producers import sources
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

worker_processes: Any = import_module("tests.support.worker_processes")


def records(settings: Settings, codec: Codec, pages: int) -> tuple[list[PartRecord], float]:
    """Return pages and their tracklists as records, and the processor seconds of parse."""
    samples = list(pipeline_pages.samples(codec, pages, "rebuild"))
    values = [codec.decode(silver.PAGES, page.value) for page in samples]
    started = time.process_time()
    outputs = [output for value in values for output in sources.parse(value)]  # type: ignore[arg-type]
    parse_s = time.process_time() - started
    name = topics.physical(silver.PAGES, settings)
    raw = [PartRecord(name, 0, 0, 0, page.key.encode(), page.value) for page in samples]
    return [*raw, *_encoded(settings, codec, outputs)], parse_s


def _encoded(settings: Settings, codec: Codec, outputs: Sequence[Any]) -> Iterator[PartRecord]:
    for topic, key, value in outputs:
        name = topics.physical(topic, settings)
        yield PartRecord(name, 0, 0, 0, key.encode(), codec.encode(topic, value))


def run_command(settings: Settings, *options: str) -> tuple[float, str]:
    """Run `songnodes rebuild silver`; return the processor seconds of all its processes, and its output."""
    before = os.times()
    command = [sys.executable, "-m", "songnodes", "rebuild", "silver", *options]
    done = subprocess.run(
        [sys.executable, "-c", REAPER, *command],
        env=worker_processes.environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    own_s = after.children_user + after.children_system - before.children_user - before.children_system
    return own_s, done.stdout + done.stderr


def main() -> None:
    """Measure with servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory), outside={})
        addresses = stack.start(parent=os.getpid())
        settings = Settings().with_access(addresses).model_copy(update={"home": Path(directory)})
        try:
            deploy(STEPS, worker_processes.environment(settings), print)
            data, parse_s = records(settings, Codec.connect(settings), options.pages)
            publish(settings, data)
            rows = []
            for source in ("tracklists", "pages"):
                time.sleep(5)
                meter = Meter(stack)
                own_s, output = run_command(settings, "--beside", "--from", source)
                rows.append(meter.row(f"from {source}", own_s, options.pages))
                print(output)
                run_command(settings, "--drop")
            head = ("rebuild of silver", "own CPU s", "servers' CPU s", "CPU s per 1,000 pages", "elapsed s")
            print(table(head, rows))
            print(f"\n{options.pages} pages. Parse: {parse_s / options.pages * 1000:.1f} ms per page.")
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
