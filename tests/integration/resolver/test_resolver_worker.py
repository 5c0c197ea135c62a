"""The resolver as a process with the other stages: gold before and after a merge, and after a kill."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from songnodes.domain.records import Tracklist
from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from stream_processors.resolver.ingest import INPUTS
from stream_processors.resolver.reading import APP, CONSUMER
from tests.support.pipeline import Pipeline
from tests.support.set_builders import build_tracklist, event, track

ONE, OTHER = "Nora Vexley - Glass Harbour", "Nora Vexley & Kilo Meridian - Glass Harbour"
SPOTIFY = {"spotify_id": "4uLU6hMCjMI75M1A2tKUQC"}
ROWS = [f"Artist{n} - Title{n}" for n in range(6)]
STAGES = ("silver", "gold", "sink")

DRAIN_TIMEOUT_S = 90.0  # some 3 s on an idle machine

Counts = dict[str, tuple[int, int, int]]


@pytest.fixture
def pipeline(pipeline_settings: Settings) -> Iterator[Pipeline]:
    """Yield the stages after parse, started."""
    with Pipeline(pipeline_settings.model_copy(update={"commit_interval": 0.2})) as opened:
        opened.start(*STAGES, "resolver")
        yield opened


def publish(pipeline: Pipeline, *pages: Tracklist) -> None:
    pipeline.send("bronze.tracklists", ((page["playlist_id"], page) for page in pages))


def counts(pipeline: Pipeline) -> Counts:
    """Plays, playlists and DJs per track."""
    rows = pipeline.query(
        "SELECT track_id, play_count, playlist_appearances, dj_support FROM gold_track_analytics"
    )
    return {track_id: tuple(numbers) for track_id, *numbers in rows}


def test_counts_move_with_merges_and_splits_and_a_set_counts_once(pipeline: Pipeline) -> None:
    """One test for all of it: starting five processes takes longer than their work."""
    publish(
        pipeline,
        build_tracklist("1001tracklists:a", [ONE, *ROWS], djs=["A"], venue="Halle Neun"),
        build_tracklist("1001tracklists:b", [OTHER], djs=["B"]),
    )
    pipeline.drain(DRAIN_TIMEOUT_S)
    before = counts(pipeline)
    _fence_its_consumer(pipeline.settings)  # Kafka ends its consumer; it goes on with another
    canonical, old = sorted((track(ONE), track(OTHER)))
    assert before[canonical] == before[old] == (1, 1, 1)

    pipeline.command("merge", ONE, OTHER, "--reason", "one recording")
    pipeline.drain(DRAIN_TIMEOUT_S)
    assert counts(pipeline)[canonical] == (2, 2, 2)
    assert old not in counts(pipeline)
    assert f"{old} is {canonical}" in pipeline.command("links", old)
    redirects = pipeline.query("SELECT canonical_id FROM track_redirects WHERE track_id = %s", old)
    assert redirects == [(canonical,)]

    pipeline.command("split", ONE, "--reason", "they are not")
    pipeline.drain(DRAIN_TIMEOUT_S)
    assert counts(pipeline) == before
    assert "itself" in pipeline.command("links", old)

    pipeline.send("bronze.events", [("77", _bronze("77"))])
    publish(pipeline, build_tracklist("mixesdb:z", ROWS, djs=["A"], venue="Halle Neun"))
    pipeline.processes.kill(("resolver", "0"))
    pipeline.drain(DRAIN_TIMEOUT_S)
    assert counts(pipeline) == before
    shown = pipeline.query(
        "SELECT playlist_id, set_id, counted, ra_event_id FROM silver_enriched_playlists"
        " WHERE set_id = '1001tracklists:a' ORDER BY 1"
    )
    assert shown == [
        ("1001tracklists:a", "1001tracklists:a", True, "77"),
        ("mixesdb:z", "1001tracklists:a", False, "77"),
    ]
    assert pipeline.query("SELECT counted_playlist_id, playlist_ids FROM set_tracklists") == [
        ("1001tracklists:a", ["1001tracklists:a", "mixesdb:z"])
    ]
    assert pipeline.query("SELECT DISTINCT venue, line_up FROM set_events") == [("Halle Neun", ["A"])]
    pipeline.check()


def _fence_its_consumer(settings: Settings) -> None:
    group = topics.group(APP, settings)
    with closing(clients.consumer(settings, group, **CONSUMER)) as successor:
        successor.subscribe([topics.physical(name, settings) for name in INPUTS])
        successor.poll(5)


def _bronze(event_id: str) -> dict[str, object]:
    listed_event = event(event_id, "Nacht", "A", venue="Halle Neun")
    return {
        **listed_event,
        "url": None,
        "start_time": None,
        "end_time": None,
        "timezone": None,
        "promoters": [],
        "genres": [],
        "attending": None,
        "cost": None,
        "parser_version": 1,
        "content_hash": "0" * 64,
        "page_kind": "event",
        "area": None,
        "start_local": None,
        "end_local": None,
        "festival": None,
        "interested": None,
        "lineup_text": None,
        "warnings": [],
    }
