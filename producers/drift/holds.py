"""Holds on pages, looked up before they are published."""

import time
from collections.abc import Callable
from typing import Protocol

import psycopg

from producers.drift.observing import subject
from producers.drift.store import Store
from producers.postgres_retry import CONNECT_TIMEOUT_S, retry_outages, translate_errors
from songnodes.domain.drift import Subject
from songnodes.domain.records import Page
from songnodes.messaging.holds import Hold
from songnodes.settings import Settings

CACHE_TTL_S = 1.0

Headers = list[tuple[str, bytes]]


class Holds(Protocol):
    """Source of the holds of a page."""

    def headers(self, page: Page) -> Headers:
        """Return the headers to publish the page with; empty without a hold."""


class OpenAlarms:
    """Open alarms by subject, from PostgreSQL, as of at most a second ago."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = settings.require("database_url").database_url
        self._clock = clock
        self._cache: dict[Subject, tuple[float, Headers]] = {}

    def headers(self, page: Page) -> Headers:
        """Return the headers of the open alarms. Raises PostgresUnreachable, TablesMissing."""
        about = subject(page)
        if about is None:
            return []
        read_at, headers = self._cache.get(about, (float("-inf"), []))
        now = self._clock()
        if now - read_at >= CACHE_TTL_S:
            alarms = self._open_alarms(about)
            headers = Hold(alarms=alarms, parser_version=about.parser_version).headers() if alarms else []
            self._cache[about] = (now, headers)
        return headers

    def _open_alarms(self, about: Subject) -> tuple[str, ...]:
        with translate_errors():
            return retry_outages(self._once)(about)

    def _once(self, about: Subject) -> tuple[str, ...]:
        """Query over a new connection, at most one per second and subject, so that none is left open."""
        with psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="songnodes-holds",
        ) as connection:
            return Store(connection).holding(about)
