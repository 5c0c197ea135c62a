"""Decoys whose artists disagree with the names of their rows, and a near miss (case 10)."""

from pathlib import Path

import pytest

from producers import sources
from producers.sources.refusals import DecoyPage
from tests.support.page_records import page, tracklist


def test_a_decoy_by_artists_is_refused(shared_cases: Path) -> None:
    body = (shared_cases / "10-decoy-by-shown-text" / "decoy.html").read_bytes()
    with pytest.raises(DecoyPage):
        sources.parse(page(body))


def test_a_near_miss_is_a_good_page(shared_cases: Path) -> None:
    body = (shared_cases / "10-decoy-by-shown-text" / "near-miss-is-sound.html").read_bytes()
    assert len(tracklist(body)["rows"]) == 9
