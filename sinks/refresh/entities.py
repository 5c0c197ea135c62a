"""Entities whose computation fails: found by halving, tried twice, then set aside; the others go on."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import asyncpg

from sinks.database import query
from sinks.refresh.steps import is_isolated
from songnodes import logs, metrics
from songnodes.attempts import LIMIT, describe

PROCESS = "refresh"
#: Ends of the process without an error while it computed one entity, after which this is set aside: it costs
#: the entity's figures until it changes, and no record.
KILL_LIMIT = 4
KILLED = "the process ended while it computed this"

log = logs.get(__name__)


class Entities:
    """Runs work over ids of one kind; keeps what failed in `set_aside`."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._failing = True  # rows of this process may exist
        self._noted: set[tuple[str, str]] = set()  # by `begin`
        self._failed: set[tuple[str, str]] = set()  # in this pass

    async def run(
        self, kind: str, ids: Sequence[str], work: Callable[[Sequence[str]], Awaitable[object]]
    ) -> set[str]:
        """Run the work over all ids, around those that fail; return the ids to be tried once more."""
        failed: dict[str, Exception] = {}
        await self._halve(ids, work, failed)
        again = set()
        for entity, error in failed.items():
            if await self._note(kind, entity, describe(error)) < LIMIT:
                again.add(entity)
        self._failed |= {(kind, entity) for entity in failed}
        self._failing = self._failing or bool(failed)
        return again

    async def end_pass(self, kinds: Mapping[str, Iterable[str]]) -> None:
        """Forget earlier failures of the entities (kind to ids) of which no step of this pass failed.

        Call it only after the last step: the success of one step is no evidence for another.
        """
        if self._failing:
            for kind, ids in kinds.items():
                still = {entity for noted_kind, entity in self._failed | self._noted if noted_kind == kind}
                await self._recovered(kind, set(ids) - still)
        self._failed.clear()

    async def begin(self, kind: str, entity: str) -> bool:
        """Note an attempt before it is made; return False if it ended the process too often."""
        rows = await self._connection.fetch(query("attempts", "failed"), PROCESS, kind, [entity])
        if any(row["attempts"] >= (KILL_LIMIT if row["error"] == KILLED else LIMIT) for row in rows):
            await self._connection.execute(query("attempts", "mark"), PROCESS, kind, entity)
            metrics.SET_ASIDE.labels(kind).inc()
            log.error("entity_set_aside", kind=kind, id=entity, error=KILLED)
            return False
        await self._connection.execute(query("attempts", "set_aside"), PROCESS, kind, [entity], False, KILLED)
        self._failing = True
        self._noted.add((kind, entity))
        return True

    async def end(self, kind: str, entity: str, *, failed: bool) -> None:
        """Remove the note of `begin` where the attempt succeeded."""
        self._noted.discard((kind, entity))
        if not failed:
            await self._recovered(kind, [entity])

    async def _halve(
        self,
        ids: Sequence[str],
        work: Callable[[Sequence[str]], Awaitable[object]],
        failed: dict[str, Exception],
    ) -> None:
        if not ids:
            return
        try:
            await work(ids)
        except Exception as error:
            if not is_isolated(error, self._connection):
                raise
            if len(ids) == 1:
                failed[ids[0]] = error
                return
            middle = len(ids) // 2
            await self._halve(ids[:middle], work, failed)
            await self._halve(ids[middle:], work, failed)

    async def _note(self, kind: str, entity: str, error: str) -> int:
        """Store a failure; return how many there are in a row."""
        rows = await self._connection.fetch(query("attempts", "failed"), PROCESS, kind, [entity])
        attempts = 1 + max((row["attempts"] for row in rows), default=0)
        is_set_aside = attempts >= LIMIT
        await self._connection.execute(
            query("attempts", "set_aside"), PROCESS, kind, [entity], is_set_aside, error
        )
        log.error("entity_failed", kind=kind, id=entity, attempts=attempts, error=error)
        if is_set_aside:
            metrics.SET_ASIDE.labels(kind).inc()
        return attempts

    async def _recovered(self, kind: str, ids: Iterable[str]) -> None:
        chosen = sorted(ids)
        await self._connection.execute(query("attempts", "recovered"), PROCESS, kind, chosen)
        left = await self._connection.fetchval(query("attempts", "any"), PROCESS)
        self._failing = bool(left)
