"""Providers of music data that the enrichment uses: limits used, and operations that are closed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from songnodes.settings import Settings

HERE = Path(__file__).parent
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecks:
    """Tracks, or artists, whose misses are looked up again; `due` of them by now."""

    kind: str
    scheduled: int
    due: int
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBudget:
    """A provider that is on. `used` are its limits and `closed` its closed operations, as sentences."""

    name: str
    used: tuple[str, ...]
    closed: tuple[str, ...]


def providers(settings: Settings) -> list[ProviderBudget]:
    """Return the providers that are on; none where no worker is configured. Raises RedisUnreachable."""
    if not settings.enrichment_workers:
        return []
    # Half a second of imports that only `songnodes status` needs.
    from enrichment.provider_status import read_shared_state, status_of
    from enrichment.providers import ALL

    enabled = [provider for provider in ALL.values() if provider.configured(settings) is None]
    shared = asyncio.run(read_shared_state(settings, enabled))
    budgets = []
    for status in (status_of(provider, settings, shared) for provider in enabled):
        used = tuple(
            f"{f'{limit.operation}: ' if limit.operation else ''}{limit.used} of {limit.starts} in "
            f"{_span(limit.seconds)}"
            for limit in status.budgets
        )
        closed = [f"refused: {status.refused}"] if status.refused else []
        for breaker in status.breakers:
            why = f" ({breaker.why})" if breaker.why else ""
            closed.append(f"{breaker.operation or 'all'} until {breaker.until}: {breaker.cause}{why}")
        budgets.append(ProviderBudget(name=status.name, used=used, closed=tuple(closed)))
    return budgets


def rechecks(database_url: str) -> list[Rechecks]:
    """Return the schedule of rechecks by kind; empty before the first migration. Raises psycopg.Error."""
    with psycopg.connect(
        database_url, connect_timeout=3, autocommit=True, application_name="songnodes-status"
    ) as connection:
        try:
            rows = connection.execute((HERE / "rechecks.sql").read_bytes()).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
    names = ("kind", "scheduled", "due", "next_at")
    return [Rechecks(**dict(zip(names, row, strict=True))) for row in rows]


def _span(seconds: float) -> str:
    return f"{seconds / HOUR_S:g} h" if seconds >= HOUR_S else f"{seconds:g} s"
