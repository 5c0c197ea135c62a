"""The stored state of a world, and the requests that make its sites list everything."""

from datetime import date
from pathlib import Path

import pytest

from demo import crawl, world_state
from demo.world.site_playlists import of_world
from demo.world_state import WorldState
from producers.sources import SOURCES

DAY = date(2025, 10, 10)


def test_a_data_directory_keeps_its_world(tmp_path: Path) -> None:
    assert world_state.load(tmp_path / "home") is None
    first = WorldState(day=DAY.isoformat(), size="small").next_edition()
    world_state.save(tmp_path / "home", first)
    loaded = world_state.load(tmp_path / "home")
    assert loaded == first
    assert loaded is not None
    assert loaded.edition == 1
    assert loaded.world == first.world
    assert loaded.world.as_of == DAY


def test_the_edition_advances_at_most_to_the_last() -> None:
    state = WorldState(day=DAY.isoformat(), edition=1)
    assert (
        state.next_edition().edition
        == state.next_edition().next_edition().edition
        == world_state.LAST_EDITION
    )


@pytest.mark.parametrize("source", SOURCES)
def test_the_requests_of_a_source_name_it(source: str) -> None:
    requests = list(crawl.list_requests(source, DAY))
    assert requests
    assert all(request.seed is not None and request.source == source for request in requests)


def test_every_month_of_the_world_is_searched() -> None:
    searches = {request.words for request in crawl.list_requests("mixesdb", DAY)}
    days = {playlist.at(1).day for playlist in of_world(WorldState(day=DAY.isoformat(), size="small").world)}
    assert {f"search={day:%Y-%m}" for day in days} <= searches
    assert "search=2024-12" in searches


def test_every_set_has_an_address_of_its_site() -> None:
    for site_playlist in of_world(WorldState(day=DAY.isoformat(), size="small").world):
        page_ref = SOURCES[site_playlist.site].by_url(crawl.address(site_playlist))
        assert page_ref is not None
        assert page_ref.native_id == site_playlist.native_id
