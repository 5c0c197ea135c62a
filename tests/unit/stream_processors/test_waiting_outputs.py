"""Outputs that wait for a commit in a trickle: merges and artists, not sets, facts and plays of tracks."""

from collections.abc import Iterable

from stream_processors.runtime.testing import Emitted
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.set_builders import build_tracklist, track

SET = "mixcloud:ada/cellar"
STROBE, RAJ, OPUS = "Deadmau5 - Strobe", "Deadmau5 - Raj", "Eric Prydz - Opus"
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
    assert names(silver.commit()) == {"silver.tracks", "silver.artists", "enrichment.requests"}
    assert names(gold.flush_urgent()) == {"gold.tracks"}
    assert names(gold.commit()) == {"gold.artists"}


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
