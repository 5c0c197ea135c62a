"""The simulated world: the same seed and day yield the same world, noise has the counted rates."""

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
from demo.world import frequencies, measure, site_playlists, world
from demo.world.people import normalize
from demo.world.site_playlists import SitePlaylist
from demo.world.sizes import SIZES
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
def playlists(demo_world: World) -> list[SitePlaylist]:
    return list(site_playlists.of_world(demo_world))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32), numbers=st.permutations(range(12)))
def test_a_set_does_not_depend_on_earlier_calls(seed: int, numbers: list[int]) -> None:
    first, second = (world.make.__wrapped__(SIZES["small"], AS_OF, seed) for _ in range(2))
    assert {n: site_playlists.of_set(first, first.set(n)) for n in numbers} == {
        n: site_playlists.of_set(second, second.set(n)) for n in range(12)
    }


def test_another_day_shifts_only_dates() -> None:
    today, tomorrow = (world.make(SIZES["small"], AS_OF + timedelta(days=n)) for n in range(2))
    for before, after in zip(today.sets(), tomorrow.sets(), strict=True):
        assert after.day - before.day == timedelta(days=1)
        assert replace(after, day=before.day, event=before.event) == before


def test_frequencies_match_the_counts_of_real_data(shared_data: Path) -> None:
    shares = measure.measure(shared_data)
    assert {name: getattr(frequencies, name) for name in shares} == shares
    assert measure.djs(shared_data) == frequencies.DJS
    assert measure.rows_per_set(shared_data) == [float(count) for count in frequencies.ROWS[1:-1]]
    assert measure.acts(shared_data) == [float(count) for count in frequencies.ACTS[1:-1]]


def test_noise_has_the_counted_rates(sets: list[TrueSet], playlists: list[SitePlaylist]) -> None:
    rows = [row for true in sets for row in true.rows]
    shown = [row for site_playlist in playlists for row in site_playlist.versions[-1].rows]
    close = pytest.approx
    assert sum(row.joined for row in rows) / len(rows) == close(frequencies.JOINED.rate, rel=0.15)
    parts = sum(row.part_of is not None for row in rows)
    assert parts / len(rows) == close(frequencies.MASHUP_PARTS.rate, rel=0.3)
    identified = sum(row.state == "identified" for row in shown)
    assert identified / len(shown) == close(frequencies.IDENTIFIED.rate, abs=0.006)
    complete = sum(all(row.state == "identified" for row in t.versions[-1].rows) for t in playlists)
    assert complete / len(playlists) == close(frequencies.COMPLETE.rate, abs=0.05)
    timed = sum(any(row.cue for row in t.versions[-1].rows) for t in playlists)
    assert timed / len(playlists) == close(frequencies.CUES.rate, abs=0.06)
    solo = sum(len(true.djs) == 1 for true in sets)
    assert solo / len(sets) == close(frequencies.DJS[0] / sum(frequencies.DJS), abs=0.06)
    at_venue = sum(true.event is not None for true in sets)
    assert at_venue / len(sets) == close(frequencies.AT_VENUE.rate, abs=0.06)


def test_popularity_falls_as_a_power(sets: list[TrueSet]) -> None:
    plays = [
        n for _, n in Counter(row.track for true in sets for row in true.rows if row.track).most_common()
    ]
    assert plays[0] > 3 * plays[len(plays) // 10] > 3 * plays[len(plays) // 2] > 0


def test_names_of_people_are_distinct(demo_world: World) -> None:
    cast = demo_world.cast
    names = list(map(normalize, (*cast.djs, *cast.producers, *cast.singers)))
    assert len(set(names)) == len(names)


def test_recordings_are_distinct(demo_world: World) -> None:
    lines = [normalize(track.line) for track in demo_world.catalogue.tracks]
    assert len(set(lines)) == len(lines) == demo_world.size.tracks
    assert demo_world.catalogue.strobe.line == tracks.STROBE


def test_the_playlists_of_a_set_on_two_sites_differ(demo_world: World, playlists: list[SitePlaylist]) -> None:
    by_set: dict[int, list[SitePlaylist]] = {}
    for site_playlist in playlists:
        by_set.setdefault(site_playlist.number, []).append(site_playlist)
    pairs = [versions for versions in by_set.values() if len(versions) == 2]
    assert len(pairs) / len(by_set) == pytest.approx(frequencies.ON_TWO_SITES, abs=0.04)
    assert all(first.site != second.site for first, second in pairs)
    assert sum(first.versions[-1].day != second.versions[-1].day for first, second in pairs) >= 1
    common = [
        len(_named(first) & _named(second)) / max(1, min(len(_named(first)), len(_named(second))))
        for first, second in pairs
    ]
    assert 0.8 < sum(common) / len(common) < 1


def _named(site_playlist: SitePlaylist) -> set[str]:
    return {name for row in site_playlist.at(9).rows if (name := recording(row))}


def test_playlist_ids_are_unique(playlists: list[SitePlaylist]) -> None:
    assert len({site_playlist.playlist_id for site_playlist in playlists}) == len(playlists)


def test_later_versions_identify_and_correct_rows(playlists: list[SitePlaylist]) -> None:
    later = [site_playlist for site_playlist in playlists if len(site_playlist.versions) == 2]
    assert len(later) / len(playlists) == pytest.approx(frequencies.LATER_VERSION, abs=0.05)
    for site_playlist in later:
        first, second = site_playlist.versions
        assert len(first.rows) == len(second.rows)
        changed = [(a, b) for a, b in zip(first.rows, second.rows, strict=True) if a != b]
        revealed = [b for a, b in changed if a.state == "unidentified" and b.state == "identified"]
        corrected = [b for a, b in changed if a.state == b.state and recording(a) != recording(b)]
        assert 1 <= len(revealed) <= 2
        assert len(changed) == len(revealed) + len(corrected)


def test_residencies_are_two_sets_at_one_venue(demo_world: World) -> None:
    nights = [n for n in range(0, 398, 2) if world.is_residency(n // 2) and demo_world.event(n)]
    assert nights
    for number in nights:
        first, second = demo_world.set(number), demo_world.set(number + 1)
        assert first.djs == second.djs
        assert second.day - first.day == timedelta(days=1)
        assert first.event and second.event
        assert first.event.venue == second.event.venue
        assert first.event.native_id != second.event.native_id


def test_no_site_dates_a_set_of_a_residency_late() -> None:
    """The first of two days, dated a day late, would have the id of the second."""
    for seed in range(12):
        demo_world = world.make.__wrapped__(SIZES["demo"], AS_OF, seed)
        for number in (n for n in range(400) if world.is_residency(n // 2)):
            true = demo_world.set(number)
            assert {t.versions[-1].day for t in site_playlists.of_set(demo_world, true)} == {true.day}


def test_djs_of_a_set_are_in_the_lineup(sets: list[TrueSet]) -> None:
    assert all(set(true.djs) <= set(true.event.lineup) for true in sets if true.event)


def test_nothing_is_in_the_future(demo_world: World) -> None:
    for page in islice(pages.of_world(demo_world), 200):
        assert page.fetched_at.date() < AS_OF


def test_the_large_world_is_generated_in_constant_memory() -> None:
    """Pages are generated one by one: memory after 180 of them is not higher than after 60."""
    large = world.make(replace(SIZES["large"], tracks=2_000, producers=400, djs=300), AS_OF)
    stream = pages.of_world(large)
    memory = []
    tracemalloc.start()
    try:
        for _ in range(3):
            for _page in islice(stream, 60):
                pass
            memory.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert memory[2] - memory[0] < 200_000  # bytes; 120 pages have 2 MB


def test_names_of_saved_pages_are_unique(tmp_path: Path) -> None:
    files = list(pages.write(world.make(SIZES["small"], AS_OF), tmp_path))
    assert len(set(files)) == len(files) > SIZES["small"].sets
    assert len(list(tmp_path.iterdir())) == 2 * len(files)
