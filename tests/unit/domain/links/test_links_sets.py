"""The same set on two sites, its occasion and its event; different sets with similar real titles."""

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


def tracklisted(
    playlist_id: str, title: str = "", rows: tuple[str, ...] = ROWS, **changes: Any
) -> Tracklisted:
    fields = {
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
    return Tracklisted(**fields)


@pytest.mark.parametrize(
    ("first", "second"),
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
        ("Elements Freitag", "Elements Samstag"),
        ("Elements vendredi", "Elements Saturday"),
        ("Wide Fields W1", "Wide Fields W2"),
        ("Stereo Radio S02E05", "Stereo Radio S02E06"),
        ("Mixtape Vol. VI", "Mixtape Vol. VII"),
        ("Halle Neun 1/2", "Halle Neun 2/2"),
        ("Halle Neun Night 1/2", "Halle Neun Night 2/2"),
    ],
)
def test_numbers_of_an_occasion_distinguish_sets(first: str, second: str) -> None:
    assert occasion([first]).contradicts(occasion([second]))
    assert compare(tracklisted("a:1", first), tracklisted("b:1", second)) is None, "whatever the rows are"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Jacked Radio 735", "Jacked Radio Episode 0735 2025-11-20"),
        ("Nora Vexley @ Wide Fields 2026", "Wide Fields"),
        ("Glasgow Warehouse Rave, Sub Club", "Sub Club Glasgow Warehouse Rave"),
        ("Âme Nacht", "AME Nacht"),
    ],
)
def test_an_occasion_is_recognised_in_other_words(first: str, second: str) -> None:
    ours, theirs = (occasion([text], djs=["Nora Vexley"]) for text in (first, second))
    assert ours.agrees(theirs)
    assert theirs.agrees(ours)


def test_a_place_may_be_left_out() -> None:
    with_city = occasion(["Grelle Forelle, Vienna"], places=["Vienna", "Austria"])
    assert with_city.equals(occasion(["Grelle Forelle"]))


def test_the_share_of_common_rows_depends_on_order() -> None:
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
def test_equal_rows_link_two_playlists(change: dict[str, Any], same: bool) -> None:
    second = replace(tracklisted("b:1"), **change)
    assert (compare(tracklisted("a:1", "Halle Neun"), second) is not None) == same


def test_a_name_links_only_on_the_same_day_and_without_contradicting_rows() -> None:
    few = tracklisted("a:1", "Halle Neun", ROWS[:2])
    assert compare(few, tracklisted("b:1", "Halle Neun", OTHERS))
    assert compare(few, tracklisted("b:1", "Halle Neun Terrasse Sued", OTHERS)) is None, (
        "without rows the same words"
    )
    assert compare(few, tracklisted("b:1", "Halle Neun", OTHERS, day=DAY + timedelta(days=1))) is None
    assert compare(tracklisted("a:1", "Halle Neun"), tracklisted("b:1", "Halle Neun", OTHERS)) is None


def test_a_set_has_one_playlist_per_source_and_the_most_complete_counts() -> None:
    grouped = same_sets(
        [tracklisted("c:1", rows=ROWS[:8]), tracklisted("b:1"), tracklisted("a:1", rows=ROWS[:6])]
    )
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.counted == {"b:1"}
    assert [grouped.counts(playlist) for playlist in ("a:1", "b:1", "c:1", "elsewhere:9")] == [
        False,
        True,
        False,
        True,
    ]


def test_two_sets_of_a_festival_are_not_linked_by_name_alone() -> None:
    both = [tracklisted("a:1", "Wide Fields", ROWS[:2]), tracklisted("a:2", "Wide Fields", OTHERS[:2])]
    assert not same_sets([*both, tracklisted("b:1", "Wide Fields", ())]).set_id
    assert same_sets([both[0], tracklisted("b:1", "Wide Fields", ())]).set_id


def test_the_better_of_two_candidates_is_linked() -> None:
    worse = tracklisted("a:1", rows=(*ROWS[:7], *OTHERS[:3]))
    grouped = same_sets([worse, tracklisted("a:2"), tracklisted("b:1")])
    assert grouped.set_id == {"a:2": "a:2", "b:1": "a:2"}


occasions = st.sampled_from([occasion([t]) for t in ("", "Halle", "Halle Night 1", "Halle Night 2", "Park")])
tracklists = st.builds(
    tracklisted,
    st.builds("{}:{}".format, st.sampled_from("abc"), st.integers(1, 3)),
    rows=st.sampled_from([ROWS, ROWS[:6], (*ROWS[:7], *OTHERS[:3]), OTHERS, ROWS[:3], ()]),
    day=st.sampled_from([DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]),
    occasion=occasions,
    djs=st.sampled_from([("nora vexley",), ("otto",)]),
)
worlds = st.lists(tracklists, max_size=9, unique_by=lambda tracklist: tracklist.playlist_id)


@given(worlds, st.randoms())
def test_sets_are_a_function_of_the_tracklists(world, random) -> None:  # type: ignore[no-untyped-def]
    assert same_sets(random.sample(world, len(world))) == same_sets(world)


@given(worlds)
def test_sets_satisfy_their_invariants(world) -> None:  # type: ignore[no-untyped-def]
    grouped = same_sets(world)
    by_id = {member.playlist_id: member for member in world}
    groups: dict[str, list[Tracklisted]] = defaultdict(list)
    for playlist, set_id in grouped.set_id.items():
        groups[set_id].append(by_id[playlist])
    for set_id, group in groups.items():
        assert set_id == min(member.playlist_id for member in group)
        assert len(group) > 1
        repeated = any(
            set(link.playlists) <= {member.playlist_id for member in group}
            and len({by_id[member].source for member in link.playlists}) == 1
            for link in grouped.links
        )
        one_each = len({member.source for member in group}) == len(group)
        assert one_each or repeated, "two of one source only where rows repeat"
        assert len({member.djs for member in group}) == 1
        assert sum(grouped.counts(member.playlist_id) for member in group) == 1


@given(worlds, st.sampled_from([("nora vexley",), ("otto",)]))
def test_playlists_of_other_djs_change_nothing(world, djs) -> None:  # type: ignore[no-untyped-def]
    """The resolver can therefore compare the playlists of one line-up at a time."""
    of_djs = same_sets([tracklist for tracklist in world if tracklist.djs == djs])
    of_all = same_sets(world)
    assert of_djs.set_id == {k: v for k, v in of_all.set_id.items() if k in of_djs.set_id}
    assert of_djs.counted <= of_all.counted


def residencies(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield titles with equal words of sets of one line-up on two consecutive days, and the line-up."""
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
    """With the second night on another site, both with too few rows to decide and with different rows."""
    pairs = [pair for pair in residencies(shared_data / "dataset" / "1001tracklists-index") if pair[0]]
    assert len(pairs) >= 37
    for first, second, names in pairs:
        for first_rows, second_rows in ((ROWS[:3], ROWS[:3]), (ROWS, OTHERS)):
            first_set = tracklisted("a:1", rows=first_rows, occasion=occasion([first], djs=names))
            second_occasion = occasion([second], djs=names)
            second_set = tracklisted(
                "b:1", rows=second_rows, day=DAY + timedelta(days=1), occasion=second_occasion
            )
            assert compare(first_set, second_set) is None, (first, second)


def played(**changes: Any) -> Played:
    fields = {
        "playlist_id": "a:1",
        "day": DAY,
        "djs": frozenset({"nora vexley"}),
        "venue": occasion(["Halle Neun"]),
        "occasion": occasion(["Nora Vexley @ Lange Nacht, Halle Neun"], djs=["Nora Vexley"]),
        **changes,
    }
    return Played(**fields)


def billed(event_id: str = "1", **changes: Any) -> Billed:
    fields = {
        "event_id": event_id,
        "day": DAY,
        "acts": frozenset({"nora vexley", "otto"}),
        "venue": occasion(["Halle Neun Berlin"], places=["Berlin"]),
        "title": occasion(["Klangfest"]),
        **changes,
    }
    return Billed(**fields)


@pytest.mark.parametrize(
    ("event", "expected"),
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
def test_an_event_is_found_by_dj_date_and_venue(event: Billed, expected: str | None) -> None:
    assert event_of(played(), [event]) == expected


def test_the_better_of_two_events_or_none_is_linked() -> None:
    night = billed("2", title=occasion(["Lange"]))
    assert event_of(played(), [billed("1"), night]) == "2", "the set's title contains its title"
    assert event_of(played(), [billed("1"), billed("2", day=DAY - timedelta(days=1))]) == "1"
    assert event_of(played(), [billed("1"), billed("2")]) is None


def test_a_venue_may_be_only_in_the_title() -> None:
    title = occasion(["Nora Vexley @ Halle Neun Berlin"], djs=["Nora Vexley"])
    assert event_of(played(venue=occasion([]), occasion=title), [billed()]) == "1"
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
def test_one_performance_published_twice_by_a_site_is_one_set(
    rows: tuple[str, ...], title: str, days: int, one_set: bool
) -> None:
    first = tracklisted("a:1", "Wide Fields")
    second = tracklisted("a:2", title, rows, day=DAY + timedelta(days=days))
    assert (repeats(first, second) is not None) == one_set
    assert repeats(first, second) == repeats(second, first)
    grouped = same_sets([first, second])
    assert (grouped.counts("a:1"), grouped.counts("a:2")) == (True, not one_set)


@pytest.mark.parametrize(
    ("source", "title", "rows", "days", "one_set"),
    [
        ("a", "Field Radio 841", ROWS, 7, True),
        ("a", "Field Radio 842", ROWS, 7, False),
        ("a", "Field Radio 841", ROWS[:7], 7, False),
        ("mixcloud", "Field Radio 841", ROWS, 90, True),
        ("a", "Field Radio 841", ROWS[:5], 0, True),
        ("a", "Other Radio 841", ROWS[:5], 0, False),
        ("a", "Field Radio 841", ROWS[:4], 0, False),
        ("a", "Field Radio 841", ("o1", "o2", *ROWS[2:5]), 0, False),
    ],
)
def test_one_episode_that_a_site_has_twice_is_one_set(
    source: str, title: str, rows: tuple[str, ...], days: int, one_set: bool
) -> None:
    first = tracklisted(f"{source}:1", "Field Radio 841", ROWS if len(rows) > 7 else ROWS[:7])
    second = tracklisted(f"{source}:2", title, rows, day=DAY + timedelta(days=days))
    assert (repeats(first, second) is not None) == one_set
    assert repeats(first, second) == repeats(second, first)


def test_an_upload_that_is_repeated_is_one_set() -> None:
    """Mixcloud gives the day of the upload; elsewhere two days are two nights."""
    for source, one_set in (("mixcloud", True), ("a", False)):
        first = tracklisted(f"{source}:1", "Wide Fields")
        second = tracklisted(f"{source}:2", "Wide Fields", day=DAY + timedelta(days=30))
        assert (repeats(first, second) is not None) == one_set


def test_contradicting_nights_are_not_repeats() -> None:
    assert repeats(tracklisted("a:1", "Halle Night 1"), tracklisted("a:2", "Halle Night 2")) is None
    later = tracklisted("a:2", "Radio 12", day=DAY + timedelta(days=7))
    assert repeats(tracklisted("a:1", "Radio 11"), later) is None


def test_a_repeat_joins_the_sets_of_both_days_and_one_is_counted() -> None:
    later = DAY + timedelta(days=42)
    group = [
        tracklisted("a:1", "Wide Fields"),
        tracklisted("b:1", "Wide Fields"),
        tracklisted("a:2", "Night Radio 841", day=later),
        tracklisted("b:2", "Night Radio 841", ROWS[:7], day=later),
    ]
    grouped = same_sets(group)
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.counted == {"a:1"}
    assert grouped == same_sets(reversed(group))


def test_a_mark_of_the_site_joins_regardless_of_names_and_days() -> None:
    marked = tracklisted("a:1", "Tape 06", ROWS[:3], identical_to=("a:2",))
    later = tracklisted("a:2", "Night Bass 7", OTHERS, day=DAY + timedelta(days=400), djs=("someone",))
    grouped = same_sets([marked, later])
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.counted == {"a:2"}
    (link,) = grouped.links
    assert (link.playlists, link.marked, link.days_apart) == (("a:1", "a:2"), True, 400)
    assert grouped == same_sets([later, marked])
    assert same_sets([replace(marked, identical_to=()), later]).links == ()


def test_a_mark_joins_nights_of_one_residency_and_tracklists_without_a_day() -> None:
    nights = [tracklisted("a:1", "Halle Night 1"), tracklisted("a:2", "Halle Night 2", identical_to=("a:1",))]
    assert set(same_sets(nights).set_id) == {"a:1", "a:2"}
    undated = tracklisted("a:3", "Tape", day=None, identical_to=("a:1",))
    grouped = same_sets([nights[0], undated])
    assert set(grouped.set_id.values()) == {"a:1"}
    assert grouped.links[0].days_apart is None
    assert same_sets([tracklisted("b:1", "Tape", day=None), tracklisted("a:1", "Tape", day=None)]).links == ()


def test_invalid_marks_join_nothing() -> None:
    tape = tracklisted("a:1", "Tape", identical_to=("a:1", "a:9", "b:1"))
    assert same_sets([tape, tracklisted("b:1", "Other", OTHERS)]).links == ()


def test_a_mark_joins_the_playlists_of_other_sites_too() -> None:
    later = DAY + timedelta(days=300)
    group = [
        tracklisted("a:1", "Wide Fields"),
        tracklisted("b:1", "Wide Fields"),
        tracklisted("a:2", "Night Radio 841", day=later, identical_to=("a:1",)),
        tracklisted("b:2", "Night Radio 841", day=later),
    ]
    grouped = same_sets(group)
    assert set(grouped.set_id) == {"a:1", "b:1", "a:2", "b:2"}
    assert set(grouped.set_id.values()) == {"a:1"}
    assert len(grouped.counted) == 1
    assert grouped == same_sets(reversed(group))
