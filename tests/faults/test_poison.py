"""Unreadable records among others become dead letters and have no other effect."""

from collections.abc import Iterator

from songnodes.messaging import topics
from songnodes.messaging.codec import HEADER, MAGIC
from tests.support import latest_by_key, scenario
from tests.support.pipeline import NewPipeline, Outcome, Pipeline
from tests.support.scenario import Scenario

SINK = "sink"
#: Topic -> its readers that have dead letters.
READERS = {
    "bronze.pages": ("parse", SINK),
    "bronze.tracklists": ("silver", SINK),
    "bronze.decisions": ("silver", SINK),
    "silver.playlists": (SINK,),
    "silver.appearances": ("silver", "gold"),
    "silver.tracks": ("gold", SINK),
    "gold.tracks": (SINK,),
}
UNKNOWN_ID = 2_000_000_000

Letter = tuple[str, str, str, bytes | None, bytes | None]
"""Stage, topic, reason, key, value."""


def test_poison_leaves_no_trace_but_dead_letters(
    new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    first, second = scenario.parts(fed, 2)
    with new_pipeline() as pipeline:
        pipeline.feed(first)
        pipeline.start()
        pipeline.drain()
        expected = set(poisoned(pipeline))
        pipeline.feed(second)
        pipeline.drain()
        assert {
            (letter.reason.stage, letter.reason.topic, letter.reason.reason, letter.key, letter.value)
            for letter in pipeline.dead_letters()
        } == expected
        assert len(pipeline.dead_letters()) == len(expected)
        assert not pipeline.processes.unexpected()
        assert not pipeline.reconcile()
        assert not undisturbed[0].differences(pipeline.concluded())


def poisoned(pipeline: Pipeline) -> Iterator[Letter]:
    """Put three kinds of poison into every topic, under keys of real records; yields the letters to come."""
    for logical, stages in READERS.items():
        physical = topics.physical(logical, pipeline.settings)
        record = next(latest_by_key.read(pipeline.settings, physical))
        key, value = record.key() or b"", record.value() or b""
        kinds = {
            "not_avro": b"\x7fthis is no Avro",
            "unknown_schema": HEADER.pack(MAGIC, UNKNOWN_ID) + value[HEADER.size :],
            "broken_avro": value[: HEADER.size + 7],
        }
        pipeline.send_raw(logical, ((key, raw) for raw in kinds.values()))
        for reason, raw in kinds.items():
            for stage in stages:
                yield f"sink {logical}" if stage == SINK else stage, physical, reason, key, raw
