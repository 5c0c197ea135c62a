"""Withdraws archived answers: a tombstone per answer, and the entry of the cache.

A licence that ends, a takedown, the retention of a provider: silver then chooses without the answer, and the
row of PostgreSQL is deleted. Names of tracks and the decision itself stay in logs only.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from enrichment.gateway.archive import KafkaArchive
from enrichment.gateway.terms import Terms
from enrichment.types import Call
from songnodes import logs, sql
from songnodes.domain.enrichments import answer_key, subject_of

BATCH_ROWS = 1000
#: Before the first row in the order of time and id.
FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))

log = logs.get(__name__)


class Rows(Protocol):
    """Source of rows of PostgreSQL."""

    async def fetch(self, statement: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a statement."""
        ...


class Cache(Protocol):
    """Cache whose entries are deleted."""

    async def delete(self, keys: Iterable[str]) -> int:
        """Delete entries by key of the call."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Answers to withdraw: those that meet all conditions, of which at least one is set."""

    provider: str | None = None
    track_id: str | None = None
    artist_id: str | None = None
    attempt_id: UUID | None = None


class Withdrawal:
    """Withdraws answers that PostgreSQL has."""

    def __init__(self, rows: Rows, archive: KafkaArchive, cache: Cache) -> None:
        self._rows = rows
        self._archive = archive
        self._cache = cache

    async def withdraw(self, selection: Selection) -> int:
        """Withdraw the selected answers and return their number. Raises NotAcknowledged."""
        conditions = (selection.provider, selection.track_id, selection.attempt_id, selection.artist_id)
        if not any(conditions):
            return 0
        return await self._all("to_withdraw", *conditions)

    async def enforce_retention(self, terms: Mapping[str, Terms], now: datetime) -> dict[str, int]:
        """Withdraw answers older than the retention of their provider; return how many of each."""
        withdrawn = {}
        for name, own in terms.items():
            if own.retention_s is not None:
                oldest = now - timedelta(seconds=own.retention_s)
                withdrawn[name] = await self._all("older_than", name, oldest)
                if withdrawn[name]:
                    log.info("retention_enforced", provider=name, withdrawn=withdrawn[name])
        return withdrawn

    async def _all(self, statement: str, *arguments: object) -> int:
        """Withdraw the rows of a statement, which the sink deletes at any time from then on."""
        after, withdrawn = FIRST, 0
        text = sql.query("enrichment", "archive", statement)
        while True:
            rows = await self._rows.fetch(text, *after, BATCH_ROWS, *arguments)
            await self._archive.withdraw([_key(row) for row in rows])
            await self._cache.delete([_call(row).key for row in rows])
            withdrawn += len(rows)
            if len(rows) < BATCH_ROWS:
                return withdrawn
            after = (rows[-1]["attempted_at"], rows[-1]["id"])


def _key(row: Mapping[str, Any]) -> str:
    return answer_key(subject_of(row["track_id"], row["artist_id"]), str(row["id"]))


def _call(row: Mapping[str, Any]) -> Call:
    return Call(
        provider=row["provider"], operation=row["operation"], parameters=json.loads(row["parameters"])
    )
