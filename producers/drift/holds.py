"""The holds that a page gets on its way to Kafka."""

import time
from collections.abc import Callable
from typing import Protocol

import psycopg
import stamina
from psycopg.errors import UndefinedTable

from producers.drift.observing import subject
from producers.drift.store import Store
from producers.refusals import LedgerDown
from songnodes.domain.drift import Subject
from songnodes.domain.records import Page
from songnodes.errors import Fatal
from songnodes.messaging.holds import Hold
from songnodes.settings import Settings

CONNECT_TIMEOUT = 5  # seconds
PATIENCE = 30.0  # seconds that PostgreSQL may be away
ASKED_EVERY = 1.0  # seconds that an answer is good for

Headers = list[tuple[str, bytes]]


class DriftMissing(Fatal):
    """The tables of the drift watch do not exist"""

    remedy = "Run `songnodes migrate`"


class Holds(Protocol):
    """What holds a page."""

    def headers(self, page: Page) -> Headers:
        """The headers to publish the page with; none when nothing holds it."""


class OpenAlarms:
    """Open alarms by subject, from PostgreSQL, as of at most a second ago."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = settings.require("database_url").database_url
        self._clock = clock
        self._known: dict[Subject, tuple[float, Headers]] = {}

    def headers(self, page: Page) -> Headers:
        """Raises LedgerDown, DriftMissing."""
        about = subject(page)
        if about is None:
            return []
        asked, known = self._known.get(about, (float("-inf"), []))
        now = self._clock()
        if now - asked >= ASKED_EVERY:
            alarms = self._asked(about)
            known = Hold(alarms=alarms, parser_version=about.parser_version).headers() if alarms else []
            self._known[about] = (now, known)
        return known

    def _asked(self, about: Subject) -> tuple[str, ...]:
        try:
            return stamina.retry(on=psycopg.OperationalError, attempts=None, timeout=PATIENCE, wait_max=2.0)(
                self._once
            )(about)
        except UndefinedTable as error:
            raise DriftMissing from error
        except psycopg.OperationalError as error:
            raise LedgerDown(str(error).strip().splitlines()[0]) from error

    def _once(self, about: Subject) -> tuple[str, ...]:
        """Over a connection of its own: one per second and subject, and nobody has to close this."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT) as connection:
            return Store(connection).holding(about)
