"""Fetches published before: one row per acknowledged fetch in PostgreSQL (`producer_pages`).

Written after the ack. A crash between the two publishes a fetch twice, which is harmless: a page's event id
is derived from its content, bronze keeps each body and each fetch once, and silver ignores a record equal
to the stored one. Two producers at once have the same effect, and no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from producers.postgres_retry import CONNECT_TIMEOUT_S, retry_outages, translate_errors
from songnodes import sql
from songnodes.domain.records import Page
from songnodes.settings import Settings

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One body of a page at one time."""

    page_id: str
    sha256: str
    fetched_at: datetime

    @classmethod
    def of(cls, page: Page) -> "Fetch":
        """Return the fetch of a page record."""
        return cls(page_id=page["page_id"], sha256=page["sha256"], fetched_at=page["fetched_at"])


def is_new(fetch: Fetch, explicit: bool, earlier: Sequence[Fetch]) -> bool:
    """Return True if a fetch is to be published, given the earlier ones of its page.

    A fetch with an explicit time is an event of its own: an equal body fetched later shows that the page was
    still (or again) the same, which decides between versions that arrive out of order. A file's own time is
    ignored, since copying changes it: the body alone counts.
    """
    if explicit:
        return fetch not in earlier
    return all(fetch.sha256 != entry.sha256 for entry in earlier)


class Ledger:
    """The table, over one connection that is reopened when it breaks."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.require("database_url").database_url
        self._connection: psycopg.Connection | None = None

    def known(self, page_id: str) -> list[Fetch]:
        """Return the acknowledged fetches of a page. Raises PostgresUnreachable, TablesMissing."""
        rows = self._retry(lambda cursor: cursor.execute(statement("known"), {"page_id": page_id}).fetchall())
        return [Fetch(page_id=page_id, sha256=digest, fetched_at=at) for digest, at in rows]

    def note(self, fetches: Sequence[Fetch]) -> None:
        """Store acknowledged fetches, all or none. Raises PostgresUnreachable, TablesMissing."""
        if fetches:
            values = [asdict(fetch) for fetch in fetches]
            self._retry(lambda cursor: cursor.executemany(statement("note"), values))

    def close(self) -> None:
        """Close the connection; a later call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _retry(self, work: Callable[[psycopg.Cursor], Result]) -> Result:
        """Run the work in its own transaction; retry over a new connection when the old one broke."""
        with translate_errors():
            return retry_outages(self._once)(work)

    def _once(self, work: Callable[[psycopg.Cursor], Result]) -> Result:
        if self._connection is None or self._connection.broken:
            self.close()
            self._connection = psycopg.connect(
                self._url, connect_timeout=CONNECT_TIMEOUT_S, application_name="songnodes-ledger"
            )
        with self._connection.transaction(), self._connection.cursor() as cursor:
            return work(cursor)


def statement(name: str) -> Any:
    """Return a statement of `sql/ledger.sql`: known, newest, note. Parameters are Fetch's fields."""
    return sql.query("producers", "ledger", name)
