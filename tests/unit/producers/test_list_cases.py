"""Cases 04 to 08: written lists that were once misread, from the saved files to the rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources.page import Material
from producers.sources.setlists import read_text
from songnodes.domain.records import PlaylistRow, Tracklist
from songnodes.domain.rows import read_rows
from tests.support.growth import assert_near_linear
from tests.support.page_records import page

ARTISTS = ["Mona Veil", "The Ferrymen", "Otto B", "Kestrel Row", "Nadir Nine"]
TITLES = ["Silver Tide", "Low Moon", "Red Eagle", "Ninth Hour", "Slow"]


def record(file: Path) -> Tracklist:
    url = json.loads(file.with_name(f"{file.name}.meta.json").read_bytes()).get("url")
    assert sources.recognise(Material(file.read_bytes(), url=url)) is not None
    (output,) = sources.parse(page(file.read_bytes(), url=url))
    return output.record  # type: ignore[return-value]


def played(tracklist: Tracklist) -> list[PlaylistRow]:
    return read_rows(tracklist["playlist_id"], tracklist["rows"], {})


def named(tracklist: Tracklist) -> list[tuple[Any, Any, Any]]:
    claims = [row["claim"] for row in played(tracklist)]
    return [
        (claim["artist_credit"], claim["base_title"], claim["label"]) if claim else (None, None, None)
        for claim in claims
    ]


MARKED = [
    ("a-number-dash.json", 5, True),
    ("b-time-then-number.json", 3, True),
    ("c-number-blank.json", 5, True),
    ("e-bullets.json", 3, False),
    ("f-hash-and-brackets.json", 5, True),
    ("mixesdb-list.wiki", 3, True),
]


@pytest.mark.parametrize(("name", "size", "numbered"), MARKED)
def test_case_04_marks(shared_cases: Path, name: str, size: int, numbered: bool) -> None:
    tracklist = record(shared_cases / "04-list-marks-in-artist" / name)
    assert named(tracklist) == [(a, t, None) for a, t in zip(ARTISTS[:size], TITLES, strict=False)]
    numbers = list(range(1, size + 1)) if numbered else [None] * size
    assert [row["number"] for row in tracklist["rows"]] == numbers
    if name.startswith("b"):
        assert [row["cue_seconds"] for row in tracklist["rows"]] == [0, 240, 480]


def test_case_04_numbers_and_times_before_an_artist_of_digits(shared_cases: Path) -> None:
    tracklist = record(shared_cases / "04-list-marks-in-artist" / "d-number-time-dash.json")
    assert [artist for artist, _, _ in named(tracklist)] == ["Mona Veil", "The Ferrymen", "1991", "Otto B"]
    assert [row["number"] for row in tracklist["rows"]] == [1, 2, 3, 4]
    assert [row["cue_seconds"] for row in tracklist["rows"]] == [110, 370, 450, 1180]


def test_case_04_numbers_that_do_not_count_are_names(shared_cases: Path) -> None:
    tracklist = record(shared_cases / "04-list-marks-in-artist" / "control-numbers-are-artists.json")
    wanted = ["808 State", "4 Strings", "2 Unlimited", "16 Bit Lolitas", "1991"]
    assert [artist for artist, _, _ in named(tracklist)] == wanted
    assert [row["number"] for row in tracklist["rows"]] == [None] * 5


TIMES = [
    ("a-ranges.json", [0, 200, 465], [None] * 3),
    ("b-lengths-in-brackets.json", [None] * 4, [379, 419, 312, 421]),
    ("c-lengths-behind-dash.json", [None] * 3, [379, 419, 312]),
    ("g-mixesdb.wiki", [0, 252, 510], [None] * 3),
]


@pytest.mark.parametrize(("name", "cues", "lengths"), TIMES)
def test_case_05_times(
    shared_cases: Path, name: str, cues: list[int | None], lengths: list[int | None]
) -> None:
    tracklist = record(shared_cases / "05-times-misread" / name)
    size = len(cues)
    assert named(tracklist) == [(a, t, None) for a, t in zip(ARTISTS[:size], TITLES, strict=False)]
    assert [row["cue_seconds"] for row in tracklist["rows"]] == cues
    assert [row["duration_seconds"] for row in tracklist["rows"]] == lengths


def test_case_06_hours_are_parts_of_one_list(shared_cases: Path) -> None:
    tracklist = record(shared_cases / "06-list-cut-short" / "a-hours.json")
    assert [row["part"] for row in tracklist["rows"]] == ["Hour 1"] * 3 + ["Hour 2"] * 4
    assert [artist for artist, _, _ in named(tracklist)][:4] == ARTISTS[:4]


def test_case_06_a_wrapped_row(shared_cases: Path) -> None:
    tracklist = record(shared_cases / "06-list-cut-short" / "b-wrapped.json")
    assert [artist for artist, _, _ in named(tracklist)] == ARTISTS[:4]
    assert tracklist["rows"][0]["text"] == "Mona Veil - Silver Tide (Iron Petal Remix)"


def test_case_06_a_heading_with_words(shared_cases: Path) -> None:
    tracklist = record(shared_cases / "06-list-cut-short" / "c-heading-with-words.json")
    assert [artist for artist, _, _ in named(tracklist)] == ARTISTS[:4]
    assert tracklist["rows_from"] == "description"


def test_case_07_links_are_no_plays(shared_cases: Path) -> None:
    folder = shared_cases / "07-prose-counted-as-plays"
    assert record(folder / "a-links.json")["rows"] == []
    assert [artist for artist, _, _ in named(record(folder / "b-list-and-links.json"))] == ARTISTS[:4]


def test_case_08_chapters_that_are_tracks(shared_cases: Path) -> None:
    folder = shared_cases / "08-chapters-only"
    for name, cues in (("cloudcast.json", [0, 240]), ("sections.json", [0, 240, 500])):
        tracklist = record(folder / name)
        assert [artist for artist, _, _ in named(tracklist)] == ARTISTS[: len(cues)]
        assert [row["cue_seconds"] for row in tracklist["rows"]] == cues
        assert tracklist["rows_from"] == "sections"


@pytest.mark.parametrize("ruler", ["-", "=>", "->", "=", "- ", "•"])
def test_work_on_a_line_of_signs_grows_with_its_length(ruler: str) -> None:
    """A pattern that could match the same signs in two ways doubled its search with each pair of them."""

    def reading(signs: int) -> Callable[[], object]:
        return lambda: read_text(f"{ruler * signs}x\n1. Mona Veil - Silver Tide\n2. Otto B - Red Eagle\n")

    assert_near_linear(reading, 200)
