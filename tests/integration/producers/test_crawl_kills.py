"""Several crawlers on one frontier, killed in the middle: no page is lost, and at most the page in flight is
requested again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from songnodes.settings import Settings
from tests.integration.producers.conftest import published
from tests.support.local_wiki import Wiki, mix, serving, text
from tests.support.worker_processes import environment

PAGES = 24
MAX_WAIT_S = 60.0  # for any single step
TOGETHER = 3


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    with serving(Wiki(seconds=0.05)) as running_wiki:
        for number in range(PAGES):
            running_wiki.put(mix(number), text(4))
        yield running_wiki


@pytest.fixture
def local(bronze: Settings, wiki: Wiki) -> Settings:
    return bronze.model_copy(update={"sites": wiki.sites, "site_pause": 0.01})


@contextmanager
def crawlers(settings: Settings, count: int, *arguments: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start `count` processes; those still running at the end are killed."""
    running = [start(settings, *arguments) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def start(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "songnodes", *arguments],
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def done(settings: Settings) -> int:
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM crawl_frontier WHERE kind = 'mix' AND state = 'parsed'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def wait_until(settings: Settings, pages: int) -> None:
    until = time.monotonic() + MAX_WAIT_S
    while (finished := done(settings)) < pages:
        assert time.monotonic() < until, finished
        time.sleep(0.05)


def repeated_requests(wiki: Wiki) -> int:
    """Return the number of repeated requests."""
    return sum(count - 1 for what, count in wiki.requests().items() if what in wiki.pages)


def test_three_crawlers_share_the_work_and_a_killed_crawler_loses_no_page(
    wiki: Wiki, local: Settings
) -> None:
    question = ("scrape", "mixesdb", "--category", "Ada Example")
    with crawlers(local, TOGETHER, *question) as running:
        for killed, reached in zip(running[1:], (3, 9), strict=True):
            wait_until(local, reached)
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
        running.append(start(local, *question))
        wait_until(local, PAGES)
        assert [process.wait(MAX_WAIT_S) for process in (running[0], running[-1])] == [0, 0]
    assert wiki.requests().keys() >= wiki.pages.keys()
    assert repeated_requests(wiki) <= 2
    archived = [page["page_id"] for page in published(local) if page["kind"] == "mix"]
    assert len(set(archived)) == PAGES
    assert len(archived) <= PAGES + 2


def test_the_daemon_finds_new_pages_and_releases_its_page_when_stopped(wiki: Wiki, local: Settings) -> None:
    with crawlers(local, 1, "run", "crawl") as (daemon,):
        wait_until(local, 5)
        daemon.terminate()
        assert daemon.wait(MAX_WAIT_S) == 0
    with psycopg.connect(local.database_url) as connection:
        states: dict[str, int] = dict(
            connection.execute("SELECT state, count(*) FROM crawl_frontier GROUP BY state").fetchall()
        )
    assert states.keys() == {"queued", "parsed"}
    with crawlers(local, 1, "run", "crawl"):
        wait_until(local, PAGES)
    assert repeated_requests(wiki) <= 1  # the one that was being fetched
    assert wiki.requests()["recentchanges from 0"] == 1
