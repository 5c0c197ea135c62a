"""Scores: 1 for correct results; every kind of mistake lowers the right measure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from demo.score import Measure, PipelinePlaylist, Truth, score, truth
from demo.world import site_playlists, world
from demo.world.people import normalize
from demo.world.sizes import SIZES

AS_OF = date(2025, 10, 10)


@pytest.fixture(scope="module")
def true() -> Truth:
    small_world = world.make(SIZES["small"], AS_OF)
    return truth(
        ((playlist, small_world.set(playlist.number)) for playlist in site_playlists.of_world(small_world)),
        edition=2,
    )


@pytest.fixture
def results(true: Truth) -> dict[str, PipelinePlaylist]:
    """Return the results of a pipeline without mistakes."""
    return {
        playlist: PipelinePlaylist(
            set_id=f"set {true.sets[playlist]}",
            event_id=true.events.get(playlist),
            djs=sorted(true.djs[playlist]),
            tracks={place: f"t-{name}" for (p, place), name in true.recordings.items() if p == playlist},
            artists={place: sorted(names) for (p, place), names in true.artists.items() if p == playlist},
        )
        for playlist in true.djs
    }


def measures(true: Truth, results: Mapping[str, PipelinePlaylist]) -> dict[str, Measure]:
    return {measure.name: measure for measure in score(true, results)}


def test_correct_results_score_one(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    scores = score(true, results)
    assert {measure.name: (measure.precision, measure.recall) for measure in scores} == {
        name: (1.0, 1.0) for name in ("tracks", "appearances", "DJs", "artists", "same sets", "events")
    }
    assert all(measure.expected > 10 for measure in scores if measure.name not in ("same sets", "events"))


def test_a_missing_playlist_lowers_recall(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    del results[next(iter(results))]
    scores = measures(true, results)
    assert all(measure.precision == 1 for measure in scores.values())
    assert scores["appearances"].recall < 1  # type: ignore[operator]  # it is not None
    assert scores["DJs"].correct == scores["DJs"].expected - 1


def test_a_recording_in_two_tracks_is_correct_once(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    playlist, place = next(
        row for row in true.recordings if list(true.recordings.values()).count(true.recordings[row]) > 3
    )
    results[playlist] = replace(results[playlist], tracks={**results[playlist].tracks, place: "t-another"})
    scores = measures(true, results)
    assert scores["tracks"].correct == scores["tracks"].expected == scores["tracks"].returned - 1
    assert scores["appearances"].correct == scores["appearances"].expected - 1


def test_two_recordings_in_one_track_are_correct_once(
    true: Truth, results: dict[str, PipelinePlaylist]
) -> None:
    first, second = sorted(set(true.recordings.values()))[:2]
    for playlist, result in results.items():
        merged = {place: track.replace(f"t-{second}", f"t-{first}") for place, track in result.tracks.items()}
        results[playlist] = replace(result, tracks=merged)
    scores = measures(true, results)
    assert scores["tracks"].correct == scores["tracks"].returned == scores["tracks"].expected - 1
    assert scores["appearances"].correct < scores["appearances"].returned == scores["appearances"].expected


def test_unlinked_sets_have_no_recall(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    unlinked = {
        playlist: replace(result, set_id=playlist, event_id=None) for playlist, result in results.items()
    }
    scores = measures(true, unlinked)
    assert (scores["same sets"].precision, scores["same sets"].recall) == (None, 0)
    assert (scores["events"].precision, scores["events"].recall) == (None, 0)


def test_merging_all_sets_has_low_precision(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    merged = {playlist: replace(result, set_id="all") for playlist, result in results.items()}
    scores = measures(true, merged)["same sets"]
    assert scores.recall == 1
    assert scores.precision is not None
    assert scores.precision < 0.1


def test_a_split_act_lowers_precision_and_recall(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    playlist = next(playlist for playlist, djs in true.djs.items() if normalize("Anja & Piet") in djs)
    results[playlist] = replace(results[playlist], djs=["Anja", "Piet"])
    scores = measures(true, results)["DJs"]
    assert (scores.expected - scores.correct, scores.returned - scores.correct) == (1, 2)


def test_playlists_of_other_worlds_are_ignored(true: Truth, results: dict[str, PipelinePlaylist]) -> None:
    foreign = PipelinePlaylist(set_id="x", event_id=None, djs=["Someone"], tracks={0: "t"}, artists={})
    assert score(true, {**results, "mixesdb:another": foreign}) == score(true, results)
