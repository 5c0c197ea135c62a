"""Outputs that wait for a commit in a trickle: merges and artists, not sets, facts and plays of tracks."""

from collections.abc import Iterable

import pytest

from stream_processors.runtime import stage as stages_module
from stream_processors.runtime.testing import Emitted, StageTestDriver
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.set_builders import build_tracklist, track

SET = "mixcloud:ada/cellar"
LINES = STROBE, RAJ, OPUS = "Deadmau5 - Strobe", "Deadmau5 - Raj", "Eric Prydz - Opus"
FACTS = {"silver.appearances", "silver.credits"}
PLAYLIST = {"silver.playlists", "silver.appearances"}


def names(emitted: Iterable[Emitted]) -> set[str]:
    return {output.topic for output in emitted}


def test_a_page_passes_to_the_plays_of_its_tracks_without_a_commit() -> None:
    stages = InProcessPipeline().stages
    silver, gold = stages["silver"], stages["gold"]
    silver.feed("bronze.tracklists", SET, build_tracklist(SET, [STROBE], djs=["Ada"]), flush=False)
    emitted = silver.flush_urgent()
    assert names(emitted) == PLAYLIST
    credits = silver.commit()
    assert names(credits) == {"silver.credits"}
    for output in (*emitted, *credits):
        if output.topic in FACTS:
            for stage in (silver, gold):
                stage.feed(output.topic, output.key, output.value, flush=False)
    assert names(silver.flush_urgent()) == set()
    merged = silver.commit()
    assert names(merged) == {"silver.tracks", "silver.artists", "enrichment.requests"}
    assert names(gold.flush_urgent()) == {"gold.tracks"}
    assert names(gold.commit()) == {"gold.artists"}
    feed_tracks(gold, merged)
    assert names(gold.flush_urgent()) == set(), "values of the track wait, its plays did not"
    assert names(gold.commit()) == {"gold.tracks"}


def feed_tracks(gold: StageTestDriver, emitted: Iterable[Emitted]) -> None:
    for output in emitted:
        if output.topic == "silver.tracks":
            gold.feed(output.topic, output.key, output.value, flush=False)


def test_plays_wait_for_the_commit_in_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages_module, "BUSY_RECORDS", 1)
    stages = InProcessPipeline().stages
    silver, gold = stages["silver"], stages["gold"]

    def play(playlist_id: str, tracks: int) -> None:
        for output in silver.feed(
            "bronze.tracklists", playlist_id, build_tracklist(playlist_id, list(LINES[:tracks]))
        ):
            if output.topic == "silver.appearances":
                gold.feed(output.topic, output.key, output.value, flush=False)

    play("mixcloud:ada/1", 1)
    assert len(gold.flush_urgent()) == 1, "one record is no flood"
    play("mixcloud:ada/2", 3)
    assert len(gold.flush_urgent()) == 0, "more than one record since the commit"
    assert len(gold.commit()) == 3
    play("mixcloud:ada/3", 1)
    assert len(gold.flush_urgent()) == 0, "the last commit was large"
    assert len(gold.commit()) == 1
    play("mixcloud:ada/4", 1)
    assert len(gold.flush_urgent()) == 1


def test_a_resolution_waits_for_the_commit_unless_a_newer_page_comes() -> None:
    silver = InProcessPipeline().stages["silver"]
    silver.feed("bronze.tracklists", SET, build_tracklist(SET, [STROBE], djs=["Ada"]))
    resolution = changing_pages.resolution(SET, {track(STROBE): track(RAJ)})
    silver.feed("silver.resolutions", SET, resolution, flush=False)
    assert names(silver.flush_urgent()) == set()
    newer = build_tracklist(SET, [STROBE, OPUS], djs=["Ada"], hours=1)
    silver.feed("bronze.tracklists", SET, newer, flush=False)
    assert names(silver.flush_urgent()) == PLAYLIST
    assert names(silver.commit()) == {"silver.credits"}
