"""Invalid dates of reported cases, through the parsers and silver's rules."""

from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources import Output
from producers.sources.errors import UnexpectedShape
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
