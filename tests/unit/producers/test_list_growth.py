"""Parsing a written list takes time in proportion to its length, for any content."""

from collections.abc import Callable

import pytest

from producers.sources.setlists import WikiLine, read_lines, read_text
from producers.sources.setlists.kinds import kind
from producers.sources.setlists.peel import bullet
from tests.support.growth import MAX_SECONDS, assert_near_linear, seconds

LINE_LENGTHS = (60, 200, 799, 5_000)
#: Repeated on one line: rulers, bullets, brackets, marks and names.
PIECES = (
    *(
        "-",
        "=",
        "_",
        "~",
        "*",
        ">",
        "|",
        "+",
        ".",
        "#",
        "->",
        "=>",
        "-=",
        "- ",
        "-- ",
        "• ",
        "( ",
        "(",
        "[",
        ") ",
    ),
    *(
        "1",
        "1.",
        "1. ",
        "01 ",
        "1:",
        "1:00 ",
        "0:00-",
        "1:00 - ",
        "00:00 A - B ",
        "1. A - B ",
        "a - ",
        "a-",
        "-a",
    ),
    *(
        "A - B / ",
        "A - B, ",
        "a, ",
        "a.",
        "a.b",
        "w/ ",
        "& ",
        "'",
        "' ",
        '"',
        '" ',
        "a by ",
        ": ",
        "a: ",
        "\t",
        "a\t",
    ),
    *(
        "tracklist ",
        "tracklist: ",
        "the ",
        "mon ",
        "12 may ",
        "12.03 ",
        "@a ",
        "a@",
        "www.",
        "?",
        "?:",
        "id - ",
        "\ufe0f",
        "🎵",
    ),
    *(
        "<br>",
        "<b",
        "</p",
        "&amp;",
        " ",
        "\u3000",
        "no. ",
        "#1 ",
        "hour 1 ",
        "ix",
        "十",
        "12'34",
        "1h 2",
        "...",
        "remix ",
    ),
)
ENDS = ("", "x", " x", "\n")


@pytest.mark.parametrize("piece", PIECES)
def test_one_line_of_a_repeated_piece_grows_linearly(piece: str) -> None:
    lines = [(piece * length)[:length] + end for length in LINE_LENGTHS for end in ENDS]

    def read() -> None:
        for line in lines:
            bullet(line)
            kind(line)
            read_text(line)
            read_lines([WikiLine(text=line, fragment="")])

    assert seconds(read) < MAX_SECONDS


def plain_list(size: int) -> list[str]:
    return [f"Artist {n} - Title {n}" for n in range(size)]


LISTS: dict[str, Callable[[int], list[str]]] = {
    "plain_list": plain_list,
    "numbered": lambda size: [f"{n}. {track}" for n, track in enumerate(plain_list(size), start=1)],
    "timed": lambda size: [f"{n}:00 {track}" for n, track in enumerate(plain_list(size))],
    "times at the back": lambda size: [f"{track} [{n}:00]" for n, track in enumerate(plain_list(size))],
    "headed": lambda size: ["Tracklist:", *plain_list(size)],
    "bullets": lambda size: [f"- {track}" for track in plain_list(size)],
    "parts": lambda size: [
        line for n in range(size // 4) for line in (f"Hour {n % 12 + 1}:", *plain_list(3))
    ],
    "many headings": lambda size: ["Tracklist:", "A - B"] * (size // 2),
    "many stops": lambda size: ["Follow me:", "A - B"] * (size // 2),
    "wrapped": lambda size: ["1. Artist - Title (a long name of a", "remix)"] * (size // 2),
    "prose between": lambda size: ["1. A - B", "A sentence without a dash."] * (size // 2),
    "marks alone": lambda size: ["00:00", "A - B"] * (size // 2),
    "pairs": lambda size: [line for n in range(size // 2) for line in (f"{n}. Artist", "Title")],
    "links": lambda size: ["Facebook - example.invalid/a"] * size,
    "blank lines": lambda size: ["", "A - B"] * (size // 2),
    "rulers": lambda size: ["-" * 70, "A - B"] * (size // 2),
    "open brackets": lambda size: ["1. A - B ("] * size,
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_many_lines_grow_linearly(name: str) -> None:
    def of_size(size: int) -> Callable[[], object]:
        text = "\n".join(LISTS[name](size))
        return lambda: read_text(text)

    assert_near_linear(of_size, 700)


SEPARATORS = (" / ", ", ", " | ", "; ", " ")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_lists_on_one_line_grow_linearly(separator: str) -> None:
    def of_size(size: int) -> Callable[[], object]:
        text = "Tracklist: " + separator.join(f"{n}. A - B" for n in range(1, size))
        return lambda: read_text(text)

    assert_near_linear(of_size, 400)


@pytest.mark.parametrize("name", ["plain_list", "numbered", "timed"])
def test_lines_given_as_rows_grow_linearly(name: str) -> None:
    def of_size(size: int) -> Callable[[], object]:
        lines = [WikiLine(text=line, fragment=line) for line in LISTS[name](size)]
        return lambda: read_lines(lines)

    assert_near_linear(of_size, 700)
