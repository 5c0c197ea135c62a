"""Progress of a crawl: a changing line on a terminal, plain lines otherwise, and a final report."""

import time
from io import StringIO

import pytest
from rich.console import Console

from producers.crawl import progress
from producers.crawl.cli import as_dict, print_report
from producers.crawl.crawler import StopReason
from producers.crawl.pages import Remaining
from producers.crawl.progress import CrawlStats, progress_display
from producers.crawl.scrape import ScrapeReport, ScrapeRequest
from producers.crawl.visit import Ending, Visit
from tests.support.crawl_fakes import NOW


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the clock of rates: its last entry is the current time."""
    times = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: times[-1])
    return times


def visit(ending: Ending, why: str | None = None) -> Visit:
    return Visit(page_id="mixesdb:mix:A", source="mixesdb", lists=False, ending=ending, why=why)


def outcome(stats: CrawlStats, *refusals: str, left: int = 0) -> ScrapeReport:
    request = ScrapeRequest(source="mixesdb", words="dj=Ada", seed=None, since=None, limit=None)
    report = ScrapeReport(request=request, stats=stats, stop=StopReason(why="later" if left else "done"))
    report.refusals.update(refusals)
    report.remaining = Remaining(pages=left, leased=0, soonest=NOW if left else None)
    return report


def test_a_line_shows_count_rate_and_remaining_time(seconds: list[float]) -> None:
    stats = CrawlStats(queued=1_500)
    for ending in ("parsed", "parsed", "fetched", "unchanged", "blocked", "failed"):
        stats.count(visit(ending))
        seconds.append(seconds[-1] + 2)
    assert stats.line() == ("queued 1,500, fetched 4, parsed 2, blocked 1, failed 1, 0.5/s, 0:50:00 left")
    seconds.append(seconds[-1] + progress.RATE_WINDOW_S)
    assert stats.rate is None
    assert stats.line().endswith("failed 1")


def test_without_a_terminal_lines_are_printed_at_intervals(seconds: list[float]) -> None:
    page = StringIO()
    with progress_display(Console(file=page, width=60)) as on_progress:
        for _ in range(3):
            seconds.append(seconds[-1] + progress.PLAIN_INTERVAL_S / 2)
            on_progress(CrawlStats())
    assert page.getvalue().splitlines() == ["queued 0, fetched 0, parsed 0, blocked 0, failed 0"]


def test_on_a_terminal_the_line_is_updated_and_removed_at_the_end() -> None:
    page = StringIO()
    with progress_display(Console(file=page, width=100, force_terminal=True)) as on_progress:
        stats = CrawlStats()
        stats.count(visit("failed", "status 404 [gone]"))
        on_progress(stats)
    assert "status 404 [gone]" in page.getvalue()
    assert page.getvalue().endswith("\x1b[2K")


def test_a_report_lists_refusals_and_the_pages_left() -> None:
    stats = CrawlStats(published=1)
    stats.count(visit("parsed"))
    stats.count(visit("failed", "status 404"))
    report = outcome(stats, "mixesdb:mix:A: failed, status 404", left=3)
    page = StringIO()
    print_report(report, Console(file=page, width=100))
    assert page.getvalue().splitlines() == [
        "1 parsed, 1 failed; new in bronze: 1",
        "  mixesdb:mix:A: failed, status 404",
        "3 pages wait, the next at 2026-11-23 12:00:00 UTC; run the same command to continue",
    ]
    assert as_dict(report) | {"until": None} == {
        "source": "mixesdb",
        "question": "dj=Ada",
        "continued": False,
        "published": 1,
        "visits": {"parsed": 1, "failed": 1},
        "ended": "later",
        "until": None,
        "left": 3,
        "refusals": ["mixesdb:mix:A: failed, status 404"],
    }


def test_only_failures_are_an_error_and_nothing_to_do_is_not() -> None:
    failed = CrawlStats()
    failed.count(visit("failed", "status 404"))
    assert not outcome(failed).useful
    assert outcome(CrawlStats()).useful
