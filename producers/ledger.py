"""What was published before: one row per acknowledged fetch in PostgreSQL (`producer_pages`).

Written after the ack. A crash between the two lets a fetch be published twice, which is harmless: a page's
event id is made of its content, bronze keeps each body and each fetch once, and silver moves nothing for a
record equal to the one it holds. Two producers at once can do the same to each other, and no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg
import stamina
from psycopg.errors import UndefinedTable

from producers.refusals import LedgerDown
from songnodes import sql
from songnodes.domain.records import Page
from songnodes.errors import Fatal
from songnodes.settings import Settings

CONNECT_TIMEOUT = 5  # seconds
PATIENCE = 30.0  # seconds that PostgreSQL may be away in the middle of a run
Result = TypeVar("Result")


class LedgerMissing(Fatal):
    """The table producer_pages does not exist"""

    remedy = "Run `songnodes migrate`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One body of a page at one time."""

    page_id: str
    sha256: str
    fetched_at: datetime

    @classmethod
    def of(cls, page: Page) -> "Fetch":
        """The fetch that a page record stands for."""
        return cls(page_id=page["page_id"], sha256=page["sha256"], fetched_at=page["fetched_at"])


def is_new(fetch: Fetch, explicit: bool, known: Sequence[Fetch]) -> bool:
    """Whether a fetch is to be published, given the known ones of its page.

    A fetch whose time someone gave is an event of its own: an equal body seen again later says that the page
    still (or again) stood so, which decides when versions arrive out of order. A file's own time says
    nothing, since copying changes it: there the body alone counts.
    """
    if explicit:
        return fetch not in known
    return all(fetch.sha256 != other.sha256 for other in known)


class Ledger:
    """The table, by one connection that is opened again when it breaks."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.require("database_url").database_url
        self._connection: psycopg.Connection | None = None

    def known(self, page_id: str) -> list[Fetch]:
        """The acknowledged fetches of a page. Raises LedgerDown, LedgerMissing."""
        rows = self._tried(lambda cursor: cursor.execute(statement("known"), {"page_id": page_id}).fetchall())
        return [Fetch(page_id=page_id, sha256=digest, fetched_at=at) for digest, at in rows]

    def note(self, fetches: Sequence[Fetch]) -> None:
        """Keep acknowledged fetches, all or none. Raises LedgerDown, LedgerMissing."""
        if fetches:
            values = [asdict(fetch) for fetch in fetches]
            self._tried(lambda cursor: cursor.executemany(statement("note"), values))

    def close(self) -> None:
        """Close the connection; a later call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _tried(self, work: Callable[[psycopg.Cursor], Result]) -> Result:
        """Do the work in a transaction of its own, again over a new connection when the old one broke."""
        try:
            return stamina.retry(on=psycopg.OperationalError, attempts=None, timeout=PATIENCE, wait_max=2.0)(
                self._once
            )(work)
        except UndefinedTable as error:
            raise LedgerMissing from error
        except psycopg.OperationalError as error:
            raise LedgerDown(str(error).strip().splitlines()[0]) from error

    def _once(self, work: Callable[[psycopg.Cursor], Result]) -> Result:
        if self._connection is None or self._connection.broken:
            self.close()
            self._connection = psycopg.connect(self._url, connect_timeout=CONNECT_TIMEOUT)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            return work(cursor)


def statement(name: str) -> Any:
    """A statement of `sql/ledger.sql`: known, newest, note. Parameters by the names of Fetch's fields."""
    return sql.query("producers", "ledger", name)
