"""Properties of the parser of written lists: numbers and times in any usual format do not change rows."""

from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from producers.sources.setlists import WrittenList, read_text

DIGIT_ARTISTS = (
    *("808 State", "4 Strings", "2 Unlimited", "1991", "16 Bit Lolitas", "10cc", "2 Bad Mice", "4hero"),
    *("50 Cent", "3 Channels", "65daysofstatic", "747", "7 Skies", "1200 Micrograms", "20 Fingers"),
)
ARTISTS = (
    *("Mona Veil", "The Ferrymen", "Otto B", "Kestrel Row", "Nadir Nine", "Ost & Kreuz", "Lia feat. Bo"),
    *("Zoë Ågren", "Молния", "夜間飛行", "D.A.V.E.", "J. Marrow", "AM Radio", "X-Ray Ted"),
    *DIGIT_ARTISTS,
)
TITLES = (
    *("Silver Tide", "Low Moon (Iron Petal Remix)", "Red Eagle [Harbour]", "Ninth Hour", "Slow", "1999"),
    *("Pacific 202", "7 Days", "24 Hours", "Night (Part 2)", "Zug 4", "Закат", "朝", "Go!", "Why?", "No. 5"),
)
#: Each artist once: with "AM Radio" on half of the rows, "8:00 AM Radio" could be an hour as well.
LISTS = st.builds(
    lambda artists, titles: [f"{artist} - {title}" for artist, title in zip(artists, titles, strict=False)],
    st.lists(st.sampled_from(ARTISTS), min_size=6, max_size=24, unique=True),
    st.lists(st.sampled_from(TITLES), min_size=24, max_size=24),
)
OF_DIGITS = [f"{artist} - {title}" for artist in DIGIT_ARTISTS for title in ("Slow", "1999")]

COUNTERS: dict[str, Callable[[int], str]] = {
    "N.": lambda n: f"{n}. ",
    "N. without a blank": lambda n: f"{n}.",
    "NN": lambda n: f"{n:02} ",
    "NN.": lambda n: f"{n:02}. ",
    "NNN.": lambda n: f"{n:03}. ",
    "N": lambda n: f"{n} ",
    "N)": lambda n: f"{n}) ",
    "(N)": lambda n: f"({n}) ",
    "[N]": lambda n: f"[{n}] ",
    "#N": lambda n: f"#{n} ",
    "N -": lambda n: f"{n} - ",
    "NN -": lambda n: f"{n:02} - ",
    "N:": lambda n: f"{n}: ",
    "N |": lambda n: f"{n} | ",
    "N.)": lambda n: f"{n}.) ",
    "N/": lambda n: f"{n}/ ",
    "No. N": lambda n: f"No. {n} ",
    "№ N": lambda n: f"№ {n} ",
    "Track N:": lambda n: f"Track {n}: ",
    "N、": lambda n: f"{n}、",
}
BULLETS = ("", "- ", "* ", "• ", "•", "♫ ", "> ", "🎵 ", "– ")
HEADINGS = (
    "",
    "Tracklist:",
    "TRACKLISTING",
    "Setlist",
    "Playlist:",
    "== Tracklist ==",
    "Трек-лист:",
    "セットリスト",
)
CLOCKS: dict[str, Callable[[int], str]] = {
    "m:ss": lambda s: f"{s // 60}:{s % 60:02}",
    "mm:ss": lambda s: f"{s // 60:02}:{s % 60:02}",
    "h:mm:ss": lambda s: f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}",
    "hh:mm:ss": lambda s: f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}",
}
FRONTS = ("{} ", "[{}] ", "({}) ", "{} - ", "{} | ", "[{}] - ")
BACKS = (" [{}]", " ({})", " {}", " - {}", " @ {}")


def texts(written: WrittenList) -> list[str | None]:
    return [row.text for row in written.rows]


@st.composite
def timed_lists(draw: st.DrawFn) -> tuple[list[str], list[int]]:
    """Draw tracks and their start times in seconds."""
    tracks = draw(LISTS)
    gaps = draw(st.lists(st.integers(95, 420), min_size=len(tracks) - 1, max_size=len(tracks) - 1))
    return tracks, [0, *accumulate(gaps)]


@settings(deadline=None)
@given(LISTS, st.sampled_from(HEADINGS), st.sampled_from(BULLETS))
@example(OF_DIGITS, "", "")
@example(OF_DIGITS, "Tracklist:", "- ")
def test_a_list_without_numbers_or_times_is_parsed(tracks: list[str], heading: str, bullet: str) -> None:
    written = read_text("\n".join([heading, *[f"{bullet}{track}" for track in tracks]]))
    assert texts(written) == tracks
    assert [row.number for row in written.rows] == [None] * len(tracks)


@pytest.mark.parametrize("form", COUNTERS)
@settings(deadline=None)
@given(LISTS, st.sampled_from(HEADINGS), st.sampled_from(BULLETS))
@example(OF_DIGITS, "", "")
def test_numbers_do_not_change_rows(form: str, tracks: list[str], heading: str, bullet: str) -> None:
    lines = [f"{bullet}{COUNTERS[form](n)}{track}" for n, track in enumerate(tracks, start=1)]
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.number for row in written.rows] == list(range(1, len(tracks) + 1))


@pytest.mark.parametrize("clock", CLOCKS)
@settings(deadline=None)
@given(timed_lists(), st.sampled_from(FRONTS), st.sampled_from(HEADINGS), st.sampled_from(BULLETS))
def test_times_at_the_start_do_not_change_rows(
    clock: str, timed: tuple[list[str], list[int]], front: str, heading: str, bullet: str
) -> None:
    tracks, starts = timed
    lines = [
        f"{bullet}{front.format(CLOCKS[clock](start))}{track}"
        for start, track in zip(starts, tracks, strict=True)
    ]
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.cue_seconds for row in written.rows] == starts


@pytest.mark.parametrize("clock", CLOCKS)
@settings(deadline=None)
@given(timed_lists(), st.sampled_from(BACKS), st.sampled_from(HEADINGS))
def test_times_at_the_end_do_not_change_rows(
    clock: str, timed: tuple[list[str], list[int]], back: str, heading: str
) -> None:
    tracks, starts = timed
    lines = [
        f"{track}{back.format(CLOCKS[clock](start))}" for start, track in zip(starts, tracks, strict=True)
    ]
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.cue_seconds for row in written.rows] == starts


@pytest.mark.parametrize("order", ["counter first", "time first", "time at the back"])
@settings(deadline=None)
@given(
    timed_lists(),
    st.sampled_from(sorted(COUNTERS)),
    st.sampled_from(sorted(CLOCKS)),
    st.sampled_from(FRONTS),
    st.sampled_from(HEADINGS),
)
def test_numbers_and_times_do_not_change_rows(
    order: str, timed: tuple[list[str], list[int]], form: str, clock: str, front: str, heading: str
) -> None:
    tracks, starts = timed
    lines = []
    for number, (start, track) in enumerate(zip(starts, tracks, strict=True), start=1):
        counter, time = COUNTERS[form](number), CLOCKS[clock](start)
        if order == "counter first":
            lines.append(f"{counter}{front.format(time)}{track}")
        elif order == "time first":
            lines.append(f"{front.format(time)}{counter}{track}")
        else:
            lines.append(f"{counter}{track} [{time}]")
    written = read_text("\n".join([heading, *lines]))
    assert texts(written) == tracks
    assert [row.number for row in written.rows] == list(range(1, len(tracks) + 1))
    assert [row.cue_seconds for row in written.rows] == starts
