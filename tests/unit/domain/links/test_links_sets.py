"""The same set on two sites, its occasion and its event; what is not the same set, from real titles."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.credits import split_lineup
from songnodes.domain.links.events import Billed, Played, event_of, shared_event
from songnodes.domain.links.occasion import occasion
from songnodes.domain.links.sets import Tracklisted, common_share, compare, repeats, same_sets

DAY = date(2026, 1, 17)
ROWS = tuple(f"t{n}" for n in range(10))
OTHERS = tuple(f"o{n}" for n in range(10))


def told(playlist_id: str, title: str = "", rows: tuple[str, ...] = ROWS, **changes: Any) -> Tracklisted:
    given_ = {
        "playlist_id": playlist_id,
        "source": playlist_id.partition(":")[0],
        "djs": ("nora vexley",),
        "day": DAY,
        "occasion": occasion([title], djs=["Nora Vexley"]),
        "tracks": rows,
        "rows": len(rows),
        "claims": rows,
        **changes,
    }
    return Tracklisted(**given_)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Halle Neun Night 1", "Halle Neun Night 2"),
        ("Halle Neun (Day 1)", "Halle Neun Day2"),
        ("Jacked Radio 143", "Jacked Radio 144"),
        ("Stereo Radio #061", "Stereo Radio 62"),
        ("Mainstage, Wide Fields Weekend 2", "Freedom Stage, Wide Fields Weekend 2"),
        ("Wide Fields Mainstage part 2", "Wide Fields Mainstage"),
        ("Wide Fields", "Wide Fields After Party"),
        ("Elements Friday", "Elements Saturday"),
        ("Second Sky First Night", "Second Sky 2nd Night"),
    ],
)
def test_what_counts_an_occasion_tells_two_sets_apart(one: str, other: str) -> None:
    assert occasion([one]).contradicts(occasion([other]))
    assert compare(told("a:1", one), told("b:1", other)) is None, "whatever the rows say"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jacked Radio 735", "Jacked Radio Episode 0735 2025-11-20"),
        ("Nora Vexley @ Wide Fields 2026", "Wide Fields"),
        ("Glasgow Warehouse Rave, Sub Club", "Sub Club Glasgow Warehouse Rave"),
        ("Âme Nacht", "AME Nacht"),
    ],
)
def test_one_occasion_in_other_words(one: str, other: str) -> None:
    ours, theirs = (occasion([text], djs=["Nora Vexley"]) for text in (one, other))
    assert ours.agrees(theirs)
    assert theirs.agrees(ours)


def test_places_are_given_or_left_out() -> None:
    with_city = occasion(["Grelle Forelle, Vienna"], places=["Vienna", "Austria"])
    assert with_city.equals(occasion(["Grelle Forelle"]))


def test_the_share_of_rows_in_common_order() -> None:
    assert common_share(ROWS, ROWS) == 1
    assert common_share(ROWS, tuple(reversed(ROWS))) == 0.1
    assert common_share(ROWS[:5], ROWS) == 1
    assert common_share(ROWS, (*ROWS[:6], *OTHERS[:4])) == 0.6
    assert common_share(ROWS[:4], ROWS) is None


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"tracks": (*ROWS[:6], *OTHERS[:4])}, True),
        ({"tracks": (*ROWS[:5], *OTHERS[:5])}, False),
        ({"day": DAY + timedelta(days=1)}, True),
        ({"day": DAY + timedelta(days=2)}, False),
        ({"djs": ("nora vexley", "otto")}, False),
        ({"djs": ()}, False),
        ({"playlist_id": "a:2", "source": "a"}, False),
        ({"occasion": occasion(["Elsewhere Altogether"])}, True),
        ({"occasion": occasion(["Elsewhere Altogether"]), "tracks": (*ROWS[:7], *OTHERS[:3])}, False),
        ({"occasion": occasion(["Elsewhere Altogether"]), "day": DAY + timedelta(days=1)}, False),
    ],
)
def test_rows_make_one_set(change: dict[str, Any], same: bool) -> None:
    other = replace(told("b:1"), **change)
    assert (compare(told("a:1", "Halle Neun"), other) is not None) == same


def test_a_name_makes_one_set_only_on_the_day_and_unless_the_rows_say_no() -> None:
    few = told("a:1", "Halle Neun", ROWS[:2])
    assert compare(few, told("b:1", "Halle Neun", OTHERS))
    assert compare(few, told("b:1", "Halle Neun Terrasse Sued", OTHERS)) is None, (
        "without rows the same words"
    )
    assert compare(few, told("b:1", "Halle Neun", OTHERS, day=DAY + timedelta(days=1))) is None
    assert compare(told("a:1", "Halle Neun"), told("b:1", "Halle Neun", OTHERS)) is None


def test_a_set_goes_with_one_of_each_source_and_the_most_complete_counts() -> None:
    found = same_sets([told("c:1", rows=ROWS[:8]), told("b:1"), told("a:1", rows=ROWS[:6])])
    assert set(found.set_id.values()) == {"a:1"}
    assert found.counted == {"b:1"}
    assert [found.counts(each) for each in ("a:1", "b:1", "c:1", "elsewhere:9")] == [False, True, False, True]


def test_of_two_sets_at_a_festival_neither_goes_with_a_name_alone() -> None:
    both = [told("a:1", "Wide Fields", ROWS[:2]), told("a:2", "Wide Fields", OTHERS[:2])]
    assert not same_sets([*both, told("b:1", "Wide Fields", ())]).set_id
    assert same_sets([both[0], told("b:1", "Wide Fields", ())]).set_id


def test_the_better_of_two_takes_it() -> None:
    worse = told("a:1", rows=(*ROWS[:7], *OTHERS[:3]))
    found = same_sets([worse, told("a:2"), told("b:1")])
    assert found.set_id == {"a:2": "a:2", "b:1": "a:2"}


occasions = st.sampled_from([occasion([t]) for t in ("", "Halle", "Halle Night 1", "Halle Night 2", "Park")])
tracklists = st.builds(
    told,
    st.builds("{}:{}".format, st.sampled_from("abc"), st.integers(1, 3)),
    rows=st.sampled_from([ROWS, ROWS[:6], (*ROWS[:7], *OTHERS[:3]), OTHERS, ROWS[:3], ()]),
    day=st.sampled_from([DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]),
    occasion=occasions,
    djs=st.sampled_from([("nora vexley",), ("otto",)]),
)
worlds = st.lists(tracklists, max_size=9, unique_by=lambda each: each.playlist_id)


@given(worlds, st.randoms())
def test_sets_are_a_function_of_the_tracklists(world, random) -> None:  # type: ignore[no-untyped-def]
    assert same_sets(random.sample(world, len(world))) == same_sets(world)


@given(worlds)
def test_laws_of_sets(world) -> None:  # type: ignore[no-untyped-def]
    found = same_sets(world)
    known = {each.playlist_id: each for each in world}
    groups: dict[str, list[Tracklisted]] = defaultdict(list)
    for playlist, set_id in found.set_id.items():
        groups[set_id].append(known[playlist])
    for set_id, group in groups.items():
        assert set_id == min(each.playlist_id for each in group)
        assert len(group) > 1
        repeated = any(
            set(link.playlists) <= {each.playlist_id for each in group}
            and len({known[each].source for each in link.playlists}) == 1
            for link in found.links
        )
        one_each = len({each.source for each in group}) == len(group)
        assert one_each or repeated, "two of one source only where rows repeat"
        assert len({each.djs for each in group}) == 1
        assert sum(found.counts(each.playlist_id) for each in group) == 1


@given(worlds, st.sampled_from([("nora vexley",), ("otto",)]))
def test_other_djs_change_nothing(world, djs) -> None:  # type: ignore[no-untyped-def]
    """So the resolver need look only at the tracklists of one line-up at a time."""
    alone = same_sets([each for each in world if each.djs == djs])
    whole = same_sets(world)
    assert alone.set_id == {k: v for k, v in whole.set_id.items() if k in alone.set_id}
    assert alone.counted <= whole.counted


def residencies(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Titles of sets of one line-up on two days in a row whose words are the same, and the line-up."""
    entries: dict[str, Any] = {}
    for file in sorted(folder.glob("*.json.gz")):
        entries |= {entry["tracklist_id"]: entry for entry in json.loads(gzip.decompress(file.read_bytes()))}
    by_djs: dict[tuple[str, ...], list[tuple[date, str]]] = defaultdict(list)
    for entry in entries.values():
        who, at, where = entry["title"].partition(" @ ")
        if at and entry["date"]:
            names = tuple(sorted(split_lineup([who])[0]))
            by_djs[names].append((date.fromisoformat(entry["date"]), where))
    for names, sets in by_djs.items():
        by_day: dict[date, list[str]] = defaultdict(list)
        for day, where in sets:
            by_day[day].append(where)
        for day in sorted(by_day):
            for where, there in product(by_day[day], by_day.get(day + timedelta(days=1), ())):
                if occasion([where], djs=names).words == occasion([there], djs=names).words:
                    yield where, there, names


def test_residencies_of_two_nights_are_two_sets(shared_data: Path) -> None:
    """As if each second night stood on another site, with too few rows to tell, and with other rows."""
    pairs = [pair for pair in residencies(shared_data / "dataset" / "1001tracklists-index") if pair[0]]
    assert len(pairs) >= 37
    for first, second, names in pairs:
        for mine, its in ((ROWS[:3], ROWS[:3]), (ROWS, OTHERS)):
            one = told("a:1", rows=mine, occasion=occasion([first], djs=names))
            there = occasion([second], djs=names)
            other = told("b:1", rows=its, day=DAY + timedelta(days=1), occasion=there)
            assert compare(one, other) is None, (first, second)


def played(**changes: Any) -> Played:
    given_ = {
        "playlist_id": "a:1",
        "day": DAY,
        "djs": frozenset({"nora vexley"}),
        "venue": occasion(["Halle Neun"]),
        "occasion": occasion(["Nora Vexley @ Lange Nacht, Halle Neun"], djs=["Nora Vexley"]),
        **changes,
    }
    return Played(**given_)


def billed(event_id: str = "1", **changes: Any) -> Billed:
    given_ = {
        "event_id": event_id,
        "day": DAY,
        "acts": frozenset({"nora vexley", "otto"}),
        "venue": occasion(["Halle Neun Berlin"], places=["Berlin"]),
        "title": occasion(["Klangfest"]),
        **changes,
    }
    return Billed(**given_)


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (billed(), "1"),
        (billed(day=DAY - timedelta(days=1)), "1"),
        (billed(day=DAY + timedelta(days=1)), None),
        (billed(day=DAY - timedelta(days=2)), None),
        (billed(acts=frozenset({"otto"})), None),
        (billed(venue=occasion(["Schlosspark"])), None),
        (billed(venue=occasion(["Club"])), None),
        (billed(title=occasion(["Klangfest After Party"])), None),
    ],
)
def test_an_event_is_found_by_dj_date_and_venue(event: Billed, found: str | None) -> None:
    assert event_of(played(), [event]) == found


def test_the_better_event_or_none() -> None:
    night = billed("2", title=occasion(["Lange"]))
    assert event_of(played(), [billed("1"), night]) == "2", "its title is in the set's too"
    assert event_of(played(), [billed("1"), billed("2", day=DAY - timedelta(days=1))]) == "1"
    assert event_of(played(), [billed("1"), billed("2")]) is None


def test_a_venue_may_stand_in_the_title_alone() -> None:
    said = occasion(["Nora Vexley @ Halle Neun Berlin"], djs=["Nora Vexley"])
    assert event_of(played(venue=occasion([]), occasion=said), [billed()]) == "1"
    assert event_of(played(venue=occasion([]), occasion=occasion(["Podcast"])), [billed()]) is None


def test_tracklists_of_one_set_share_an_event_unless_they_name_two() -> None:
    assert shared_event([None, "1", "1"]) == "1"
    assert shared_event(["1", "2"]) is None
    assert shared_event([None]) is None


@pytest.mark.parametrize("title", ["2026-01-17", "", " ", "2026-01-17 2026-01-18"])
def test_a_title_without_words_is_no_occasion(title: str) -> None:
    assert not occasion([title]).words
    assert not occasion([title]).equals(occasion([title]))


@pytest.mark.parametrize(
    ("rows", "title", "days", "one_set"),
    [
        (ROWS, "Night Radio 841 (Wide Fields)", 42, True),
        (ROWS, "Night Radio 841", 0, True),
        (ROWS[:8], "Night Radio 841", 183, True),
        ((*ROWS[:9], "o1"), "Night Radio 841", 42, True),
        ((*ROWS[:8], "o1", "o2"), "Night Radio 841", 42, False),
        (ROWS[:7], "Night Radio 841", 42, False),
        (ROWS[::-1], "Night Radio 841", 42, False),
        (ROWS, "Night Radio 841", 184, False),
        (ROWS, "Wide Fields", 7, False),
        (ROWS, "Wide Fields", 0, True),
        (ROWS, "Wide Fields Day 2", 1, True),
    ],
)
def test_one_performance_twice_on_a_site(rows: tuple[str, ...], title: str, days: int, one_set: bool) -> None:
    first = told("a:1", "Wide Fields")
    again = told("a:2", title, rows, day=DAY + timedelta(days=days))
    assert (repeats(first, again) is not None) == one_set
    assert repeats(first, again) == repeats(again, first)
    grouped = same_sets([first, again])
    assert (grouped.counts("a:1"), grouped.counts("a:2")) == (True, not one_set)


def test_nights_that_contradict_are_no_repeat() -> None:
    assert repeats(told("a:1", "Halle Night 1"), told("a:2", "Halle Night 2")) is None
    later = told("a:2", "Radio 12", day=DAY + timedelta(days=7))
    assert repeats(told("a:1", "Radio 11"), later) is None


def test_a_repeat_joins_the_sets_of_both_days_and_one_counts() -> None:
    later = DAY + timedelta(days=42)
    group = [
        told("a:1", "Wide Fields"),
        told("b:1", "Wide Fields"),
        told("a:2", "Night Radio 841", day=later),
        told("b:2", "Night Radio 841", ROWS[:7], day=later),
    ]
    grouped = same_sets(group)
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.counted == {"a:1"}
    assert grouped == same_sets(reversed(group))


def test_a_mark_of_the_site_joins_whatever_the_names_and_days_are() -> None:
    marked = told("a:1", "Tape 06", ROWS[:3], identical_to=("a:2",))
    later = told("a:2", "Night Bass 7", OTHERS, day=DAY + timedelta(days=400), djs=("someone",))
    grouped = same_sets([marked, later])
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.counted == {"a:2"}
    (link,) = grouped.links
    assert (link.playlists, link.marked, link.days_apart) == (("a:1", "a:2"), True, 400)
    assert grouped == same_sets([later, marked])
    assert same_sets([replace(marked, identical_to=()), later]).links == ()


def test_a_mark_joins_nights_of_one_residency_and_tracklists_without_a_day() -> None:
    nights = [told("a:1", "Halle Night 1"), told("a:2", "Halle Night 2", identical_to=("a:1",))]
    assert set(same_sets(nights).set_id) == {"a:1", "a:2"}
    undated = told("a:3", "Tape", day=None, identical_to=("a:1",))
    grouped = same_sets([nights[0], undated])
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.links[0].days_apart is None
    assert same_sets([told("b:1", "Tape", day=None), told("a:1", "Tape", day=None)]).links == ()


def test_marks_of_other_sites_of_itself_and_of_unknown_tracklists_join_nothing() -> None:
    one = told("a:1", "Tape", identical_to=("a:1", "a:9", "b:1"))
    assert same_sets([one, told("b:1", "Other", OTHERS)]).links == ()


def test_a_mark_joins_what_other_sites_have_of_both() -> None:
    later = DAY + timedelta(days=300)
    group = [
        told("a:1", "Wide Fields"),
        told("b:1", "Wide Fields"),
        told("a:2", "Night Radio 841", day=later, identical_to=("a:1",)),
        told("b:2", "Night Radio 841", day=later),
    ]
    grouped = same_sets(group)
    assert set(grouped.set_id) == {"a:1", "b:1", "a:2", "b:2"}
    assert set(grouped.set_id.values()) == {"a:1"}
    assert len(grouped.counted) == 1
    assert grouped == same_sets(reversed(group))
