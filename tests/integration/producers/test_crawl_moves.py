"""Pages moved, removed and restored on a wiki over HTTP: crawled on real servers, then all stages."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from producers.crawl.scrape import ScrapeRequest, scrape
from producers.sources import Question
from songnodes.clock import SystemClock
from songnodes.settings import Settings
from tests.integration.producers.conftest import published
from tests.support.in_process_stages import InProcessPipeline
from tests.support.local_wiki import Wiki, mix, serving, text

OLD, NEW = mix(0), mix(1)
OLD_ID, NEW_ID = (f"mixesdb:{title.replace(' ', '_')}" for title in (OLD, NEW))
ROWS = 9


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    with serving(Wiki()) as served:
        yield served


@pytest.fixture
def local(bronze: Settings, wiki: Wiki) -> Settings:
    return bronze.model_copy(update={"sites": wiki.sites, "site_pause": 0.0})


def crawl(settings: Settings, category: str | None = None) -> None:
    """Visit every known page of the wiki and its links; with a category, the pages that it lists."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("UPDATE crawl_frontier SET next_at = now() - interval '1 day'")
    question = Question(today=date(2026, 11, 23), category=category)
    work = scrape(
        settings,
        ScrapeRequest.of("mixesdb", None, question, None),
        SystemClock(),
        max_wait=timedelta(seconds=20),
        on_progress=lambda stats: None,
    )
    asyncio.run(work)


def replayed(settings: Settings) -> InProcessPipeline:
    """Return the result of all archived pages through the stages, in the order of their fetches."""
    pipeline = InProcessPipeline()
    pages = [page for page in published(settings) if page["kind"] == "mix"]
    for page in sorted(pages, key=lambda page: page["fetched_at"]):
        pipeline.publish("bronze.pages", page["page_id"], page)
        pipeline.run()
    assert pipeline.dead_letters == []
    return pipeline


def sets(pipeline: InProcessPipeline) -> dict[str, tuple[int, bool]]:
    """Return for each set the number of rows, and whether it is counted."""
    playlists = pipeline.live_records["silver.playlists"]
    return {name: (len(playlist["rows"]), playlist["counted"]) for name, playlist in playlists.items()}


def play_counts(pipeline: InProcessPipeline) -> list[int]:
    return [track["play_count"] for track in pipeline.live_records["gold.tracks"].values()]


def statuses(settings: Settings, set_id: str) -> list[int]:
    """Return the statuses of the archived responses for a set, in the order of fetching."""
    pages: list[dict[str, Any]] = sorted(published(settings), key=lambda page: page["fetched_at"])
    return [page["status"] for page in pages if page["page_id"] == set_id.replace("mixesdb:", "mixesdb:mix:")]


def test_a_redirected_page_is_counted_once_and_again_when_restored(wiki: Wiki, local: Settings) -> None:
    wiki.put(OLD, text(ROWS))
    crawl(local, "Ada Example")
    assert sets(replayed(local)) == {OLD_ID: (ROWS, True)}

    wiki.moved[OLD] = NEW
    wiki.put(NEW, text(ROWS))
    crawl(local)
    moved = replayed(local)
    assert sets(moved) == {OLD_ID: (0, False), NEW_ID: (ROWS, True)}
    assert play_counts(moved) == [1] * ROWS
    assert statuses(local, OLD_ID) == [200, 301]
    withdrawal = moved.live_records["bronze.tracklists"][OLD_ID]
    assert withdrawal["warnings"] == [f"withdrawn: moved to {NEW_ID.replace('mixesdb:', 'mixesdb:mix:')}"]
    old = moved.live_records["silver.playlists"][OLD_ID]
    assert old["origin"]["id"] == withdrawal["origin"]["id"]
    assert len(old["gone"]["tracks"]) == ROWS

    wiki.moved.clear()
    crawl(local)
    restored = replayed(local)
    assert sets(restored)[OLD_ID] == (ROWS, True)
    assert statuses(local, OLD_ID) == [200, 301, 200]


def test_a_removed_page_is_not_counted(wiki: Wiki, local: Settings) -> None:
    wiki.put(OLD, text(ROWS))
    wiki.put(NEW, text(ROWS + 1))
    crawl(local, "Ada Example")
    assert sorted(play_counts(replayed(local))) == [1] + [2] * ROWS

    removed_page = wiki.pages.pop(OLD)
    wiki.changed.remove(OLD)
    crawl(local)
    removed = replayed(local)
    assert sets(removed) == {OLD_ID: (0, False), NEW_ID: (ROWS + 1, True)}
    assert play_counts(removed) == [1] * (ROWS + 1)
    assert statuses(local, OLD_ID) == [200, 404]

    wiki.pages[OLD] = removed_page
    crawl(local)
    assert sorted(play_counts(replayed(local))) == [1] + [2] * ROWS
