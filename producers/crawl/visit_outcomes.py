"""New state of a page after a visit: one pure function per kind of ending."""

from datetime import datetime
from typing import Any

from producers.crawl import schedule
from producers.crawl.page_summary import PageSummary
from producers.crawl.pages import LeasedPage, VisitOutcome
from producers.crawl.schedule import PageFacts
from producers.fetch import FetchResponse
from producers.sources import ABSENT, has_links
from songnodes.domain.records import Page

#: Retry later: the gate starts a cooldown of the host.
RETRY_STATUSES = frozenset({408, 425, 429})
#: Access refused: the gate starts a cooldown of hours.
REFUSED_STATUSES = frozenset({401, 403, 451})
NOT_MODIFIED = 304
OK = 200
SERVER_ERROR = 500  # and above


def for_page(leased: LeasedPage, response: FetchResponse, page: Page, summary: PageSummary) -> VisitOutcome:
    """Return the outcome of an archived page, whether it was parsed or not."""
    now = response.fetched_at
    if summary.blocked:
        return for_block(leased, summary.blocked, now)
    if page["page_id"] != leased.page_id and not has_links(leased.source, leased.kind):
        return _failed(leased, f"answers as {page['page_id']}", now + schedule.REMOVED_INTERVAL)
    same = page["sha256"] == leased.sha256 or (
        summary.content_hash is not None and summary.content_hash == leased.content_hash
    )
    facts: dict[str, Any] = {
        "unchanged": leased.unchanged + 1 if same else 0,
        "unidentified": summary.unidentified,
        "set_date": summary.set_date or leased.set_date,
    }
    return VisitOutcome(
        state="fetched" if summary.problem else "parsed",
        why=summary.problem,
        done=True,
        next_at=_next(leased, now, announced=summary.revision is not None, **facts),
        fetched_at=now,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        sha256=page["sha256"],
        content_hash=summary.content_hash,
        revision=summary.revision,
        **facts,
    )


def for_unchanged(leased: LeasedPage, response: FetchResponse) -> VisitOutcome:
    """Return the outcome of a 304."""
    facts: dict[str, Any] = {
        "unchanged": leased.unchanged + 1,
        "unidentified": leased.unidentified,
        "set_date": leased.set_date,
    }
    next_at = _next(leased, response.fetched_at, announced=leased.revision is not None, **facts)
    validators = {
        "state": "parsed" if leased.content_hash else "fetched",
        "fetched_at": response.fetched_at,
        "etag": response.headers.get("etag", leased.etag),
        "last_modified": response.headers.get("last-modified", leased.last_modified),
    }
    return VisitOutcome(**{**leased.state_columns, **validators, **facts}, next_at=next_at, done=True)


def for_block(leased: LeasedPage, why: str, now: datetime) -> VisitOutcome:
    """Return the outcome of a block page, a limit page, a decoy or a 403."""
    attempts = leased.attempts + 1
    return VisitOutcome(
        state="blocked",
        why=why,
        done=True,
        attempts=attempts,
        next_at=schedule.next_block_retry(attempts, now),
        **leased.state_columns,
    )


def for_status(leased: LeasedPage, status: int, now: datetime) -> VisitOutcome:
    """Return the outcome of a response that is not a page, by its status."""
    why = f"status {status}"
    if status in REFUSED_STATUSES:
        return for_block(leased, why, now)
    if status in RETRY_STATUSES or status >= SERVER_ERROR:
        return for_failure(leased, why, now)
    return _failed(
        leased,
        why,
        now + (schedule.REMOVED_INTERVAL if status in ABSENT else schedule.FAILED_INTERVAL),
    )


def for_failure(leased: LeasedPage, why: str, now: datetime) -> VisitOutcome:
    """Return the outcome of a failure: retried soon, then later, finally after a month."""
    attempts = leased.attempts + 1
    next_at = schedule.next_retry(attempts, leased.page_id, now)
    if next_at is None:
        return _failed(leased, why, now + schedule.FAILED_INTERVAL)
    return VisitOutcome(
        state="queued", why=why, done=False, attempts=attempts, next_at=next_at, **leased.state_columns
    )


def for_refusal(leased: LeasedPage, why: str, now: datetime, *, forbidden: bool = False) -> VisitOutcome:
    """Return the outcome of a page that cannot be fetched, or that robots.txt forbids (`forbidden`)."""
    return _failed(
        leased, why, now + (schedule.FORBIDDEN_INTERVAL if forbidden else schedule.FAILED_INTERVAL)
    )


def _failed(leased: LeasedPage, why: str, next_at: datetime) -> VisitOutcome:
    return VisitOutcome(
        state="failed",
        why=why,
        done=True,
        attempts=leased.attempts + 1,
        next_at=next_at,
        **leased.state_columns,
    )


def _next(leased: LeasedPage, now: datetime, *, announced: bool, **facts: Any) -> datetime:
    is_list = has_links(leased.source, leased.kind)
    if is_list and not leased.watched:  # the second part of a list is reached from its first
        return now + schedule.MAX_INTERVAL
    page_facts = PageFacts(
        page_id=leased.page_id, found_at=leased.found_at, is_list=is_list, announced=announced, **facts
    )
    return schedule.next_visit(page_facts, now)
