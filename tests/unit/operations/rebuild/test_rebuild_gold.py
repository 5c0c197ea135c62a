"""Gold rebuilt in bulk from the newest playlists has the records and state of a stream of all versions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from operations.rebuild import gold
from operations.rebuild.part_files import BLOCK_RECORDS, Layout, PartRecord, PartWriter, read_part
from songnodes.domain.facts import PlaylistFacts
from songnodes.domain.records import Playlist, TrackFact
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.partitioner import partition_of
from songnodes.settings import Settings
from stream_processors.gold import build as build_gold
from stream_processors.runtime.bulk import BulkRun
from stream_processors.runtime.testing import StageTestDriver
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.latest_by_key import LEFT_OUT
from tests.support.tables import canonical

SETTINGS = Settings()
#: As many partitions as topics have, and several parts of each.
LAYOUT = Layout(topics.partitions(), 3)


class Outputs:
    """Collects what a bulk run produces."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, bytes], bytes | None] = {}
        self.count = 0

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        self.values[topic, key or b""] = value
        self.count += 1


@pytest.fixture(scope="module")
def streamed() -> InProcessPipeline:
    """All stages after pages that were saved four times with changes."""
    pipeline = InProcessPipeline()
    for page in changing_pages.make(11, pages=8, savings=3).pages:
        pipeline.publish("bronze.pages", page["page_id"], page)
    pipeline.run()
    return pipeline


def write_parts(streamed: InProcessPipeline, directory: Path) -> None:
    with PartWriter(directory) as writer:
        for playlist in streamed.live_records[gold.PLAYLISTS].values():
            for fact in gold.facts_of(playlist):  # type: ignore[arg-type]
                writer.write(LAYOUT.part_of(fact.key), fact)
        for topic in gold.ENTITIES:
            for offset, (key, value) in enumerate(streamed.live_records[topic].items()):
                part = LAYOUT.part_of(key.encode())
                raw = streamed.codec.encode(topic, value)
                name = topics.physical(topic, SETTINGS)
                writer.write(part, PartRecord(name, part.partition, offset, 0, key.encode(), raw))


def fold(codec: Codec, directory: Path) -> tuple[Outputs, dict[str, dict[bytes, bytes | None]]]:
    """Fold all parts; return the outputs, and the changelog records by table."""
    outputs = Outputs()
    state: dict[str, dict[bytes, bytes | None]] = {}
    for part in LAYOUT.all_parts():
        run = BulkRun(gold.build(SETTINGS, codec), part.partition)
        run.process(gold.numbered(read_part([directory], part), part.partition), outputs)
        run.flush(outputs)
        for topic, key, value in run.changelog():
            assert key not in state.setdefault(topic, {})
            state[topic][key] = value
    return outputs, state


def rows(records: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {key: canonical(value, LEFT_OUT) for key, value in records.items()}


def test_records_are_those_of_a_stream_and_each_is_produced_once(
    streamed: InProcessPipeline, tmp_path: Path
) -> None:
    write_parts(streamed, tmp_path / "inputs")
    outputs, _ = fold(streamed.codec, tmp_path / "inputs")
    assert outputs.count == len(outputs.values)
    for topic in gold.OUTPUTS:
        physical = topics.physical(topic, SETTINGS)
        rebuilt = {
            key.decode(): streamed.codec.decode(topic, value)
            for (name, key), value in outputs.values.items()
            if name == physical
        }
        assert len(rebuilt) > 20
        assert rows(rebuilt) == rows(streamed.live_records[topic])


def test_the_stage_continues_from_the_state(streamed: InProcessPipeline, tmp_path: Path) -> None:
    """A retracted set is taken out of the counts, and facts that are applied again change nothing."""
    write_parts(streamed, tmp_path / "inputs")
    outputs, state = fold(streamed.codec, tmp_path / "inputs")
    stage = build_gold(SETTINGS, streamed.codec)
    driver = StageTestDriver(stage, streamed.codec)
    for topic, changes in state.items():
        stage.tables[topic].stores[0].database.write(changes.items(), len(changes))

    playlist = cast(
        Playlist, max(streamed.live_records[gold.PLAYLISTS].values(), key=lambda value: len(value["rows"]))
    )
    track_id = next(row["track_id"] for row in playlist["rows"] if row["track_id"])
    fact = next(fact for fact in PlaylistFacts(playlist, "1").of_tracks() if fact["track_id"] == track_id)
    plays = sum(row["track_id"] == track_id for row in playlist["rows"])
    before = streamed.live_records["gold.tracks"][track_id]["play_count"]
    (again,) = driver.feed("silver.appearances", track_id, fact)
    assert again.value["play_count"] == before

    gone: TrackFact = {
        **fact,
        "version": fact["version"] + 1,
        "gone": True,
        "djs_live": [],
        "djs_gone": [*fact["djs_live"], *fact["djs_gone"]],
        "own_djs": [],
        "claim": None,
        "appearances": [],
    }
    (retracted,) = driver.feed("silver.appearances", track_id, gone)
    assert retracted.value["play_count"] == before - plays
    raw = outputs.values[topics.physical("gold.tracks", SETTINGS), track_id.encode()]
    rebuilt = streamed.codec.decode("gold.tracks", raw)
    assert retracted.value["version"] > again.value["version"] > rebuilt["version"]


def test_an_incomplete_directory_is_no_input(tmp_path: Path) -> None:
    record = PartRecord("topic", 0, 0, 0, b"key", b"value")
    part = LAYOUT.part_of(b"key")
    with pytest.raises(KeyboardInterrupt), PartWriter(tmp_path / "inputs") as writer:
        for _ in range(BLOCK_RECORDS + 1):
            writer.write(part, record)
        raise KeyboardInterrupt
    assert list(read_part([tmp_path / "inputs"], part)) == []
    for _ in range(2):  # the second replaces the first: it was killed before it was recorded
        with PartWriter(tmp_path / "inputs") as writer:
            writer.write(part, record)
        assert list(read_part([tmp_path / "inputs"], part)) == [record]


def test_a_key_has_the_partition_of_its_topic() -> None:
    keys = [b"%d" % number for number in range(1000)]
    parts = [LAYOUT.part_of(key) for key in keys]
    assert [part.partition for part in parts] == [partition_of(key, LAYOUT.partitions) for key in keys]
    assert len({part for part in parts}) == len(LAYOUT.all_parts())
