"""Scraping a simulated MixesDB on real servers."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from rich.console import Console

from infra.embedded.report import report
from infra.embedded.stack import Stack
from infra.embedded.status import status
from producers.crawl import crawler, schedule
from producers.crawl.frontier import Frontier
from producers.crawl.scrape import ScrapeReport, ScrapeRequest, scrape
from producers.ledger import Ledger
from producers.sources import Question
from songnodes.clock import SystemClock
from songnodes.settings import Settings
from tests.integration.producers.conftest import published
from tests.support.local_wiki import Wiki, mix, serving, text

TODAY = date(2026, 11, 23)


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    with serving(Wiki()) as running_wiki:
        yield running_wiki


@pytest.fixture
def local(bronze: Settings, wiki: Wiki) -> Settings:
    return bronze.model_copy(update={"sites": wiki.sites, "site_pause": 0.0})


def run(
    settings: Settings, *, url: str | None = None, limit: int | None = None, **request: Any
) -> ScrapeReport:
    question = Question(today=TODAY, **request)
    work = scrape(
        settings,
        ScrapeRequest.of("mixesdb", url, question, limit),
        SystemClock(),
        max_wait=timedelta(seconds=20),
        on_progress=lambda stats: None,
    )
    return asyncio.run(work)


def frontier(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return all pages of the frontier, by their ids."""
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        rows = connection.execute("SELECT * FROM crawl_frontier").fetchall()
    return {row["page_id"]: row for row in rows}


def id_of(number: int) -> str:
    """Return the page id of a mix."""
    return f"mixesdb:mix:{mix(number).replace(' ', '_')}"


def make_due(settings: Settings) -> None:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("UPDATE crawl_frontier SET next_at = now() - interval '1 day'")


def test_a_category_yields_all_its_pages_over_all_parts(wiki: Wiki, local: Settings) -> None:
    for number in range(25):
        wiki.put(mix(number), text(4, unknown=number % 2))
    outcome = run(local, category="Ada Example")
    assert outcome.stats.endings == {"parsed": 28}
    assert outcome.remaining is not None
    assert outcome.remaining.pages == 0
    mixes = {page["page_id"] for page in published(local) if page["kind"] == "mix"}
    assert mixes == {id_of(number) for number in range(25)}
    assert len(published(local)) == 28  # the three parts of the list, too
    assert all(page["robots"] for page in published(local))
    assert {page["fetcher"] for page in published(local)} == {"http"}
    assert set(wiki.requests().values()) == {1}


def test_unchanged_pages_are_not_published_again(wiki: Wiki, local: Settings) -> None:
    for number in range(3):
        wiki.put(mix(number), text(4))
    run(local, category="Ada Example")
    before = len(published(local))
    wiki.put(mix(1), text(5))
    make_due(local)
    outcome = run(local)
    assert outcome.stats.endings["unchanged"] == 3  # two pages and the list
    assert outcome.stats.published == 1
    assert len(published(local)) == before + 1
    pages = frontier(local)
    assert (pages[id_of(0)]["unchanged"], pages[id_of(1)]["unchanged"]) == (1, 0)
    with closing(Ledger(local)) as ledger:
        assert len(ledger.known(id_of(1))) == 2


def test_only_newer_revisions_of_recent_changes_are_requested(wiki: Wiki, local: Settings) -> None:
    for number in range(5):
        wiki.put(mix(number), text(4))
    run(local, since=date(2020, 1, 1))
    wiki.received.clear()
    wiki.put(mix(3), text(6))
    outcome = run(local, since=date(2020, 1, 1))
    assert outcome.stats.endings == {"parsed": 2}
    assert wiki.requests() == {"recentchanges from 0": 1, mix(3): 1}


def test_a_limit_counts_pages_and_stops_following_lists(wiki: Wiki, local: Settings) -> None:
    for number in range(40):
        wiki.put(mix(number), text(4))
    outcome = run(local, category="Ada Example", limit=13)
    assert outcome.stats.endings == {"parsed": 15}
    assert sum(page["kind"] == "mix" for page in published(local)) == 13
    assert wiki.requests()["categorymembers from 20"] == 0


def test_sets_before_a_day_are_not_fetched(wiki: Wiki, local: Settings) -> None:
    for number in range(56):
        wiki.put(mix(number), text(4))
    run(local, category="Ada Example", since=date(2024, 2, 20))
    days = {page["native_id"][:10] for page in published(local) if page["kind"] == "mix"}
    assert days == {f"2024-02-{day:02d}" for day in range(20, 29)}


def test_failures_are_retried_and_missing_pages_are_not(
    wiki: Wiki, local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "FIRST_RETRY", timedelta(seconds=0.2))
    for number in range(4):
        wiki.put(mix(number), text(4))
    wiki.faults[mix(0)] = [500]
    wiki.faults[mix(1)] = [429]
    wiki.faults[mix(2)] = [404]
    outcome = run(local, category="Ada Example")
    assert outcome.stats.endings == {"parsed": 4, "failed": 1, "retried": 2}
    pages = frontier(local)
    assert (pages[id_of(2)]["state"], pages[id_of(2)]["why"]) == ("failed", "status 404")
    assert sum(page["state"] == "parsed" for page in pages.values()) == 4


def test_a_page_that_cannot_be_parsed_is_archived(wiki: Wiki, local: Settings) -> None:
    wiki.put(mix(0), "nothing of a tracklist")
    outcome = run(local, url=f"https://www.mixesdb.com/w/{mix(0).replace(' ', '_')}")
    assert outcome.stats.endings == {"fetched": 1}
    assert [page["page_id"] for page in published(local)] == list(frontier(local))
    assert [page["state"] for page in frontier(local).values()] == ["fetched"]


def test_pages_forbidden_by_robots_txt_are_not_requested(wiki: Wiki, local: Settings) -> None:
    wiki.put("Forbidden", text())
    outcome = run(local, url="https://www.mixesdb.com/w/Forbidden")
    assert outcome.stats.endings == {"failed": 1}
    assert wiki.requests() == {"robots.txt": 1}


def test_a_refusing_host_cools_down_and_no_page_is_lost(wiki: Wiki, local: Settings) -> None:
    for number in range(6):
        wiki.put(mix(number), text(4))
    wiki.faults[mix(0)] = [403]
    settings = local.model_copy(update={"block_hold": 7200.0})
    outcome = run(settings, category="Ada Example")
    assert outcome.stats.endings["blocked"] == 1
    assert outcome.stop is not None
    assert outcome.stop.why == "later"
    assert outcome.remaining is not None
    assert outcome.remaining.pages == 5
    assert sum(count for what, count in wiki.requests().items() if what.startswith("2024")) == 1


class Killed(BaseException):
    """Simulates SIGKILL: no lease is released."""


class KilledFrontier(Frontier):
    """Raises `Killed` after the acknowledgement, before the page is marked as finished."""

    async def finish(self, *_: Any, **__: Any) -> bool:
        raise Killed

    async def release_lease(self, *_: Any) -> None:
        raise Killed


def test_a_page_of_a_crawler_killed_after_the_acknowledgement_is_fetched_once_more(
    wiki: Wiki, local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.put(mix(0), text(4))
    url = f"https://www.mixesdb.com/w/{mix(0).replace(' ', '_')}"
    with monkeypatch.context() as patched:
        patched.setattr(crawler, "Frontier", KilledFrontier)
        with pytest.raises(Killed):
            run(local, url=url)
    assert len(published(local)) == 1
    (page,) = frontier(local).values()
    assert (page["state"], page["sha256"]) == ("leased", None)
    outcome = run(local, url=url)
    assert outcome.continued
    assert outcome.stats.endings == {"parsed": 1}
    assert wiki.requests()[mix(0)] == 2
    first, second = published(local)
    assert first["event_id"] == second["event_id"]  # one body: the same event to everybody
    assert run(local, url=url).stats.endings == {"unchanged": 1}
    assert len(published(local)) == 2


def test_status_shows_each_host_and_the_pages_of_each_source(
    wiki: Wiki, local: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONGNODES_SITES", json.dumps(wiki.sites))
    for number in range(3):
        wiki.put(mix(number), text(4))
    wiki.faults[mix(0)] = [403]
    run(local, category="Ada Example")
    servers = Stack(tmp_path, outside=local.plain())
    current = status(servers, local.namespace)
    assert current.unknown == {}
    (pages,) = current.frontier
    assert (pages.source, pages.due) == ("mixesdb", 0)
    assert pages.states == {"queued": 2, "leased": 0, "fetched": 0, "parsed": 1, "blocked": 1, "failed": 0}
    (host,) = current.hosts
    assert (host.host, host.blocked) == ("www.mixesdb.com", 1)
    now = datetime.now(UTC)
    plain = json.loads(json.dumps(current.plain(now)))
    assert datetime.fromisoformat(plain["hosts"][0]["held_until"]) > now
    shown = StringIO()
    Console(file=shown, width=200).print(report(current, now))
    for words in ("Pages to crawl", "Hosts", "www.mixesdb.com", ", 403"):
        assert words in shown.getvalue()
