"""Scoring: all right is 1, and every kind of mistake costs where it should."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from demo.score import Measure, Told, Truth, score, truth
from demo.world import tellings, world
from demo.world.people import plain
from demo.world.sizes import SIZES

AS_OF = date(2025, 10, 10)


@pytest.fixture(scope="module")
def true() -> Truth:
    made = world.make(SIZES["small"], AS_OF)
    return truth(((t, made.set(t.number)) for t in tellings.all_of(made)), edition=2)


@pytest.fixture
def told(true: Truth) -> dict[str, Told]:
    """A pipeline without fault."""
    return {
        playlist: Told(
            set_id=f"set {true.sets[playlist]}",
            event_id=true.events.get(playlist),
            djs=sorted(true.djs[playlist]),
            tracks={place: f"t-{name}" for (p, place), name in true.recordings.items() if p == playlist},
            artists={place: sorted(names) for (p, place), names in true.artists.items() if p == playlist},
        )
        for playlist in true.djs
    }


def measures(true: Truth, told: Mapping[str, Told]) -> dict[str, Measure]:
    return {measure.name: measure for measure in score(true, told)}


def test_a_pipeline_without_fault(true: Truth, told: dict[str, Told]) -> None:
    found = score(true, told)
    assert {measure.name: (measure.precision, measure.recall) for measure in found} == {
        name: (1.0, 1.0) for name in ("tracks", "appearances", "DJs", "artists", "same sets", "events")
    }
    assert all(measure.true > 10 for measure in found if measure.name not in ("same sets", "events"))


def test_a_playlist_that_is_missing_costs_recall(true: Truth, told: dict[str, Told]) -> None:
    del told[next(iter(told))]
    found = measures(true, told)
    assert all(measure.precision == 1 for measure in found.values())
    assert found["appearances"].recall < 1  # type: ignore[operator]  # it is not None
    assert found["DJs"].right == found["DJs"].true - 1


def test_a_recording_in_two_tracks_is_right_once(true: Truth, told: dict[str, Told]) -> None:
    playlist, place = next(
        row for row in true.recordings if list(true.recordings.values()).count(true.recordings[row]) > 3
    )
    told[playlist] = replace(told[playlist], tracks={**told[playlist].tracks, place: "t-another"})
    found = measures(true, told)
    assert found["tracks"].right == found["tracks"].true == found["tracks"].given - 1
    assert found["appearances"].right == found["appearances"].true - 1


def test_two_recordings_in_one_track_are_right_once(true: Truth, told: dict[str, Told]) -> None:
    one, two = sorted(set(true.recordings.values()))[:2]
    for playlist, each in told.items():
        merged = {place: track.replace(f"t-{two}", f"t-{one}") for place, track in each.tracks.items()}
        told[playlist] = replace(each, tracks=merged)
    found = measures(true, told)
    assert found["tracks"].right == found["tracks"].given == found["tracks"].true - 1
    assert found["appearances"].right < found["appearances"].given == found["appearances"].true


def test_sets_that_nobody_links(true: Truth, told: dict[str, Told]) -> None:
    alone = {playlist: replace(each, set_id=playlist, event_id=None) for playlist, each in told.items()}
    found = measures(true, alone)
    assert (found["same sets"].precision, found["same sets"].recall) == (None, 0)
    assert (found["events"].precision, found["events"].recall) == (None, 0)


def test_all_sets_in_one_is_no_way_to_link_them(true: Truth, told: dict[str, Told]) -> None:
    one = {playlist: replace(each, set_id="all") for playlist, each in told.items()}
    found = measures(true, one)["same sets"]
    assert found.recall == 1
    assert found.precision is not None
    assert found.precision < 0.1


def test_an_act_cut_in_two_costs_both(true: Truth, told: dict[str, Told]) -> None:
    playlist = next(playlist for playlist, djs in true.djs.items() if plain("Anja & Piet") in djs)
    told[playlist] = replace(told[playlist], djs=["Anja", "Piet"])
    found = measures(true, told)["DJs"]
    assert (found.true - found.right, found.given - found.right) == (1, 2)


def test_playlists_of_other_worlds_do_not_count(true: Truth, told: dict[str, Told]) -> None:
    other = Told(set_id="x", event_id=None, djs=["Somebody"], tracks={0: "t"}, artists={})
    assert score(true, {**told, "mixesdb:another": other}) == score(true, told)
