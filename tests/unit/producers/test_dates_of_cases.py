"""Invalid dates of reported cases, through the parsers and silver's rules."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources import Output
from producers.sources.errors import UnexpectedShape
from songnodes.domain.dates import read_set_date
from songnodes.domain.links.occasion import occasion
from songnodes.domain.records import Playlist
from tests.support.page_records import page
from tests.support.stored_playlist import StoredPlaylist


def outputs(file: Path, **about: Any) -> list[Output]:
    return sources.parse(page(file.read_bytes(), **about))


def silver(records: list[Output]) -> Playlist:
    state = StoredPlaylist()
    (tracklist,) = (output.record for output in records if output.topic == "bronze.tracklists")
    state.apply_tracklist(tracklist, 0)  # type: ignore[arg-type]  # a tracklist by its topic
    playlist = state.build("code")
    assert playlist is not None
    return playlist


def failed(playlist: Playlist) -> set[str]:
    return {check["name"] for check in playlist["checks"] if not check["passed"]}


def test_an_event_at_the_end_of_the_calendar_is_parsed(shared_cases: Path) -> None:
    with pytest.raises(UnexpectedShape):  # a dead letter: an event without a day is none
        outputs(shared_cases / "01-ra-date-9999" / "event.json")


@pytest.mark.parametrize(
    "name",
    [
        "02-date-0001/mixcloud.json",
        "02-date-0001/tracklist.html",
        "16-sentinel-dates/a-1753.json",
        "16-sentinel-dates/b-1970.json",
        "16-sentinel-dates/c-1899.html",
    ],
)
def test_zero_dates_are_ignored(shared_cases: Path, name: str) -> None:
    playlist = silver(outputs(shared_cases / name))
    assert playlist["set_date"] is None
    assert failed(playlist) & {"date", "date_plausible"}


def test_a_title_that_is_only_a_date_is_parsed(shared_cases: Path) -> None:
    assert silver(outputs(shared_cases / "03-title-is-a-date" / "mixcloud.json"))["set_date"] is not None
    for title in ("2025-03-01", "01.03.2025", "1/3/25", "\u200b", "", "́", "№ 1", "2025"):
        assert occasion([title]) is not None


@pytest.mark.parametrize(
    "day",
    [
        "2025-03-01",
        "2025.03.01",
        "2025_03_01",
        "2025/3/1",
        "20250301",
        "01-03-2025",
        "1-3-25",
        "01·03·2025",
        "2025–03–01",
        "[2025-03-01]",
        "2025-03-01T20:00",
        "1 March 2025",
        "1st of March",
        "March 1st, 2025",
        "1. März 2025",
        "1er mars 2025",
        "1 de marzo de 2025",
        "1 марта 2025",
        "2025年3月1日",
        "March 2025",
        "01 Mar 25",
    ],
)
def test_a_date_in_a_title_is_no_word_or_number_of_it(day: str) -> None:
    alone, named = occasion([day]), occasion([f"{day} - Field Radio 14"])
    assert not alone.words
    assert "number" not in alone.numbers
    assert named.words == {"field"}
    assert named.numbers["number"] == {"14"}


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("Field Radio 9.10", {"9", "10"}),
        ("Vol. 3 May", {"3"}),
        ("Episode 12-03", {"12", "3"}),
        ("Show 200 2025", {"200"}),
        ("Field 24/7", {"24", "7"}),
    ],
)
def test_numbers_that_are_no_dates_are_kept(title: str, numbers: set[str]) -> None:
    assert occasion([title]).numbers["number"] == numbers


@pytest.mark.parametrize("zero", ["1970-01-01", "1969-12-31", "1980-01-01", "1979-12-31", "1904-01-01"])
def test_zero_dates_of_systems_are_no_dates_of_sets(zero: str) -> None:
    observed_on = date(2025, 3, 10)
    assert read_set_date(zero, observed_on, (f"Nova Aline @ Harbour Room {zero}",)).day is None
    if zero[:2] == "19" and zero[2] in "678":
        assert read_set_date(zero, observed_on, (f"{zero} - Nova Aline", zero[:4])).day is not None
