"""Budgets that rechecks may use: of a window longer than a minute, the half that new tracks leave.

The rest of a budget waits for the tracks of the next hours, so a recheck is sent only while less than half of
the window is used, whoever used it. Shorter windows need no rule: new calls precede rechecks in every queue.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from enrichment.gateway.account import ACCOUNT_FORM, ALL, AccountState
from enrichment.gateway.limits import MAX_HOLD_S, StartLog, starts_used
from enrichment.gateway.opening import accounts_prefix
from enrichment.gateway.terms import Terms
from enrichment.types import Call, Window
from songnodes.errors import RedisUnreachable
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection
from songnodes.shared_state.store import StateStore

#: Of a budget, the part below which rechecks are sent.
MAX_USED_RATIO = 0.5
#: Age at which the used starts are read again.
READ_INTERVAL_S = 10.0


class SpareBudgets:
    """Admits rechecks of the providers with a budget; those of the others always."""

    def __init__(self, terms: Mapping[str, Terms], accounts: StateStore[AccountState]) -> None:
        self._terms = terms
        self._accounts = accounts
        self._states: dict[str, tuple[float, AccountState, float]] = {}
        #: Calls under way, and those since the state was read, which it may lack.
        self._under_way: Counter[str] = Counter()
        self._since: Counter[str] = Counter()
        self._lock = asyncio.Lock()

    async def admit(self, call: Call) -> bool:
        """Return True if this recheck may be sent; `end` follows."""
        budgets = self._budgets(call)
        if budgets:
            async with self._lock:
                state, now = await self._state(call.provider)
                if state is None or not self._has_spare(call.provider, budgets, state, now):
                    return False
        self._under_way[call.provider] += 1
        self._since[call.provider] += 1
        return True

    def end(self, call: Call) -> None:
        """Note that a recheck that was admitted is answered, or was not sent."""
        self._under_way[call.provider] -= 1

    def _budgets(self, call: Call) -> list[tuple[str, Window]]:
        terms = self._terms.get(call.provider)
        if terms is None:
            return []
        operation = terms.provider.operations[call.operation]
        scopes = ((ALL, terms.windows), (operation.name, operation.windows))
        return [(name, window) for name, windows in scopes for window in budgets_of(windows)]

    def _has_spare(
        self, provider: str, budgets: Sequence[tuple[str, Window]], state: AccountState, now: float
    ) -> bool:
        return all(
            starts_used(state.logs.get(name, StartLog()), window, now) + self._since[provider]
            < window.starts * MAX_USED_RATIO
            for name, window in budgets
        )

    async def _state(self, provider: str) -> tuple[AccountState | None, float]:
        """Return the state of a provider's account and the time; None while Redis is away."""
        loop = asyncio.get_running_loop()
        read_at, state, now = self._states.get(provider, (float("-inf"), AccountState(), 0.0))
        if loop.time() < read_at + READ_INTERVAL_S:
            return state, now + loop.time() - read_at
        try:
            stored = await self._accounts.get(self._terms[provider].account)
        except RedisUnreachable:
            return None, 0.0
        self._states[provider] = loop.time(), stored.state, stored.now
        self._since[provider] = self._under_way[provider]
        return stored.state, stored.now


@asynccontextmanager
async def opened_budgets(settings: Settings, terms: Mapping[str, Terms]) -> AsyncIterator[SpareBudgets]:
    """Open the budgets of the accounts of these providers."""
    async with connection(settings) as redis:
        yield SpareBudgets(terms, RedisStateStore(redis, accounts_prefix(settings), ACCOUNT_FORM))


def budgets_of(windows: Sequence[Window]) -> list[Window]:
    """Return the windows that are budgets."""
    return [window for window in windows if window.seconds > MAX_HOLD_S]
