"""Pages of the frontier: stored state, lease, and the outcome of a visit."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from producers.sources import Found
from songnodes.domain.dates import read_set_date

State = Literal["queued", "leased", "fetched", "parsed", "blocked", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """State of a page after its last visits.

    `sha256` is the hash of the last body, `content_hash` that of its parsed content; `unchanged` counts the
    visits since then that found no change.
    """

    set_date: date | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    content_hash: str | None = None
    revision: int | None = None
    unidentified: int | None = None
    unchanged: int = 0

    @property
    def state_columns(self) -> dict[str, Any]:
        """Return the state by column name, for outcomes that leave it unchanged."""
        return {field.name: getattr(self, field.name) for field in fields(PageState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedPage(PageState):
    """A page leased to this session.

    `attempts` counts consecutive visits without a page. `crawl` is the crawl that requested it, None for
    pages of the schedule.
    """

    page_id: str
    source: str
    kind: str
    native_id: str
    url: str | None
    attempts: int
    crawl: int | None
    watched: bool
    lease: UUID
    found_at: datetime
    listed_revision: int | None = None

    @property
    def found(self) -> Found:
        """Return the reference that `sources` uses."""
        return Found(source=self.source, kind=self.kind, native_id=self.native_id, url=self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome(PageState):
    """New state of a leased page. `done`: its crawl no longer waits for it."""

    state: State
    next_at: datetime
    done: bool
    attempts: int = 0
    why: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One query in progress. Sets before `since` are skipped."""

    id: int
    source: str
    question: str
    since: date | None
    limit: int | None
    continued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """Pages that a crawl waits for, how many of them are leased, and when the first is due."""

    pages: int
    leased: int
    soonest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """Pages of a source in one state; `due` counts those that may be fetched now."""

    source: str
    state: State
    pages: int
    due: int


def set_day(date_text: str | None, observed_on: date) -> date | None:
    """Return the day of a set as a page observed on `observed_on` gives it; None for a month, a year and zero
    dates.
    """
    parsed = read_set_date(date_text, observed_on)
    return parsed.day if parsed.precision == "day" else None
