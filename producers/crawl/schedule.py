"""Schedule of visits, as pure functions: the same facts yield the same time in all processes.

New sets daily for 14 days, weekly to 90, quarterly after; sooner while rows are unidentified, later while
nothing changes; failures back off, and after MAX_ATTEMPTS the page waits for a month.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32

DAY = timedelta(days=1)
#: Ages of a set up to which it is visited daily and weekly. IDs are added in the first days, corrections for
#: weeks.
NEW_SET_AGE, YOUNG_SET_AGE = 14 * DAY, 90 * DAY
DAILY, WEEKLY, QUARTERLY = DAY, 7 * DAY, 91 * DAY
#: Each unchanged response doubles the interval, at most this many times.
MAX_DOUBLINGS = 3
MAX_INTERVAL = 365 * DAY
#: Factor of the interval while rows are unidentified.
UNIDENTIFIED_FACTOR = 0.5
#: Interval of a requested list: its first page shows whether there is more.
LIST_INTERVAL = WEEKLY
#: Up to this share is added per page, so that pages found together are not always fetched together.
JITTER = 0.1
#: Failed pages are retried after 5 s, 30 s, 3 and 18 minutes, then after FAILED_INTERVAL.
FIRST_RETRY, RETRY_FACTOR, MAX_ATTEMPTS = timedelta(seconds=5), 6.0, 5
FAILED_INTERVAL = 30 * DAY
#: A page forbidden by robots.txt; robots.txt itself is fetched again after a day.
FORBIDDEN_INTERVAL = 2 * DAY
#: A page that the site reports as missing.
REMOVED_INTERVAL = QUARTERLY
#: First interval of a blocked page. The gate starts a cooldown of the host; this applies to the page.
FIRST_BLOCK_INTERVAL = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Facts about a page after a response.

    `unchanged` counts consecutive responses without a change; `unidentified` is None where there are no rows
    to count. `announced`: the site lists changes of the page (recent changes with revision ids), so visits
    only catch missed ones.
    """

    page_id: str
    found_at: datetime
    set_date: date | None = None
    unidentified: int | None = None
    unchanged: int = 0
    is_list: bool = False
    announced: bool = False


def next_visit(facts: PageFacts, now: datetime) -> datetime:
    """Return the next visit of a page fetched at `now`: later than `now`, within 1.1 years."""
    wait = _interval(facts, now) * 2.0 ** min(facts.unchanged, MAX_DOUBLINGS)
    if facts.unidentified:
        wait *= UNIDENTIFIED_FACTOR
    return now + min(wait, MAX_INTERVAL) * (1.0 + JITTER * _page_fraction(facts.page_id))


def next_retry(attempts: int, page_id: str, now: datetime) -> datetime | None:
    """Return the next retry after `attempts` consecutive failures (1 or more); None after MAX_ATTEMPTS."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + FIRST_RETRY * RETRY_FACTOR ** (attempts - 1) * (1 + _page_fraction(page_id))


def next_block_retry(attempts: int, now: datetime) -> datetime:
    """Return the next visit of a page that was blocked `attempts` times in a row (1 or more)."""
    return now + min(FIRST_BLOCK_INTERVAL * 2.0 ** min(attempts - 1, 10), FAILED_INTERVAL)


def _interval(facts: PageFacts, now: datetime) -> timedelta:
    if facts.is_list:
        return LIST_INTERVAL
    if facts.announced:
        return QUARTERLY
    first_day = facts.set_date or facts.found_at.date()
    age = now.date() - first_day
    if age <= NEW_SET_AGE:  # future sets included: their rows follow soon
        return DAILY
    return WEEKLY if age <= YOUNG_SET_AGE else QUARTERLY


def _page_fraction(page_id: str) -> float:
    """Return a number from 0 to 1 that depends only on the page id."""
    return crc32(page_id.encode()) / 2**32
