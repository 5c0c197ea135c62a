"""Silver in bulk, by step: `python -m benchmarks.bulk_silver [--pages 300] [--profile STEP]`.

CPU of our code per page, without servers and without PostgreSQL: the folds of `songnodes rebuild silver` over
the tracklists of the benchmark's pages. Parse of the same pages is the yardstick of the machine.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import pipeline_pages
from benchmarks.summary import table
from operations.rebuild import silver
from operations.rebuild.part_files import Layout, PartRecord, PartWriter, read_part
from producers import sources
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.silver.facts import APPEARANCES, CREDITS

#: Of the tests, which are checked less strictly than this.
codecs: Any = import_module("tests.support.codecs")

SETTINGS = Settings()
LAYOUT = Layout(topics.partitions(), 1)
Records = dict[str, bytes | None]


class Collector:
    """Collects what the folds write to Kafka: records and their bytes."""

    def __init__(self) -> None:
        self.records = 0
        self.bytes = 0

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        self.records += 1
        self.bytes += len(value or b"")

    def finish(self) -> None:
        """Have all records already."""


class Steps:
    """The steps of a rebuild over tracklists of pages, in a directory."""

    def __init__(self, codec: Codec, pages: int, directory: Path) -> None:
        self.collector = Collector()
        self._codec = codec
        self._directory = directory
        self._pages = [
            codec.decode("bronze.pages", page.value)
            for page in pipeline_pages.samples(codec, pages, "rebuild")
        ]
        self._records: list[tuple[bytes, bytes]] = []

    def parse(self) -> None:
        """Parse the pages and encode the tracklists."""
        for page in self._pages:
            for topic, key, value in sources.parse(page):  # type: ignore[arg-type]
                self._records.append((key.encode(), self._codec.encode(topic, value)))

    def read(self) -> None:
        """Divide the tracklists into parts."""
        topic = topics.physical(silver.TRACKLISTS, SETTINGS)
        with PartWriter(self._directory / "sets") as writer:
            for offset, (key, value) in enumerate(self._records):
                part = LAYOUT.part_of(key)
                writer.write(part, PartRecord(topic, part.partition, offset, 0, key, value))

    def sets(self) -> None:
        """Fold the sets."""
        self._fold("sets", "facts", lambda records: records)

    def tracks(self) -> None:
        """Fold the tracks."""
        self._fold("facts", "answers", lambda records: silver.of_source(iter(records), APPEARANCES))

    def artists(self) -> None:
        """Fold the artists."""
        self._fold("facts", "nothing", lambda records: silver.of_source(iter(records), CREDITS))

    def _fold(
        self, inputs: str, facts: str, choose: Callable[[Iterable[PartRecord]], Iterable[PartRecord]]
    ) -> None:
        for part in LAYOUT.all_parts():
            stage = silver.build(SETTINGS, self._codec)
            directories = sorted(self._directory.glob(f"{inputs}*"))
            with PartWriter(self._directory / f"{facts}-{part.name}") as writer:
                outputs = silver.FoldOutputs(SETTINGS, self.collector, LAYOUT, writer)
                silver.fold(stage, part, choose(read_part(directories, part)), self.collector, outputs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--profile", metavar="STEP", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        steps = Steps(codecs.offline(), options.pages, Path(directory))
        rows = []
        for step in (steps.parse, steps.read, steps.sets, steps.tracks, steps.artists):
            profile = cProfile.Profile()
            started = time.process_time()
            if options.profile == step.__name__:
                profile.runcall(step)
                pstats.Stats(profile).sort_stats("tottime").print_stats(35)
            else:
                step()
            ms = (time.process_time() - started) / options.pages * 1000
            rows.append((step.__name__, f"{ms:.2f}"))
        print(table(("step", "CPU ms per page"), rows))
        print(f"\n{options.pages} pages, {steps.collector.records} records, {steps.collector.bytes:,} bytes")


if __name__ == "__main__":
    main()
