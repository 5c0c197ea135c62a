"""States of accounts: shared through Redis, and in this process alone while Redis is away.

Alone, a process uses the limits divided by the number of processes seen last. The starts of the last moments
before the change in either direction are unknown, so the first start after it is a whole window later. Of a
budget, a window longer than a minute, the log is known up to these moments; a process that has never read it
grants none. Starts and breakers of the outage are merged into the shared state when Redis responds again.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from msgspec import structs

from enrichment.gateway import account
from enrichment.gateway.account import ACCOUNT_FORM, AccountState, Limits
from enrichment.gateway.limits import share_of
from songnodes import logs, metrics
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.store import ReplacingStore, Stored

RETRY_INTERVAL_S = 5.0  # between two attempts to reach Redis again
#: A state as this process read or wrote it last is used for so long: a write of it is refused where another
#: process has changed it since.
KNOWN_S = 5.0

Result = TypeVar("Result")


class Reading(NamedTuple):
    """Circumstances of reading a state: the shared time, and the loop's before and after the request for it.

    Limits are divided by `processes`: 1 unless this process `is_alone`.
    """

    now: float
    requested: float
    received: float
    processes: int = 1
    is_alone: bool = False


Rule = Callable[[AccountState, Reading], tuple[AccountState | None, Result]]
Change = Callable[[AccountState, float], AccountState | None]
"""Returns the state after a change at a time; None if it stays as it is."""

log = logs.get(__name__)


def _never(_result: object) -> bool:
    return False


@dataclass(slots=True)
class _Outage:
    """Outage of Redis for an account: starts with their limits, and the state of this process."""

    starts: list[tuple[Limits, float]] = field(default_factory=list)
    state: AccountState = field(default_factory=AccountState)


class AccountStore:
    """Applies rules to the states of accounts. `processes` returns how many processes were seen last."""

    def __init__(self, shared: ReplacingStore[AccountState], processes: Callable[[], int]) -> None:
        self._shared = shared
        self._processes = processes
        self._outages: dict[str, _Outage] = {}
        #: States as this process read or wrote them last.
        self._last: dict[str, AccountState] = {}
        self._known: dict[str, tuple[Stored[AccountState], Reading]] = {}
        #: Changes that the next one to be stored takes along.
        self._deferred: dict[str, list[Change]] = {}
        #: Of Redis's time from the loop's; of this machine's until Redis responds.
        self._offset = time.time() - asyncio.get_running_loop().time()
        self._retry_at = 0.0
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def is_alone(self) -> bool:
        """Return True while Redis is away."""
        return bool(self._retry_at)

    async def update(
        self, name: str, rule: Rule[Result], *, suffices: Callable[[Result], bool] = _never
    ) -> tuple[Result, Reading]:
        """Apply a rule to the state of an account; return its result, and how the state was read.

        A result for which `suffices` is true needs no newer state than the one that this process knows.
        """
        loop = asyncio.get_running_loop()
        async with self._locks.setdefault(name, asyncio.Lock()):  # tasks of one process never collide
            if loop.time() >= self._retry_at:
                try:
                    result = await self._update_shared(name, rule, suffices)
                except RedisUnreachable as error:
                    self._set_alone(loop.time(), str(error))
                else:
                    self._set_together()
                    return result
            return self._update_local(name, rule)

    async def merge_outages(self) -> None:
        """Store what this process did while Redis was away, of accounts without a call since, too.

        The same for deferred changes. Raises RedisUnreachable.
        """
        for name in {*self._outages, *self._deferred}:
            async with self._locks.setdefault(name, asyncio.Lock()):
                if name in self._outages or self._deferred.get(name):
                    await self._update_shared(name, lambda state, _reading: (state, None), _never)
        self._set_together()

    async def run(self) -> None:
        """Store outages and deferred changes until cancelled, and once more then if Redis responds."""
        try:
            while True:
                await asyncio.sleep(RETRY_INTERVAL_S)
                with suppress(RedisUnreachable):
                    await self.merge_outages()
        finally:
            with suppress(RedisUnreachable):
                await self.merge_outages()

    def note_start(self, name: str, limits: Limits, start: float) -> None:
        """Remember a start that only this process knows; without effect while Redis is there."""
        if name in self._outages:
            self._outages[name].starts.append((limits, start))

    def known(self, name: str) -> AccountState | None:
        """Return the state of an account as this process knows it; None for an older one."""
        remembered = self._known_state(name)
        return None if remembered is None else remembered[0].state

    def defer(self, name: str, change: Change) -> None:
        """Make a change that need not be stored at once; a process that is killed may lose it."""
        self._deferred.setdefault(name, []).append(change)

    async def _update_shared(
        self, name: str, rule: Rule[Result], suffices: Callable[[Result], bool]
    ) -> tuple[Result, Reading]:
        remembered, last = self._known_state(name), self._last.get(name)
        stored, reading = remembered or await self._read(name)
        is_read = remembered is None
        while True:
            state = self._complete(name, stored, last, reading.now)
            changed, changes = self._with_deferred(name, state, reading.now)
            new, result = rule(changed, reading)
            self._last[name] = newest = new or changed  # it may be stored also if the response is lost
            if new is None and state is stored.state:
                if is_read or suffices(result):
                    return result, reading
                stored, reading = await self._read(name)
            else:
                try:
                    is_stored, stored, reading = await self._replace(name, stored, newest)
                except RedisUnreachable:
                    self._end_deferred(name, changes)  # they are in the last state
                    raise
                if is_stored:
                    self._outages.pop(name, None)
                    self._end_deferred(name, changes)
                    return result, reading
            is_read = True

    def _with_deferred(self, name: str, state: AccountState, now: float) -> tuple[AccountState, int]:
        """Return a state after the changes that are deferred, and their number."""
        changes = self._deferred.get(name, ())
        for change in changes:
            state = change(state, now) or state
        return state, len(changes)

    def _end_deferred(self, name: str, number: int) -> None:
        if number:  # others may have come meanwhile
            self._deferred[name] = self._deferred[name][number:]

    def _known_state(self, name: str) -> tuple[Stored[AccountState], Reading] | None:
        """Return a state as this process knows it, and the latest time that Redis may have now."""
        loop_time = asyncio.get_running_loop().time()
        if name not in self._known or name in self._outages:
            return None
        stored, last = self._known[name]
        age = loop_time - last.requested
        return (stored, Reading(last.now + age, loop_time, loop_time)) if age < KNOWN_S else None

    async def _read(self, name: str) -> tuple[Stored[AccountState], Reading]:
        requested = asyncio.get_running_loop().time()
        stored = await self._shared.get(name)
        return stored, self._note_known(name, stored, requested)

    async def _replace(
        self, name: str, expected: Stored[AccountState], new: AccountState
    ) -> tuple[bool, Stored[AccountState], Reading]:
        self._known.pop(name, None)  # unknown if the response is lost
        requested = asyncio.get_running_loop().time()
        is_stored, stored = await self._shared.replace(name, expected, new)
        return is_stored, stored, self._note_known(name, stored, requested)

    def _note_known(self, name: str, stored: Stored[AccountState], requested: float) -> Reading:
        received = asyncio.get_running_loop().time()
        self._offset = stored.now - received
        reading = Reading(stored.now, requested, received)
        self._known[name] = stored, reading
        return reading

    def _complete(
        self, name: str, stored: Stored[AccountState], last: AccountState | None, now: float
    ) -> AccountState:
        """Return a stored state with what only this process knows: before Redis lost it, and of an outage.

        A server that was started again may lack the newest starts, which are known to their processes only.
        """
        state, run, is_blank = stored.state, stored.run, stored.state == ACCOUNT_FORM.empty
        if last is not None and is_blank:
            state = account.hold(last, now)
        elif last is not None and last.run != run:
            state = account.merge(state, last)
        if state.run != run:
            is_new = is_blank and last is None
            state = structs.replace(state if is_new else account.hold(state, now), run=run)
        outage = self._outages.get(name)
        if outage is not None:
            state = account.merge_breakers(account.add_starts(state, outage.starts), outage.state)
            state = account.hold(state, now)
        return state

    def _update_local(self, name: str, rule: Rule[Result]) -> tuple[Result, Reading]:
        received = asyncio.get_running_loop().time()
        now = received + self._offset
        outage = self._outages.get(name)
        if outage is None:
            last = self._last.get(name)
            outage = _Outage(state=account.hold(last or AccountState(), now, budgets=last is None))
            self._outages[name] = outage
        processes = max(self._processes(), 1)
        reading = Reading(now, received, received, processes, is_alone=True)
        changed, changes = self._with_deferred(name, outage.state, now)
        new, result = rule(changed, reading)
        outage.state = new or changed
        self._end_deferred(name, changes)
        return result, reading

    def _set_alone(self, now: float, reason: str) -> None:
        if not self._retry_at:
            log.warning("gateway_without_redis", processes=self._processes(), error=reason)
        self._retry_at = now + RETRY_INTERVAL_S
        metrics.GATEWAY_ALONE.set(1)

    def _set_together(self) -> None:
        if self._retry_at:
            log.info("gateway_with_redis_again")
        self._retry_at = 0.0
        metrics.GATEWAY_ALONE.set(0)


def limits_alone(limits: Limits, processes: int) -> Limits:
    """Return the limits of one of so many processes that know nothing of each other."""
    if processes <= 1:
        return limits
    return replace(
        limits,
        windows=share_of(limits.windows, processes),
        all_windows=share_of(limits.all_windows, processes),
    )
