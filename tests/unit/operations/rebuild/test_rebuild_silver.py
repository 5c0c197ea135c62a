"""Silver rebuilt in bulk has the records and state of a stream of all versions, and the stage continues."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from operations.rebuild import silver
from operations.rebuild.part_files import Layout, Part, PartRecord, PartWriter, read_part
from songnodes.messaging import topics
from songnodes.messaging.partitioning import SEPARATOR
from songnodes.settings import Settings
from stream_processors.runtime.records import FetchedRecord
from stream_processors.silver.facts import APPEARANCES, CREDITS
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.latest_by_key import COMPACTED, live
from tests.support.provider_answers import STROBE, track_id_of
from tests.support.rebuilt_world import DEADMAU5, Publication, others, overrides, pages

SETTINGS = Settings()
TARGET = Settings(silver_version=2, gold_version=2)
SETS, ENTITIES = Layout(topics.partitions(), 2), Layout(topics.partitions(), 3)
SILVER = (*(topic for topic in COMPACTED if not topic.startswith("gold.")), "enrichment.artist_requests")


class Kafka:
    """Receives what a fold writes to the topics of the new version."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, bytes], bytes | None] = {}
        self.count = 0

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        self.values[topic, key or b""] = value
        self.count += 1

    def finish(self) -> None:
        """Have all records already."""


def publish(pipeline: InProcessPipeline, records: Iterable[Publication]) -> None:
    for topic, key, value in records:
        pipeline.publish(topic, key, value)
    pipeline.run()


def resolutions(pipeline: InProcessPipeline, number: int) -> Iterator[Publication]:
    """Yield merges of tracks, and sets that do not count."""
    playlists = sorted(pipeline.live_records["silver.playlists"].values(), key=lambda p: p["playlist_id"])
    for playlist in playlists[number : number + 3]:
        claims = [row["claim_id"] for row in playlist["rows"] if row["claim_id"]]
        tracks = {claims[-1]: claims[0]} if len(set(claims)) > 1 else {}
        resolved = changing_pages.resolution(playlist["playlist_id"], tracks, counted=number == 0)
        yield "silver.resolutions", playlist["playlist_id"], resolved


@pytest.fixture
def streamed() -> InProcessPipeline:
    """All stages after pages that were saved three times with changes, and decisions between them."""
    pipeline = InProcessPipeline()
    publish(pipeline, chain(pages(0), others(0)))
    publish(pipeline, chain(resolutions(pipeline, 0), overrides(0)))
    publish(pipeline, chain(pages(1), pages(2), others(1)))
    publish(pipeline, chain(resolutions(pipeline, 2), overrides(2)))
    assert not pipeline.dead_letters
    return pipeline


def log(pipeline: InProcessPipeline, logical: str) -> list[FetchedRecord]:
    """Return the records of a topic that silver has read."""
    return pipeline.stages["silver"]._logs[topics.physical(logical, pipeline.settings)]


class Rebuilt:
    """A rebuild from the logs of a pipeline."""

    def __init__(self, streamed: InProcessPipeline, directory: Path) -> None:
        self.kafka = Kafka()
        self._streamed = streamed
        self._directory = directory
        self._read("sets", silver.SET_INPUTS, SETS)
        self._read("tracks", silver.TRACK_INPUTS, ENTITIES)
        self._read("artists", silver.ARTIST_INPUTS, ENTITIES)
        self._fold("facts", SETS, lambda part: self._parts("sets")(part))
        self._fold(
            "answers",
            ENTITIES,
            lambda part: chain(self._facts(part, APPEARANCES), self._parts("tracks")(part)),
        )
        self._fold(
            "nothing",
            ENTITIES,
            lambda part: chain(self._facts(part, CREDITS), self._parts("artists", "answers")(part)),
        )

    def _read(self, name: str, logicals: tuple[str, ...], layout: Layout) -> None:
        with PartWriter(self._directory / name) as writer:
            for logical in logicals:
                for record in log(self._streamed, logical):
                    key = record.key or b""
                    if not silver.is_input(logical, key, logicals):
                        continue
                    part = layout.part_of(key.partition(SEPARATOR)[0])
                    topic = topics.physical(logical, TARGET)
                    copied = PartRecord(
                        topic, part.partition, record.offset, record.timestamp, key, record.value
                    )
                    writer.write(part, copied)

    def _parts(self, *names: str) -> Callable[[Part], Iterator[PartRecord]]:
        paths = [path for name in names for path in sorted(self._directory.glob(f"{name}*"))]
        return lambda part: read_part(paths, part)

    def _facts(self, part: Part, topic: str) -> Iterator[PartRecord]:
        return silver.of_source(self._parts("facts")(part), topic)

    def _fold(self, name: str, layout: Layout, records: Callable[[Part], Iterable[PartRecord]]) -> None:
        for part in layout.all_parts():
            stage = silver.build(TARGET, self._streamed.codec)
            with PartWriter(self._directory / f"{name}-{part.name}") as writer:
                outputs = silver.FoldOutputs(TARGET, self.kafka, ENTITIES, writer)
                silver.fold(stage, part, records(part), self.kafka, outputs)

    def records(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """Return the newest records by topic and key."""
        return {
            topic: {
                key.decode(): self._streamed.codec.decode(topic, value)
                for (name, key), value in self.kafka.values.items()
                if name == topics.physical(topic, TARGET)
            }
            for topic in SILVER
        }

    def pipeline(self) -> InProcessPipeline:
        """Return a pipeline whose silver continues from the rebuild, behind the records that it has read."""
        pipeline = InProcessPipeline(settings=TARGET)
        pipeline.live_records = self.records()
        driver = pipeline.stages["silver"]
        for (topic, key), value in self.kafka.values.items():
            if topic in driver._stage.tables:
                driver._stage.tables[topic].stores[0].database.write([(key, value)], 0)
        for logical in (*silver.SET_INPUTS, *silver.TRACK_INPUTS, *silver.ARTIST_INPUTS):
            name, records = topics.physical(logical, TARGET), log(self._streamed, logical)
            driver._logs[name] = list(records)
            driver._next_offsets[name] = len(records)
        return pipeline


def newest(records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, list[str]]:
    return live({topic: list(records.get(topic, {}).values()) for topic in SILVER})


def test_records_are_those_of_a_stream_and_each_is_produced_once(
    streamed: InProcessPipeline, tmp_path: Path
) -> None:
    rebuilt = Rebuilt(streamed, tmp_path)
    assert rebuilt.kafka.count == len(rebuilt.kafka.values)
    records, expected = newest(rebuilt.records()), newest(streamed.live_records)
    for topic in SILVER:
        assert records[topic] == expected[topic], topic
        assert len(expected[topic]) >= (2 if topic.startswith("silver.") else 1), topic
    fact_topics = {topics.physical(topic, TARGET) for topic in silver.SOURCES}
    assert not fact_topics & {topic for topic, _ in rebuilt.kafka.values}
    assert_that_all_kinds_of_change_occur(streamed.live_records)


def assert_that_all_kinds_of_change_occur(records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    playlists = records["silver.playlists"].values()
    assert any(track["gone"] for track in records["silver.tracks"].values())
    assert any(not playlist["counted"] for playlist in playlists)
    assert any(row["track_id"] != row["claim_id"] for playlist in playlists for row in playlist["rows"])
    strobe = records["silver.tracks"][track_id_of(STROBE)]
    assert (strobe["gone"], strobe["label"]) == (False, "Label B")
    sources = records["silver.artists"][DEADMAU5]["value_sources"]
    assert (sources["ids.deezer"], sources["life_begin"]) == ("deezer", "musicbrainz")


def test_the_stage_continues_from_the_state(streamed: InProcessPipeline, tmp_path: Path) -> None:
    """Both versions read a further saving, merges, an override and a withdrawn answer, and stay equal."""
    continued = Rebuilt(streamed, tmp_path).pipeline()
    versions = {key: track["version"] for key, track in continued.live_records["silver.tracks"].items()}
    for further in (chain(pages(3), others(3)), resolutions(streamed, 1), overrides(1), others(2)):
        records = list(further)
        publish(streamed, records)
        publish(continued, records)
    assert newest(continued.live_records) == newest(streamed.live_records)
    changed = {
        key
        for key, track in continued.live_records["silver.tracks"].items()
        if track["version"] != versions.get(key)
    }
    assert len(changed) > 5
    assert all(
        track["version"] > versions.get(key, 0)
        for key, track in continued.live_records["silver.tracks"].items()
        if key in changed
    )
