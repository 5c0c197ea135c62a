"""The simulated world: the same seed and day give the same, noise is as frequent as counted."""

import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import tracks
from demo.shapes import pages
from demo.world import frequencies, measure, tellings, world
from demo.world.people import plain
from demo.world.sizes import SIZES
from demo.world.tellings import Telling
from demo.world.truth import TrueSet, recording
from demo.world.world import World

AS_OF = date(2025, 10, 10)


@pytest.fixture(scope="module")
def demo_world() -> World:
    return world.make(SIZES["demo"], AS_OF)


@pytest.fixture(scope="module")
def sets(demo_world: World) -> list[TrueSet]:
    return list(demo_world.sets())


@pytest.fixture(scope="module")
def told(demo_world: World) -> list[Telling]:
    return list(tellings.all_of(demo_world))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32), numbers=st.permutations(range(12)))
def test_a_set_does_not_depend_on_what_was_asked_before(seed: int, numbers: list[int]) -> None:
    one, two = (world.make.__wrapped__(SIZES["small"], AS_OF, seed) for _ in range(2))
    assert {n: tellings.of(one, one.set(n)) for n in numbers} == {
        n: tellings.of(two, two.set(n)) for n in range(12)
    }


def test_another_day_moves_all_days_and_nothing_else() -> None:
    today, tomorrow = (world.make(SIZES["small"], AS_OF + timedelta(days=n)) for n in range(2))
    for before, after in zip(today.sets(), tomorrow.sets(), strict=True):
        assert after.day - before.day == timedelta(days=1)
        assert replace(after, day=before.day, happening=before.happening) == before


def test_every_frequency_is_the_one_counted(shared_data: Path) -> None:
    found = measure.measure(shared_data)
    assert {name: getattr(frequencies, name) for name in found} == found
    assert measure.djs(shared_data) == frequencies.DJS
    assert measure.rows_per_set(shared_data) == [float(count) for count in frequencies.ROWS[1:-1]]
    assert measure.acts(shared_data) == [float(count) for count in frequencies.ACTS[1:-1]]


def test_noise_is_as_frequent_as_counted(sets: list[TrueSet], told: list[Telling]) -> None:
    rows = [row for true in sets for row in true.rows]
    shown = [row for telling in told for row in telling.versions[-1].rows]
    close = pytest.approx
    assert sum(row.joined for row in rows) / len(rows) == close(frequencies.JOINED.rate, rel=0.15)
    parts = sum(row.part_of is not None for row in rows)
    assert parts / len(rows) == close(frequencies.MASHUP_PARTS.rate, rel=0.3)
    identified = sum(row.known == "identified" for row in shown)
    assert identified / len(shown) == close(frequencies.IDENTIFIED.rate, abs=0.006)
    whole = sum(all(row.known == "identified" for row in t.versions[-1].rows) for t in told)
    assert whole / len(told) == close(frequencies.COMPLETE.rate, abs=0.05)
    timed = sum(any(row.cue for row in t.versions[-1].rows) for t in told)
    assert timed / len(told) == close(frequencies.CUES.rate, abs=0.06)
    alone = sum(len(true.djs) == 1 for true in sets)
    assert alone / len(sets) == close(frequencies.DJS[0] / sum(frequencies.DJS), abs=0.06)
    at_venue = sum(true.happening is not None for true in sets)
    assert at_venue / len(sets) == close(frequencies.AT_VENUE.rate, abs=0.06)


def test_popularity_falls_as_a_power(sets: list[TrueSet]) -> None:
    plays = [
        n for _, n in Counter(row.track for true in sets for row in true.rows if row.track).most_common()
    ]
    assert plays[0] > 3 * plays[len(plays) // 10] > 3 * plays[len(plays) // 2] > 0


def test_people_cannot_be_taken_for_one_another(demo_world: World) -> None:
    cast = demo_world.cast
    names = list(map(plain, (*cast.djs, *cast.producers, *cast.singers)))
    assert len(set(names)) == len(names)


def test_recordings_are_told_apart(demo_world: World) -> None:
    lines = [plain(track.line) for track in demo_world.catalogue.tracks]
    assert len(set(lines)) == len(lines) == demo_world.size.tracks
    assert demo_world.catalogue.strobe.line == tracks.STROBE


def test_a_set_on_two_sites_is_one_set_told_differently(demo_world: World, told: list[Telling]) -> None:
    by_set: dict[int, list[Telling]] = {}
    for telling in told:
        by_set.setdefault(telling.number, []).append(telling)
    pairs = [found for found in by_set.values() if len(found) == 2]
    assert len(pairs) / len(by_set) == pytest.approx(frequencies.ON_TWO_SITES, abs=0.04)
    assert all(one.site != two.site for one, two in pairs)
    assert sum(one.versions[-1].day != two.versions[-1].day for one, two in pairs) >= 1
    common = [
        len(_named(one) & _named(two)) / max(1, min(len(_named(one)), len(_named(two)))) for one, two in pairs
    ]
    assert 0.8 < sum(common) / len(common) < 1


def _named(telling: Telling) -> set[str]:
    return {name for row in telling.at(9).rows if (name := recording(row))}


def test_every_telling_has_an_id_of_its_own(told: list[Telling]) -> None:
    assert len({telling.playlist_id for telling in told}) == len(told)


def test_later_versions_reveal_and_correct(told: list[Telling]) -> None:
    later = [telling for telling in told if len(telling.versions) == 2]
    assert len(later) / len(told) == pytest.approx(frequencies.LATER_VERSION, abs=0.05)
    for telling in later:
        first, second = telling.versions
        assert len(first.rows) == len(second.rows)
        changed = [(a, b) for a, b in zip(first.rows, second.rows, strict=True) if a != b]
        revealed = [b for a, b in changed if a.known == "unidentified" and b.known == "identified"]
        corrected = [b for a, b in changed if a.known == b.known and recording(a) != recording(b)]
        assert 1 <= len(revealed) <= 2
        assert len(changed) == len(revealed) + len(corrected)


def test_residencies_are_two_sets_at_one_place(demo_world: World) -> None:
    nights = [n for n in range(0, 398, 2) if world.is_residency(n // 2) and demo_world.happening(n)]
    assert nights
    for number in nights:
        one, two = demo_world.set(number), demo_world.set(number + 1)
        assert one.djs == two.djs
        assert two.day - one.day == timedelta(days=1)
        assert one.happening and two.happening
        assert one.happening.place == two.happening.place
        assert one.happening.native_id != two.happening.native_id


def test_no_site_dates_a_set_of_a_residency_late() -> None:
    """The first of two days, dated a day late, would have the id of the second."""
    for seed in range(12):
        made = world.make.__wrapped__(SIZES["demo"], AS_OF, seed)
        for number in (n for n in range(400) if world.is_residency(n // 2)):
            true = made.set(number)
            assert {t.versions[-1].day for t in tellings.of(made, true)} == {true.day}


def test_djs_of_a_set_stand_on_the_line_up(sets: list[TrueSet]) -> None:
    assert all(set(true.djs) <= set(true.happening.lineup) for true in sets if true.happening)


def test_nothing_is_in_the_future(demo_world: World) -> None:
    for page in islice(pages.of_world(demo_world), 200):
        assert page.fetched_at.date() < AS_OF


def test_the_large_world_streams() -> None:
    """Pages are made one by one: what 180 of them leave behind is no more than what 60 do."""
    large = world.make(replace(SIZES["large"], tracks=2_000, producers=400, djs=300), AS_OF)
    stream = pages.of_world(large)
    held = []
    tracemalloc.start()
    try:
        for _ in range(3):
            for _page in islice(stream, 60):
                pass
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[2] - held[0] < 200_000  # bytes; 120 pages have 2 MB


def test_saved_pages_have_names_of_their_own(tmp_path: Path) -> None:
    files = list(pages.write(world.make(SIZES["small"], AS_OF), tmp_path))
    assert len(set(files)) == len(files) > SIZES["small"].sets
    assert len(list(tmp_path.iterdir())) == 2 * len(files)
