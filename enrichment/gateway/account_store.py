"""States of accounts: shared through Redis, and in this process alone while Redis is away.

Alone, a process uses the limits divided by the number of processes seen last. Nobody knows the starts of the
last moments before the change in either direction, so the first start after it is a whole window later.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar

from enrichment.gateway import account
from enrichment.gateway.account import ACCOUNT_FORM, AccountState, Limits
from enrichment.gateway.limits import share_of
from songnodes import logs, metrics
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.in_memory_store import InMemoryStateStore
from songnodes.shared_state.store import StateStore, Stored, update

RETRY_INTERVAL_S = 5.0  # between two attempts to reach Redis again

Result = TypeVar("Result")


class Reading(NamedTuple):
    """Circumstances of reading a state: the shared time, and the loop's before and after the request for it.

    Limits are divided by `processes`: 1 unless this process is alone.
    """

    now: float
    requested: float
    received: float
    processes: int


Rule = Callable[[AccountState, Reading], tuple[AccountState | None, Result]]

log = logs.get(__name__)


class AccountStore:
    """Applies rules to the states of accounts. `processes` returns how many processes were seen last."""

    def __init__(self, shared: StateStore[AccountState], processes: Callable[[], int]) -> None:
        self._shared = shared
        self._processes = processes
        self._local = InMemoryStateStore(ACCOUNT_FORM, self._local_now)
        #: Starts that only this process knows, with the limits that they were reserved under.
        self._local_starts: dict[str, list[tuple[Limits, float]]] = {}
        self._last: dict[str, AccountState] = {}
        #: Of Redis's time from the loop's; of this machine's until Redis responds.
        self._offset = time.time() - asyncio.get_running_loop().time()
        self._retry_at = 0.0
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def is_alone(self) -> bool:
        """Return True while Redis is away."""
        return bool(self._retry_at)

    async def update(self, name: str, limits: Limits, rule: Rule[Result]) -> Result:
        """Apply a rule to the state of an account and return its result."""
        loop = asyncio.get_running_loop()
        async with self._locks.setdefault(name, asyncio.Lock()):  # tasks of one process never collide
            if loop.time() >= self._retry_at:
                try:
                    result = await self._update_shared(name, limits, rule)
                except RedisUnreachable as error:
                    self._set_alone(loop.time(), str(error))
                else:
                    self._set_together()
                    return result
            return await self._update_local(name, limits, rule)

    def note_start(self, name: str, limits: Limits, start: float) -> None:
        """Remember a start that only this process knows; without effect while Redis is there."""
        if name in self._local_starts:
            self._local_starts[name].append((limits, start))

    async def _update_shared(self, name: str, limits: Limits, rule: Rule[Result]) -> Result:
        local = self._local_starts.get(name)
        timed = _TimedStore(self._shared)

        def shared_rule(state: AccountState, now: float) -> tuple[AccountState | None, Result]:
            received = asyncio.get_running_loop().time()
            self._offset = now - received
            stored = state
            if state == ACCOUNT_FORM.empty and name in self._last:
                state = self._last[name]  # Redis lost it
            if local is not None:
                state = account.add_starts(state, local)
                state = account.hold(state, limits, now)
            new, result = rule(state, Reading(now, timed.requested, received, 1))
            self._last[name] = new or state
            return (None if new is None and state is stored else self._last[name]), result

        result = await update(timed, name, shared_rule)
        self._local_starts.pop(name, None)
        return result

    async def _update_local(self, name: str, limits: Limits, rule: Rule[Result]) -> Result:
        processes = max(self._processes(), 1)
        is_first = name not in self._local_starts
        if is_first:
            self._local_starts[name] = []

        def local_rule(state: AccountState, now: float) -> tuple[AccountState | None, Result]:
            if is_first:
                state = account.hold(self._last.get(name, AccountState()), limits, now)
            received = asyncio.get_running_loop().time()
            new, result = rule(state, Reading(now, received, received, processes))
            return (new or state if is_first else new), result

        return await update(self._local, name, local_rule)

    def _local_now(self) -> float:
        return asyncio.get_running_loop().time() + self._offset

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


class _TimedStore:
    """A store that keeps the loop's time of its last request for a state."""

    def __init__(self, store: StateStore[AccountState]) -> None:
        self._store = store
        self.requested = 0.0

    async def get(self, name: str) -> Stored[AccountState]:
        """Return the current state of a name. Raises RedisUnreachable."""
        self.requested = asyncio.get_running_loop().time()
        return await self._store.get(name)

    async def compare_and_set(self, name: str, expected: Stored[AccountState], new: AccountState) -> bool:
        """Store `new` unless the state changed since it was read. Raises RedisUnreachable."""
        return await self._store.compare_and_set(name, expected, new)


def limits_alone(limits: Limits, processes: int) -> Limits:
    """Return the limits of one of so many processes that know nothing of each other."""
    if processes <= 1:
        return limits
    return replace(
        limits,
        windows=share_of(limits.windows, processes),
        all_windows=share_of(limits.all_windows, processes),
    )
