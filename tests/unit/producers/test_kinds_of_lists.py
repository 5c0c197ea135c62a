"""Kinds of reported cases 04 to 08 in other forms: marks, times, headings, parts, notices and chapters."""

from collections.abc import Callable, Sequence

import pytest

from producers.sources.mixcloud import sections
from producers.sources.mixesdb import wikitext
from producers.sources.setlists import read_text

TRACKS = [
    *("Mona Veil - Silver Tide", "The Ferrymen - Low Moon", "Otto B - Red Eagle", "Kestrel Row - Ninth Hour"),
    "Nadir Nine - Slow",
]
STARTS = [0, 200, 465, 760, 1100]


def texts(text: str) -> list[str | None]:
    return [row.text for row in read_text(text).rows]


def numbered(form: str, tracks: Sequence[str] = TRACKS) -> str:
    return "\n".join(form.format(n) + track for n, track in enumerate(tracks, start=1))


@pytest.mark.parametrize("heading", ["", "Tracklist:\n"])
@pytest.mark.parametrize(
    "form",
    [
        *(
            "|{}| ",
            "{}_ ",
            "{:02}_",
            "{:02}__",
            "{}; ",
            "[{}/5] ",
            "({}/5) ",
            "{}... ",
            "{}… ",
            "{}st - ",
            "«{}» ",
        ),
        *(
            "Song {}: ",
            "Tr. {} ",
            "Tr{:02} ",
            "Canción {}: ",
            "Piste {}. ",
            "曲{} ",
            "第{}曲 ",
            "{}番 ",
            "{}曲目：",
        ),
        *("{}\ufe0f\u20e3", "{}\ufe0f\u20e3 ", "1-{:02} "),
    ],
)
def test_counters_in_other_forms(heading: str, form: str) -> None:
    written = read_text(heading + numbered(form))
    assert [row.text for row in written.rows] == TRACKS
    assert [row.number for row in written.rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("form", ["◾\ufe0f ", "o ", "[*] ", "(*) ", "- [ ] ", "[x] ", "x) ", "▪ "])
def test_bullets_in_other_forms(form: str) -> None:
    written = read_text("\n".join(form + track for track in TRACKS))
    assert [(row.text, row.number) for row in written.rows] == [(track, None) for track in TRACKS]


def test_numbers_of_discs_count_through() -> None:
    marks = ["1.01", "1.02", "1.03", "2.01", "2.02"]
    lines = "\n".join(f"{mark} {track}" for mark, track in zip(marks, TRACKS, strict=True))
    written = read_text(f"Tracklist:\n{lines}")
    assert [(row.text, row.number) for row in written.rows] == list(zip(TRACKS, range(1, 6), strict=True))
    assert texts(lines) == TRACKS
    days = "\n".join(f"1.0{n} {track}" for n, track in enumerate(TRACKS, start=1))
    assert texts(days) == []  # the first day of each month, unless a heading announces a list


def test_numbers_in_square_brackets_on_a_wiki() -> None:
    lines = "\n".join(f"# [{n}] {track}" for n, track in enumerate(TRACKS, start=1))
    rows = wikitext.read(f"== Tracklist ==\n{lines}\n").tracklist.rows
    assert [(row.number, row.cue_seconds) for row in rows] == [(n, None) for n in range(1, 6)]
    minutes = "\n".join(f"# [{n}] {track}" for n, track in zip((0, 4, 8, 12, 16), TRACKS, strict=True))
    rows = wikitext.read(f"== Tracklist ==\n{minutes}\n").tracklist.rows
    assert [row.cue_seconds for row in rows] == [0, 240, 480, 720, 960]


@pytest.mark.parametrize(
    "form",
    [
        *("from {}:{:02} %", "ab {}:{:02} %", "ca. {}:{:02} %", "Min. {}:{:02} %", "T+{}:{:02} %"),
        *("{}:{:02} min %", "{}:{:02}: %", "%, {}:{:02}", "%; {}:{:02}", "{:02},{:02} %", "{:02};{:02} %"),
        *("{:02}_{:02} %", "%\n{}:{:02}"),
    ],
)
def test_times_in_other_forms(form: str) -> None:
    lines = [
        form.format(start // 60, start % 60).replace("%", track)
        for start, track in zip(STARTS, TRACKS, strict=True)
    ]
    written = read_text("\n".join(lines))
    assert [row.text for row in written.rows] == TRACKS
    assert [row.cue_seconds for row in written.rows] == STARTS


@pytest.mark.parametrize("words", ["to", "till", "bis", "hasta", "à"])
def test_ranges_with_words(words: str) -> None:
    ends = [*STARTS[1:], 1400]
    lines = [
        f"{start // 60}:{start % 60:02} {words} {end // 60}:{end % 60:02}: {track}"
        for start, end, track in zip(STARTS, ends, TRACKS, strict=True)
    ]
    written = read_text("\n".join(lines))
    assert ([row.text for row in written.rows], written.times) == (TRACKS, "range")


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "T/L",
            "Трэклист:",
            "Parça listesi:",
            "Soittolista",
            "Spilleliste",
            "Setliste:",
            "Scaletta:",
            "Selection:",
        ),
        *("Playlista:", "Played:", "_Tracklist_", "T R A C K L I S T", "Musique :"),
    ],
)
def test_headings_in_other_words(heading: str) -> None:
    assert texts("\n".join([heading, *TRACKS[:3]])) == TRACKS[:3]


@pytest.mark.parametrize(
    "heading", ["Music: Nova Aline - a life", "Played: Harbour Room", "Selection:", "Musik:"]
)
def test_these_words_alone_announce_nothing(heading: str) -> None:
    written = read_text(f"{heading}\nRecorded at home.")
    assert (written.rows, written.warnings) == ((), ())


def test_hours_with_the_number_in_front() -> None:
    lines = [f"{n}. {track}" for n, track in zip((1, 2, 3, 1, 2), TRACKS, strict=True)]
    written = read_text("\n".join(["Tracklist:", "1. Stunde", *lines[:3], "", "2. Stunde", *lines[3:]]))
    assert [row.text for row in written.rows] == TRACKS
    assert [row.part for row in written.rows] == ["1. Stunde"] * 3 + ["2. Stunde"] * 2


def test_wrapped_guests_and_lists_on_one_line() -> None:
    wrapped = "1. Mona Veil\nfeat. Lia - Silver Tide\n2. Otto B - Red Eagle\n3. Kestrel Row - Slow"
    assert texts(wrapped)[0] == "Mona Veil feat. Lia - Silver Tide"
    assert texts(f"Tracklist:\n{' | '.join(TRACKS)}") == TRACKS


def test_counters_on_lines_of_their_own() -> None:
    written = read_text(
        "Tracklist:\n" + "\n".join(f"{n}.\n{track}" for n, track in enumerate(TRACKS, start=1))
    )
    assert [(row.text, row.number) for row in written.rows] == list(zip(TRACKS, range(1, 6), strict=True))


def test_a_part_without_marks_belongs_to_the_list() -> None:
    lines = [f"{n}. {track}" for n, track in enumerate(TRACKS[:3], start=1)]
    written = read_text("\n".join(["Tracklist:", *lines, "", "Guest mix:", *TRACKS[3:], "", "Label - Dock"]))
    assert [row.text for row in written.rows] == TRACKS
    assert [row.part for row in written.rows] == [None] * 3 + ["Guest mix"] * 2


def test_a_list_that_is_given_twice_is_read_once() -> None:
    listed = numbered("{}. ")
    assert texts(f"Tracklist:\n{listed}\n\nTitelliste:\n{listed}") == TRACKS
    second_list = "\n".join(f"{n}. Artist {n} - Slow" for n in range(1, 4))
    assert len(texts(f"Tracklist hour 1:\n{listed}\n\nTracklist hour 2:\n{second_list}")) == 8


def numbers(left: str, right: str, values: range) -> str:
    return "\n".join(f"{left.format(n)} - {right.format(n)}" for n in values)


NAMES = ("Harbour Room", "Cellar", "Dock", "Pier", "Yard")


def before(*lefts: str) -> str:
    return "\n".join(f"{left} - {name}" for left, name in zip(lefts, NAMES, strict=True))


def behind(*rights: str) -> str:
    return "\n".join(f"{name} - {right}" for right, name in zip(rights, NAMES, strict=True))


@pytest.mark.parametrize(
    "notice",
    [
        before(
            "Follow on Instagram",
            "Follow on Facebook",
            "Listen on Spotify",
            "Subscribe on YouTube",
            "Twitter",
        ),
        before("Facebook Page", "Facebook Group", "Instagram Page", "YouTube Channel", "Telegram Channel"),
        behind("Instagram", "Facebook", "Twitter", "Soundcloud", "Mixcloud"),
        before("12 marca", "14 marca", "2 kwietnia", "9 kwietnia", "20 maja"),
        before("12 Mart", "14 Mart", "2 Nisan", "9 Nisan", "20 Nisan"),
        behind("12 March", "14 March", "2 April", "9 April", "20 April"),
        behind("12/03/2025", "14/03/2025", "02/04/2025", "09/04/2025", "20/04/2025"),
        before("March", "April", "May", "June", "July"),
        before("Aufnahme", "Grafik", "Moderation", "Redaktion", "Produktion"),
        behind("10€", "15€", "20 €", "£50", "60 PLN"),
        before("Room 1", "Room 2", "Room 3", "Terrace", "Garden"),
        numbers("Nova Aline", "Field Radio {}", range(11, 17)),
        before("Every Monday", "Every Tuesday", "Every Friday", "Every Saturday", "Every Sunday"),
        before("Mondays", "Tuesdays", "Fridays", "Saturdays", "Sundays"),
        before("Out now", "Pre-order", "Vinyl", "Digital", "CD"),
        before("English", "Deutsch", "Français", "Español", "Italiano"),
        before("℗ 2025", "© 2025", "(c) 2025", "Artwork", "Mastering"),
        before("FR011", "FR012", "FR013", "FR014", "FR015"),
    ],
)
def test_notices_are_no_plays(notice: str) -> None:
    assert texts(notice) == []
    assert texts(f"Tracklist:\n{numbered('{}. ')}\n\n{notice}") == TRACKS


@pytest.mark.parametrize(
    "rows",
    [
        [
            "Instagram Kids - Slow",
            "May - Silver Tide",
            "The Facebook Song - Slow",
            "Otto B - Instagram",
            "Yard - Low",
        ],
        [
            "Otto B - 12 March",
            "Sunday Club - Slow",
            "April March - Red",
            "Dock - 4 Euro Love",
            "Terrace - Slow",
        ],
        ["ID1 - ID1", "ID2 - ID2", "ID3 - ID3", "ID4 - ID4", "ID5 - ID5"],
        [
            "Artist 1 - Title 1",
            "Artist 2 - Title 2",
            "Artist 3 - Title 3",
            "Artist 4 - Title 4",
            "Otto B - Slow",
        ],
    ],
)
def test_names_like_notices_are_plays(rows: list[str]) -> None:
    assert texts("\n".join(rows)) == rows


def chapters(*titles: str) -> list[str | None]:
    rows, _ = sections.rows(
        sections.of_api(
            [
                {"section_type": "chapter", "chapter": title, "position": n, "start_time": 240 * (n - 1)}
                for n, title in enumerate(titles, start=1)
            ]
        )
    )
    return [row["text"] for row in rows]


@pytest.mark.parametrize(
    "form",
    [
        lambda artist, title: f"{artist} – {title}",
        lambda artist, title: f"{artist}: {title}",
        lambda artist, title: f"{artist} | {title}",
        lambda artist, title: f'{artist} "{title}"',
        lambda artist, title: f"{title} by {artist}",
    ],
)
def test_chapters_in_other_forms(form: Callable[[str, str], str]) -> None:
    assert chapters(*(form(*track.split(" - ")) for track in TRACKS)) == TRACKS


def test_chapters_of_guests_are_no_plays() -> None:
    assert chapters("Hour 1 - Nova Aline", "Hour 2 - Iron Petal", "Hour 3 - Otto B") == []
    assert chapters("Guest Mix - Iron Petal", "Interview - Otto B", "News") == []
    assert chapters(*TRACKS, "Interview - Otto B") == TRACKS


OTHERS = ["Ada Fen - Night Bus", "Bo Kite - Salt", "Cy Drum - Elm", "Di Row - Ox Bow", "El Moor - Kite"]


@pytest.mark.parametrize("blank", ["\n", "\n\n"])
@pytest.mark.parametrize("form", ["{}. ", "{}:00 ", "- ", ""])
@pytest.mark.parametrize(
    "names", [("Vinyl set", "Room 1"), ("House", "Techno"), ("Saturday", "Sunday"), ("My set", "Anna's set")]
)
def test_parts_below_names_of_any_kind(names: tuple[str, str], form: str, blank: str) -> None:
    parts = [numbered(form, part) for part in (TRACKS, OTHERS)]
    assert texts(f"{names[0]}\n{parts[0]}{blank}{names[1]}\n{parts[1]}\n") == TRACKS + OTHERS


@pytest.mark.parametrize(
    "between",
    [
        "Previous episode",
        "Coming up next week",
        "Follow:",
        "www.example.org",
        "Thanks to everybody who came to the club last night.",
        "A word on the night.\nAnd one on the club.",
    ],
)
@pytest.mark.parametrize("form", ["{}. ", ""])
def test_another_list_behind_other_words_is_no_part(form: str, between: str) -> None:
    parts = [numbered(form, part) for part in (TRACKS, OTHERS)]
    assert texts(f"Vinyl set\n{parts[0]}\n\n{between}\n{parts[1]}\n") == TRACKS
