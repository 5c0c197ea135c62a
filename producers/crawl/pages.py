"""A page of the frontier: as it is found, as it is taken to be fetched, as it is given back."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from producers.sources import Found, Link
from songnodes.domain.dates import is_set_day, read_date

State = Literal["queued", "leased", "fetched", "parsed", "blocked", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the last visits told of a page.

    `sha256` is of the last body, `content_hash` of what was read in it; `unchanged` counts the visits since
    that were for nothing.
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
    def known(self) -> dict[str, Any]:
        """By name; it stays known when a visit tells nothing."""
        return {field.name: getattr(self, field.name) for field in fields(Known)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased(Known):
    """A page that this session is to fetch, with what is known of it.

    `attempts` counts those in a row that gave no page. `crawl` is the question that wants it, None for the
    schedule's own.
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
        """As the sources know it."""
        return Found(source=self.source, kind=self.kind, native_id=self.native_id, url=self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Known):
    """What becomes of a leased page. `done`: the crawl that wanted it waits for it no longer."""

    state: State
    next_at: datetime
    done: bool
    attempts: int = 0
    why: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One question being worked on. `since`: sets before this day are not taken."""

    id: int
    source: str
    question: str
    since: date | None
    limit: int | None
    continued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a crawl still waits for: pages, those at work in some process, and when the soonest is due."""

    pages: int
    leased: int
    soonest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Pages of a source in one state; `due` are those to be asked for by now."""

    source: str
    state: State
    pages: int
    due: int


def set_date(link: Link, observed_on: date) -> date | None:
    """Return the day of a set as a list observed on a day has it; None for a month, a year and zero dates."""
    parsed = read_date(link.date_text)
    if parsed is None or parsed[1] != "day" or not is_set_day(parsed[0], observed_on):
        return None
    return parsed[0]
