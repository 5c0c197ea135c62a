"""Tracklists in free text: lists, and texts that merely resemble one."""

import pytest

from producers.sources.setlists import Entry, read_text

PROSE = "Recorded live - at home.\nFollow me: https://example.invalid/a - b\nbooking@example.invalid - mail\n"


def read_description(description: str) -> tuple[Entry, ...]:
    return read_text(description).rows


def texts(description: str) -> list[str | None]:
    return [entry.text for entry in read_description(description)]


def test_numbered_lines_are_rows() -> None:
    rows = read_description(
        PROSE + "\n01. Ada - One\n02. 808 State - Pacific\n03) Bo - Two [Label]\n\n" + PROSE
    )
    assert [(entry.number, entry.text) for entry in rows] == [
        (1, "Ada - One"),
        (2, "808 State - Pacific"),
        (3, "Bo - Two [Label]"),
    ]


TIMED = [
    "00:00 Ada - One\n04:10 Bo - Two\n1:02:03 Cy - Three",
    "[00:00] Ada - One\n[04:10] Bo - Two\n[1:02:03] Cy - Three",
    "(00:00) - Ada - One\n(04:10) - Bo - Two\n(1:02:03) - Cy - Three",
    "Ada - One (00:00)\nBo - Two [04:10]\nCy - Three (1:02:03)",
    "1. 00:00 Ada - One\n2. 04:10 Bo – Two\n3. 1:02:03 Cy — Three",
]


@pytest.mark.parametrize("text", TIMED)
def test_lines_with_times_are_rows(text: str) -> None:
    rows = read_description(f"Enjoy\n{text}\nthe end")
    assert [entry.text for entry in rows] == ["Ada - One", "Bo - Two", "Cy - Three"]
    assert [entry.cue_seconds for entry in rows] == [0, 250, 3723]


@pytest.mark.parametrize(
    "heading", ["Tracklist:", "TRACKLISTING", "~ Track list ~", "Setlist", "Tracks played:"]
)
def test_a_heading_makes_two_lines_a_list(heading: str) -> None:
    assert texts(f"{heading}\n\nAda - One\n\n808 State - Pacific\n") == ["Ada - One", "808 State - Pacific"]


def test_a_long_run_needs_no_heading() -> None:
    lines = [f"Artist {n} - Title {n}" for n in range(5)]
    assert texts("\n".join(lines)) == lines
    assert texts("\n".join(lines[:4])) == []


def test_unknown_tracks_keep_their_position() -> None:
    assert texts("Tracklist\nAda - One\nID\nID - ID\n???\nBo - Two") == [
        "Ada - One",
        "ID",
        "ID - ID",
        "???",
        "Bo - Two",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        "Techno - House - Trance",
        "Mon - Fri 20:00\nSat - Sun 22:00",
        "See www.example.invalid/a - b\n" * 10,
        ("A sentence that goes on - and on - " + "with words " * 30 + "\n") * 6,
        "4 Strings\n808 State\n2 Many DJs",
    ],
)
def test_prose_has_no_tracklist(text: str) -> None:
    assert texts(text) == []


def test_numbers_that_do_not_increase_are_part_of_names() -> None:
    lines = ["Tracklist", "99. Luftballons - One", "7. Sinn - Two", "5. Symphony - Three"]
    assert texts("\n".join(lines)) == lines[1:]


def test_the_longest_of_several_lists_is_used() -> None:
    short = "Last week:\n1. Ada - One\n2. Bo - Two\n3. Cy - Three\n"
    long = "Tracklist\n" + "\n".join(f"{n}. Dee - Title {n}" for n in range(1, 9))
    assert len(texts(f"{short}\nand this week:\n{long}")) == 8


def test_a_long_list_keeps_all_its_rows() -> None:
    text = "Tracklist\n" + "\n".join(f"{n}. Ada {n} - One {n}" for n in range(1, 10_001))
    assert len(read_description(text)) == 10_000
