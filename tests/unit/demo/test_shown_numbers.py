"""Displayed numbers are the stored ones, rounded once; ids are not shortened."""

import re
from pathlib import Path

import pytest

from demo import tables
from songnodes.domain.matching import explain

DEMO = Path(tables.__file__).parent


@pytest.mark.parametrize(("stored", "shown"), [(0.79899, "0.799"), (0.7996, "0.800"), (1.0, "1.000")])
def test_a_stored_number_is_rounded_once(stored: float, shown: str) -> None:
    assert tables._text(stored) == shown


@pytest.mark.parametrize("folder", ["overview", "queries"])
def test_no_query_rounds_its_numbers(folder: str) -> None:
    for query in tables.queries(folder):
        assert not re.search(rb"round\([^)]*::numeric, [012]\)", query.sql), query.name


@pytest.mark.parametrize(("number", "shown"), [(0.79899, "0.799"), (0.85, "0.85"), (1.0, "1.00")])
def test_explain_shows_the_compared_number(number: float, shown: str) -> None:
    assert explain.__globals__["_rounded"](number) == shown


def test_ids_are_not_shortened() -> None:
    long = "a-very-long-artist-name-and-a-title-of-many-words-and-more-0a1b2c3d"
    assert tables._cell("track_id", long) == long
    assert tables._cell("title", long) != long
