"""Gold in bulk against gold in streams: `python -m benchmarks.bulk [--pages 300] [--rounds 3]`.

CPU of our code per page, without servers and without PostgreSQL: the same sets as facts in Avro through the
stage with a commit every 1,500 records, through the stage with a record cache without bounds and one commit
(the streams at their best), and by the path of `songnodes rebuild gold`. Every result is compared.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import pipeline_pages
from benchmarks.summary import Summary, compare, table
from operations.rebuild import gold
from operations.rebuild.part_files import Layout, PartRecord, PartWriter, read_part
from producers import sources
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors import silver
from stream_processors.gold import build as build_gold
from stream_processors.runtime import Stage
from stream_processors.runtime.bulk import BulkRun
from stream_processors.runtime.testing import MemoryDatabase

#: Of the tests, which are checked less strictly than this.
codecs: Any = import_module("tests.support.codecs")
latest_by_key: Any = import_module("tests.support.latest_by_key")
tables: Any = import_module("tests.support.tables")

COMMIT_RECORDS = 1_500
SETTINGS = Settings()
Values = dict[tuple[str, bytes], bytes | None]


class Collector:
    """Collects what a stage produces: all records, and the last of each key."""

    def __init__(self) -> None:
        self.records: list[tuple[str, bytes, bytes | None]] = []
        self.last: Values = {}

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        self.records.append((topic, key or b"", value))
        self.last[topic, key or b""] = value


@dataclass(frozen=True, slots=True)
class Input:
    """Input of gold for some pages, as in Kafka: facts, playlists, silver tracks and artists."""

    facts: Sequence[PartRecord]
    playlists: Sequence[PartRecord]
    entities: Sequence[PartRecord]


def make_input(codec: Codec, pages: int) -> tuple[Input, float, float]:
    """Parse pages and run silver over them; return the input, and the seconds of parse and of silver."""
    values = [
        codec.decode("bronze.pages", page.value) for page in pipeline_pages.samples(codec, pages, "rebuild")
    ]
    started = time.process_time()
    outputs = [output for value in values for output in sources.parse(value)]  # type: ignore[arg-type]
    parsed = time.process_time()
    stage = silver.build(SETTINGS, codec)
    run, collector = BulkRun(stage, 0), Collector()
    run.process(
        _records(
            (topics.physical(topic, SETTINGS), key.encode(), codec.encode(topic, value))
            for topic, key, value in outputs
        ),
        collector,
    )
    run.flush(collector)
    name = topics.physical(gold.PLAYLISTS, SETTINGS)
    playlists = list(_records(record for record in collector.records if record[0] == name))
    fact_topics = {topics.physical(topic, SETTINGS) for topic in gold.FACTS}
    facts = list(_records(record for record in collector.records if record[0] in fact_topics))
    merged = Collector()
    run.process(facts, merged)
    run.flush(merged)
    state = sum(1 for _ in run.changelog())
    silver_s = time.process_time() - parsed
    assert state > len(playlists)
    names = {topics.physical(topic, SETTINGS) for topic in gold.ENTITIES}
    entities = list(_records(record for record in merged.records if record[0] in names))
    return Input(facts, playlists, entities), parsed - started, silver_s


def _records(records: Any) -> Iterator[PartRecord]:
    for offset, (topic, key, value) in enumerate(records):
        yield PartRecord(topic, 0, offset, 0, key, value)


def run_streams(codec: Codec, data: Input, commit_records: int | None) -> Collector:
    """Run the stage over facts in Avro; with `commit_records` in its usual bounds, without in one commit."""
    stage, collector = build_gold(SETTINGS, codec), Collector()
    if commit_records is None:
        stage.remember_all_outputs()
    for state in stage.tables.values():
        state.assign({0}, lambda _: MemoryDatabase())
    for number, record in enumerate((*data.facts, *data.entities), 1):
        stage.process(record, collector)
        if commit_records is not None and number % commit_records == 0:
            commit(stage, collector)
    commit(stage, collector)
    return collector


def commit(stage: Stage, collector: Collector) -> None:
    """Flush outputs, encode the state and write it to the database."""
    stage.begin_commit()
    stores = [state.stores[0] for state in stage.tables.values()]
    for store in stores:
        store.begin_commit()
    stage.flush(collector, lambda: True)
    for store in stores:
        store.persist((store.database.offset or 0) + len(store.commit_keys()))


def run_bulk(codec: Codec, data: Input) -> Collector:
    """Take the path of the command: playlists in Avro, part files, a fold of each part."""
    layout, collector = Layout(topics.partitions(), 1), Collector()
    with tempfile.TemporaryDirectory() as directory:
        inputs = Path(directory) / "inputs"
        with PartWriter(inputs) as writer:
            for playlist in data.playlists:
                for fact in gold.facts_of(codec.decode(gold.PLAYLISTS, playlist.value)):  # type: ignore[arg-type]
                    writer.write(layout.part_of(fact.key), fact)
            for record in data.entities:
                writer.write(layout.part_of(record.key), record)
        for part in layout.all_parts():
            run = BulkRun(gold.build(SETTINGS, codec), part.partition)
            records = gold.numbered(read_part([inputs], part), part.partition)
            run.process((replace_partition(record, part.partition) for record in records), collector)
            run.flush(collector)
            for _ in run.changelog():
                pass
    return collector


def replace_partition(record: PartRecord, partition: int) -> PartRecord:
    """Return the record in a partition: the benchmark's records are all in one."""
    return PartRecord(record.topic, partition, record.offset, record.timestamp, record.key, record.value)


def canonical(codec: Codec, collector: Collector) -> dict[tuple[str, bytes], str]:
    """Return the last record of each key, without what may differ."""
    logical = {topics.physical(topic, SETTINGS): topic for topic in gold.OUTPUTS}
    return {
        (topic, key): tables.canonical(codec.decode(logical[topic], raw), latest_by_key.LEFT_OUT)
        for (topic, key), raw in collector.last.items()
    }


def measure(run: Callable[[], Collector]) -> tuple[float, Collector]:
    """Return the processor seconds of a run, and its result."""
    started = time.process_time()
    collector = run()
    return time.process_time() - started, collector


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    codec = codecs.offline()
    data, parse_s, silver_s = make_input(codec, options.pages)
    ways: dict[str, Callable[[], Collector]] = {
        "streams, commit every 1,500 records": lambda: run_streams(codec, data, COMMIT_RECORDS),
        "streams, cache without bounds, one commit": lambda: run_streams(codec, data, None),
        "bulk, from playlists": lambda: run_bulk(codec, data),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    expected = None
    for _ in range(options.rounds):
        for name, run in ways.items():
            elapsed, collector = measure(run)
            seconds[name].append(elapsed)
            result = canonical(codec, collector)
            expected = expected or result
            assert result == expected, name
    bulk = list(seconds.values())[-1]
    rows = [
        (
            name,
            f"{Summary.of(value / options.pages * 1000 for value in values):.2f}",
            f"{compare(values, bulk):.2f}",
        )
        for name, values in seconds.items()
    ]
    print(table(("gold, CPU per page", "ms, median (extremes)", "by bulk"), rows))
    print(
        f"\n{options.pages} pages, {len(data.facts)} facts and {len(data.entities)} silver records, "
        f"{len(expected or ())} out. Parse {parse_s / options.pages * 1000:.2f} ms per page, "
        f"silver in bulk {silver_s / options.pages * 1000:.2f}."
    )


if __name__ == "__main__":
    main()
