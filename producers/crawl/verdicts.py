"""What becomes of a page after a visit. Pure: one function per way a visit can end."""

from datetime import datetime
from typing import Any

from producers.crawl import schedule
from producers.crawl.pages import Leased, Verdict
from producers.crawl.reading import Reading
from producers.crawl.schedule import Seen
from producers.fetch import FetchResponse
from producers.sources import has_links
from songnodes.domain.records import Page

#: The site says that the page is not there (any more).
ABSENT = frozenset({404, 410})
#: Not now: the gate holds the host, the page is tried again.
LATER = frozenset({408, 425, 429})
#: Not for us: the gate holds the host for hours.
REFUSED = frozenset({401, 403, 451})
UNCHANGED = 304
OK = 200
BROKEN = 500  # and above


def of_page(leased: Leased, answer: FetchResponse, page: Page, reading: Reading) -> Verdict:
    """A page came and is archived, whether it can be read or not."""
    now = answer.fetched_at
    if reading.blocked:
        return of_block(leased, reading.blocked, now)
    if page["page_id"] != leased.page_id and not has_links(leased.source, leased.kind):
        return _given_up(leased, f"answers as {page['page_id']}", now + schedule.GONE)
    same = page["sha256"] == leased.sha256 or (
        reading.content_hash is not None and reading.content_hash == leased.content_hash
    )
    facts: dict[str, Any] = {
        "unchanged": leased.unchanged + 1 if same else 0,
        "unidentified": reading.unidentified,
        "set_date": reading.set_date or leased.set_date,
    }
    return Verdict(
        state="fetched" if reading.problem else "parsed",
        why=reading.problem,
        done=True,
        next_at=_next(leased, now, announced=reading.revision is not None, **facts),
        fetched_at=now,
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        sha256=page["sha256"],
        content_hash=reading.content_hash,
        revision=reading.revision,
        **facts,
    )


def of_unchanged(leased: Leased, answer: FetchResponse) -> Verdict:
    """The site says that the page is as it was (304)."""
    facts: dict[str, Any] = {
        "unchanged": leased.unchanged + 1,
        "unidentified": leased.unidentified,
        "set_date": leased.set_date,
    }
    next_at = _next(leased, answer.fetched_at, announced=leased.revision is not None, **facts)
    kept = {
        "state": "parsed" if leased.content_hash else "fetched",
        "fetched_at": answer.fetched_at,
        "etag": answer.headers.get("etag", leased.etag),
        "last_modified": answer.headers.get("last-modified", leased.last_modified),
    }
    return Verdict(**{**leased.known, **kept, **facts}, next_at=next_at, done=True)


def of_block(leased: Leased, why: str, now: datetime) -> Verdict:
    """Something came in place of the page: a block page, a limit page, a decoy, a 403."""
    attempts = leased.attempts + 1
    return Verdict(
        state="blocked",
        why=why,
        done=True,
        attempts=attempts,
        next_at=schedule.after_block(attempts, now),
        **leased.known,
    )


def of_status(leased: Leased, status: int, now: datetime) -> Verdict:
    """An answer that is no page, by its status."""
    why = f"status {status}"
    if status in REFUSED:
        return of_block(leased, why, now)
    if status in LATER or status >= BROKEN:
        return of_failure(leased, why, now)
    return _given_up(leased, why, now + (schedule.GONE if status in ABSENT else schedule.GIVEN_UP))


def of_failure(leased: Leased, why: str, now: datetime) -> Verdict:
    """No answer, or none that is of use: tried again soon, then later, then given up for a month."""
    attempts = leased.attempts + 1
    next_at = schedule.retry(attempts, leased.page_id, now)
    if next_at is None:
        return _given_up(leased, why, now + schedule.GIVEN_UP)
    return Verdict(state="queued", why=why, done=False, attempts=attempts, next_at=next_at, **leased.known)


def of_refusal(leased: Leased, why: str, now: datetime, *, forbidden: bool = False) -> Verdict:
    """It cannot be fetched as it is asked for, or (`forbidden`) robots.txt says no."""
    return _given_up(leased, why, now + (schedule.FORBIDDEN if forbidden else schedule.GIVEN_UP))


def _given_up(leased: Leased, why: str, next_at: datetime) -> Verdict:
    return Verdict(
        state="failed", why=why, done=True, attempts=leased.attempts + 1, next_at=next_at, **leased.known
    )


def _next(leased: Leased, now: datetime, *, announced: bool, **facts: Any) -> datetime:
    lists = has_links(leased.source, leased.kind)
    if lists and not leased.watched:  # the second part of a list is reached by its first
        return now + schedule.LONGEST
    seen = Seen(page_id=leased.page_id, found_at=leased.found_at, lists=lists, announced=announced, **facts)
    return schedule.next_visit(seen, now)
