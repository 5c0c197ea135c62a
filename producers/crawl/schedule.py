"""When a page is asked for again. Pure: the same facts give the same time everywhere.

New sets daily for 14 days, weekly to 90, quarterly after; sooner while rows are unidentified, later while
nothing changes; failures back off and are given up in the end, for a while.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32

DAY = timedelta(days=1)
#: Age of a set up to which it is asked for so often. IDs are found in the first days, corrections for weeks.
NEW, YOUNG = 14 * DAY, 90 * DAY
DAILY, WEEKLY, QUARTERLY = DAY, 7 * DAY, 91 * DAY
#: Each answer that says nothing new doubles the wait, so often at most.
DOUBLINGS = 3
LONGEST = 365 * DAY
#: While rows are unidentified the wait is shorter by this factor.
UNIDENTIFIED = 0.5
#: A list that somebody asked for once: its first page tells whether there is more.
LIST = WEEKLY
#: Up to this share is added by page, so that what was found at once is not asked for at once for ever.
SPREAD = 0.1
#: Pages that give nothing: tried again after 5 s, 30 s, 3 and 18 minutes, then given up for a month.
FIRST_RETRY, RETRY_FACTOR, ATTEMPTS = timedelta(seconds=5), 6.0, 5
GIVEN_UP = 30 * DAY
#: Where robots.txt says no, it is read again after a day at the soonest.
FORBIDDEN = 2 * DAY
#: The site said itself that the page is not there.
GONE = QUARTERLY
#: A page that was refused in place of its content; the gate holds the host, this holds the page.
BLOCKED_FIRST = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a page after an answer.

    `unchanged` counts the answers in a row that said nothing new; `unidentified` rows is None where there are
    no rows to count. `announced`: the site tells by itself when the page changes (recent changes with
    revision ids), so that asking is for what was missed only.
    """

    page_id: str
    found_at: datetime
    set_date: date | None = None
    unidentified: int | None = None
    unchanged: int = 0
    lists: bool = False
    announced: bool = False


def next_visit(seen: Seen, now: datetime) -> datetime:
    """When to ask again for a page that was answered at `now`; after `now`, within 1.1 years."""
    wait = _interval(seen, now) * 2.0 ** min(seen.unchanged, DOUBLINGS)
    if seen.unidentified:
        wait *= UNIDENTIFIED
    return now + min(wait, LONGEST) * (1.0 + SPREAD * _share(seen.page_id))


def retry(attempts: int, page_id: str, now: datetime) -> datetime | None:
    """When to try again after so many attempts in a row that gave nothing (at least 1); None to give up."""
    if attempts >= ATTEMPTS:
        return None
    return now + FIRST_RETRY * RETRY_FACTOR ** (attempts - 1) * (1 + _share(page_id))


def after_block(attempts: int, now: datetime) -> datetime:
    """When to try a page again that was refused so many times in a row (at least 1)."""
    return now + min(BLOCKED_FIRST * 2.0 ** min(attempts - 1, 10), GIVEN_UP)


def _interval(seen: Seen, now: datetime) -> timedelta:
    if seen.lists:
        return LIST
    if seen.announced:
        return QUARTERLY
    since = seen.set_date or seen.found_at.date()
    age = now.date() - since
    if age <= NEW:  # sets to come included: what is announced gets its rows soon
        return DAILY
    return WEEKLY if age <= YOUNG else QUARTERLY


def _share(page_id: str) -> float:
    """A number of the page's own from 0 to 1, the same in all processes."""
    return crc32(page_id.encode()) / 2**32
