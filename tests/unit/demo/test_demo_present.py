"""The world of a home, and what is asked so that its sites name everything."""

from datetime import date
from pathlib import Path

import pytest

from demo import crawl, present
from demo.present import Present
from demo.world.tellings import all_of
from producers.sources import SOURCES

DAY = date(2025, 10, 10)


def test_a_home_keeps_its_world(tmp_path: Path) -> None:
    assert present.load(tmp_path / "home") is None
    first = Present(day=DAY.isoformat(), size="small").later()
    present.save(tmp_path / "home", first)
    found = present.load(tmp_path / "home")
    assert found == first
    assert found is not None
    assert found.edition == 1
    assert found.world == first.world
    assert found.world.as_of == DAY


def test_the_sites_move_on_once() -> None:
    now = Present(day=DAY.isoformat(), edition=1)
    assert now.later().edition == now.later().later().edition == present.LAST_EDITION


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_asked_what_it_answers(source: str) -> None:
    asked = list(crawl.questions(source, DAY))
    assert asked
    assert all(each.seed is not None and each.source == source for each in asked)


def test_every_month_of_the_world_is_searched() -> None:
    words = {each.words for each in crawl.questions("mixesdb", DAY)}
    days = {t.at(1).day for t in all_of(Present(day=DAY.isoformat(), size="small").world)}
    assert {f"search={day:%Y-%m}" for day in days} <= words
    assert "search=2024-12" in words


def test_every_set_has_an_address_of_its_site() -> None:
    for telling in all_of(Present(day=DAY.isoformat(), size="small").world):
        found = SOURCES[telling.site].by_url(crawl.address(telling))
        assert found is not None
        assert found.native_id == telling.native_id
