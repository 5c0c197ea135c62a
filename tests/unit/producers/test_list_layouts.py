"""Properties of the parser of written lists: parts, wraps, ranges, lengths and prose do not change rows."""

from itertools import pairwise
from textwrap import wrap

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from producers.sources.setlists import read_text
from tests.unit.producers.test_list_marks import (
    BULLETS,
    CLOCKS,
    COUNTERS,
    HEADINGS,
    LISTS,
    texts,
    timed_lists,
)

#: A part begins or ends with rows such as "1.808 State", whose number has no separator.
DIGITS_AT_PARTS = [
    f"{artist} - Slow" for artist in ("Mona Veil", "AM Radio", "4hero", "Otto B", "808 State", "2 Unlimited")
]
DIGITS_FIRST = [
    f"{artist} - Slow" for artist in ("747", "4hero", "Mona Veil", "Otto B", "4 Strings", "2 Unlimited")
]
PART_FORMS = ("Hour {}", "Part {}:", "== Part {} ==", "[Hour {}]", "CD {}", "*** Set {} ***")
RANGES = ("{} - {} ", "[{} - {}] ", "({}-{}) ", "{}-{} - ")
LENGTHS = (" ({})", " [{}]", " - {}")
LONG_VERSION = " (The Very Long Night Version Of A Remixer Of Many Words)"
BEFORE = ("", "Hello everybody - welcome back to the show, I hope you like it.\n\n", "Recorded at home.\n")
AFTER = (
    "",
    "\n\nThanks for all the kind words, see you next month!",
    "\n\nFollow me:\nInstagram - @fieldaline\nSoundcloud - soundcloud.com/fieldaline",
    "\n\nUpcoming:\n12 March - Harbour Room\n14 March - Cellar Club",
)


@settings(deadline=None)
@given(
    LISTS,
    st.sampled_from(PART_FORMS),
    st.sampled_from(sorted(COUNTERS)),
    st.booleans(),
    st.booleans(),
    st.integers(2, 3),
)
@example(DIGITS_AT_PARTS, "[Hour {}]", "N. without a blank", True, True, 3)
@example(DIGITS_FIRST, "CD {}", "N. without a blank", False, True, 3)
@example(DIGITS_FIRST, "CD {}", "N. without a blank", True, False, 3)
def test_parts_do_not_change_rows(
    tracks: list[str], part_form: str, counter: str, restarts: bool, blank: bool, parts: int
) -> None:
    size = len(tracks) // parts
    lines, numbers, grouping = ["Tracklist:"], [], []
    for index, track in enumerate(tracks[: size * parts]):
        part, place = divmod(index, size)
        if place == 0:
            lines += [""] * blank + [part_form.format(part + 1)]
        numbers.append(place + 1 if restarts else index + 1)
        grouping.append(part)
        lines.append(f"{COUNTERS[counter](numbers[-1])}{track}")
    written = read_text("\n".join(lines))
    assert texts(written) == tracks[: size * parts]
    assert [row.number for row in written.rows] == numbers
    assert len(written.parts) == parts
    assert [written.parts.index(row.part or "") for row in written.rows] == grouping


@pytest.mark.parametrize("clock", CLOCKS)
@settings(deadline=None)
@given(timed_lists(), st.sampled_from(RANGES), st.sampled_from(HEADINGS), st.sampled_from(BULLETS))
def test_ranges_do_not_change_rows(
    clock: str, timed: tuple[list[str], list[int]], form: str, heading: str, bullet: str
) -> None:
    tracks, starts = timed
    ends = [*starts[1:], starts[-1] + 200]
    lines = [
        f"{bullet}{form.format(CLOCKS[clock](start), CLOCKS[clock](end))}{track}"
        for start, end, track in zip(starts, ends, tracks, strict=True)
    ]
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.cue_seconds for row in written.rows] == starts
    assert written.times == "range"


@settings(deadline=None)
@given(LISTS, st.data(), st.sampled_from(LENGTHS), st.sampled_from(sorted(COUNTERS)))
def test_lengths_do_not_change_rows(tracks: list[str], data: st.DataObject, form: str, counter: str) -> None:
    lengths = data.draw(st.lists(st.integers(160, 560), min_size=len(tracks), max_size=len(tracks)))
    assume(sum(after < before for before, after in pairwise(lengths)) >= 0.3 * len(lengths))
    lines = [
        f"{COUNTERS[counter](n)}{track}{form.format(CLOCKS['m:ss'](length))}"
        for n, (track, length) in enumerate(zip(tracks, lengths, strict=True), start=1)
    ]
    written = read_text("\n".join(["Tracklist:", *lines]))
    assert texts(written) == tracks
    assert [row.duration_seconds for row in written.rows] == lengths
    assert [row.cue_seconds for row in written.rows] == [None] * len(tracks)


@settings(deadline=None)
@given(LISTS, st.sampled_from(HEADINGS), st.sampled_from(["NN.", "N)", "#N"]), st.integers(38, 60))
def test_wrapped_lines_do_not_change_rows(tracks: list[str], heading: str, counter: str, width: int) -> None:
    long_tracks = [f"{track}{LONG_VERSION}" for track in tracks]
    lines = [
        line
        for n, track in enumerate(long_tracks, start=1)
        for line in wrap(f"{COUNTERS[counter](n)}{track}", width, break_on_hyphens=False)
    ]
    assert texts(read_text("\n".join([heading, *lines]))) == long_tracks


@settings(deadline=None)
@given(timed_lists(), st.sampled_from(HEADINGS))
def test_versions_on_separate_lines_do_not_change_rows(
    timed: tuple[list[str], list[int]], heading: str
) -> None:
    tracks = [f"{track} (Other Harbour Remix)" for track in timed[0]]
    lines = [
        f"[{CLOCKS['mm:ss'](start)}] {track}".replace(" (Other", "\n(Other")
        for start, track in zip(timed[1], tracks, strict=True)
    ]
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.cue_seconds for row in written.rows] == timed[1]


@settings(deadline=None)
@given(LISTS, st.sampled_from(BEFORE), st.sampled_from(AFTER), st.sampled_from(sorted(COUNTERS)))
def test_surrounding_prose_does_not_change_rows(
    tracks: list[str], before: str, after: str, counter: str
) -> None:
    lines = [f"{COUNTERS[counter](n)}{track}" for n, track in enumerate(tracks, start=1)]
    assert texts(read_text(f"{before}{chr(10).join(lines)}{after}")) == tracks
