"""Merge: values of a track from the archived answers of providers."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain.records import Attempt
from songnodes.settings import Settings
from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.provider_answers import (
    STROBE,
    archived,
    deezer_track,
    key_of,
    reccobeats_features,
    reccobeats_track,
    track_id_of,
)

#: Versions depend on offsets; ids and times of writing on versions.
VOLATILE = {"event_id", "version", "origin"}


def with_a_set(*lines: str, settings: Settings | None = None) -> tuple[InProcessPipeline, str]:
    """Return a pipeline with one set, and the id of its first track."""
    pipeline = InProcessPipeline(settings=settings or Settings())
    page = sample_records.tracklist("abc", *(lines or (STROBE,)))
    pipeline.publish("bronze.tracklists", page["playlist_id"], page)
    pipeline.run()
    return pipeline, min(pipeline.live_records["silver.tracks"])


def answer(pipeline: InProcessPipeline, *records: Attempt) -> None:
    for record in records:
        pipeline.publish("bronze.enrichments", key_of(record), record)
    pipeline.run()


def row(pipeline: InProcessPipeline, track_id: str) -> Any:
    return pipeline.live_records["silver.tracks"][track_id]


def attempts(track: Any, field: str) -> dict[str, str]:
    tried = json.loads(track["enrichment_metadata"])["waterfall_attempts"]
    return {entry["provider"]: entry["status"] for entry in tried if entry["field"] == field}


def chain(track_id: str) -> list[Attempt]:
    """Return the answers of the chain without keys."""
    return [
        archived(track_id, "deezer", "search", {"data": [deezer_track()], "total": 1}, seconds=0),
        archived(track_id, "deezer", "track_by_id", deezer_track(), parameters={"id": "3135556"}, seconds=1),
        archived(
            track_id,
            "reccobeats",
            "tracks",
            reccobeats_track(),
            parameters={"ids": "USUS11000123"},
            seconds=2,
        ),
        archived(
            track_id,
            "reccobeats",
            "audio_features",
            reccobeats_features(),
            parameters={"ids": "0c0ba7f8-0000-4000-8000-000000000001"},
            seconds=3,
        ),
    ]


def test_a_track_has_the_values_of_its_providers() -> None:
    pipeline, track_id = with_a_set()
    assert row(pipeline, track_id)["bpm"] is None
    answer(pipeline, *chain(track_id))
    track = row(pipeline, track_id)
    assert (track["bpm"], track["key"], track["key_mode"], track["isrc"]) == (128, 8, "minor", "USUS11000123")
    assert (track["spotify_id"], track["energy"], track["loudness"]) == ("2VHlwTPRH7Wwxo2KYW5jR7", 0.76, -6.2)
    metadata = json.loads(track["enrichment_metadata"])
    assert metadata.keys() == {
        *("waterfall_attempts", "providers_used", "total_api_calls", "total_cache_hits"),
        *("enrichment_duration_ms", "quality_scores"),
    }
    assert metadata["total_api_calls"] == 4
    assert set(metadata["providers_used"]) == {"deezer", "reccobeats"}
    assert json.loads(track["enrichment_details"])["provenance"]["bpm"] == "reccobeats"


def test_every_provider_considered_has_a_status() -> None:
    pipeline, track_id = with_a_set()
    answer(
        pipeline,
        *chain(track_id),
        archived(track_id, "musicbrainz", "search", None, status="rate_limited", note="over the limit"),
        archived(track_id, "discogs", "search", None, status="disabled", note="no token"),
    )
    whole = attempts(row(pipeline, track_id), "*")
    assert (whole["musicbrainz"], whole["spotify"], whole["discogs"]) == (
        "rate_limited",
        "disabled",
        "disabled",
    )
    assert attempts(row(pipeline, track_id), "bpm")["deezer"] == "hit"


def test_the_wrong_remix_lends_nothing() -> None:
    pipeline, track_id = with_a_set()
    remix = deezer_track(title="Strobe (Michael Woods Remix)", bpm=129.0, isrc="GBUM71000001")
    answer(pipeline, archived(track_id, "deezer", "search", {"data": [remix]}))
    track = row(pipeline, track_id)
    assert (track["bpm"], track["isrc"]) == (None, None)
    assert attempts(track, "*")["deezer"] == "rejected"


def test_a_part_of_a_mix_lends_genres_only() -> None:
    pipeline, track_id = with_a_set()
    mixed = deezer_track(title="Strobe (Mixed)", isrc="GBUM71000002", genres=None)
    answer(pipeline, archived(track_id, "deezer", "track_by_id", mixed, parameters={"id": "1"}))
    track = row(pipeline, track_id)
    assert [track[name] for name in ("isrc", "bpm", "duration_ms", "spotify_id")] == [None] * 4


def test_features_count_only_while_an_answer_has_their_id() -> None:
    pipeline, track_id = with_a_set()
    *identified, features = chain(track_id)
    answer(pipeline, features)
    assert row(pipeline, track_id)["energy"] is None
    assert attempts(row(pipeline, track_id), "*")["reccobeats"] == "rejected"
    answer(pipeline, *identified)
    assert row(pipeline, track_id)["energy"] == 0.76
    pipeline.publish(
        "bronze.enrichments", key_of(identified[-1]), None
    )  # the answer with the id is withdrawn
    pipeline.run()
    assert row(pipeline, track_id)["energy"] is None
    assert row(pipeline, track_id)["bpm"] == 128  # of Deezer


def test_an_override_beats_every_provider() -> None:
    pipeline, track_id = with_a_set()
    answer(pipeline, *chain(track_id))
    decision = sample_records.decision(track_id, "125", field="bpm")
    pipeline.publish("bronze.decisions", track_id, decision)
    pipeline.run()
    assert row(pipeline, track_id)["bpm"] == 125


def test_answers_change_no_request() -> None:
    pipeline, track_id = with_a_set()
    before = pipeline.live_records["enrichment.requests"][track_id]
    answer(pipeline, *chain(track_id))
    assert pipeline.live_records["enrichment.requests"][track_id] == {
        **before,
        "origin": pipeline.live_records["enrichment.requests"][track_id]["origin"],
    }


def test_a_broken_answer_and_a_foreign_key_do_not_stop_the_stage() -> None:
    pipeline, track_id = with_a_set()
    broken = archived(track_id, "deezer", "search", "<html>busy</html>")
    answer(pipeline, broken, archived(track_id, "unknown", "search", {}), *chain(track_id))
    assert row(pipeline, track_id)["bpm"] == 128
    pipeline.publish("bronze.enrichments", "no-attempt", chain(track_id)[0])
    pipeline.run()
    ((reason, _),) = pipeline.stages["silver"].dead_letters
    assert reason.reason == "bad_answer_key"


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.sets(st.integers(0, 5)))
def test_any_order_of_arrival_gives_the_same_row(random: Random, withdrawn: set[int]) -> None:
    track_id = track_id_of(STROBE)

    def run(order: list[int], *, first: bool) -> Any:
        pipeline = InProcessPipeline()
        page = sample_records.tracklist("abc", STROBE)
        records = [
            *chain(track_id),
            archived(
                track_id,
                "deezer",
                "track_by_id",
                deezer_track(bpm=64.0),
                parameters={"id": "3135556"},
                seconds=9,
            ),
            archived(track_id, "deezer", "search", None, status="error", seconds=8),
        ]
        if first:
            pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        for index in order:
            pipeline.publish("bronze.enrichments", key_of(records[index]), records[index])
            if random.random() < 0.3:
                pipeline.run()
        for index in withdrawn:
            pipeline.publish("bronze.enrichments", key_of(records[index]), None)
        if not first:
            pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        pipeline.run()
        track = row(pipeline, track_id)
        return {name: value for name, value in track.items() if name not in VOLATILE}

    order = list(range(6))
    random.shuffle(order)
    assert run(order, first=random.random() < 0.5) == run(list(range(6)), first=True)


@pytest.mark.parametrize("cut", [0, 3])
def test_a_crash_and_a_redelivery_leave_the_row_as_it_was(cut: int) -> None:
    pipeline, track_id = with_a_set()
    answer(pipeline, *chain(track_id))
    expected = row(pipeline, track_id)
    driver = pipeline.stages["silver"]
    driver.crash(keep=cut)
    driver.redeliver()
    pipeline.run()
    assert row(pipeline, track_id) == expected
