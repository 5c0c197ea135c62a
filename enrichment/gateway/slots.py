"""Waits for the start of a request, by limits that all processes share."""

import asyncio
from dataclasses import replace

from enrichment.gateway import account
from enrichment.gateway.account import AccountState, Closed, Limits, Slot, Wait
from enrichment.gateway.account_store import AccountStore, Reading, limits_alone
from enrichment.types import Classified
from songnodes import metrics

#: A start is reserved so far ahead that Redis has stored it before: a multiple of the last delays.
LEAD_FACTOR = 2.0
MIN_LEAD_S = 0.0005
MAX_LEAD_S = 0.1
#: Shortest wait for the time at which a start may be reserved: timers of the loop have milliseconds.
MIN_SLEEP_S = 0.001
#: A limit that is used while Redis is away may have starts again once it responds.
ALONE_RETRY_S = 60.0
#: Weight of the newest delay in the average.
DELAY_WEIGHT = 0.2


class SlotBook:
    """Grants slots to the tasks of this process.

    Slots are reserved one after the other per account and operation, so that tasks get them in their order;
    the next one is reserved while earlier ones wait for their starts.
    """

    def __init__(self, store: AccountStore, *, max_wait_s: float) -> None:
        self._store = store
        self._max_wait_s = max_wait_s
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._lead_s = MIN_LEAD_S
        self._shortest_read_s = MAX_LEAD_S

    async def acquire(self, name: str, limits: Limits, *, is_check: bool = False) -> Slot | Closed:
        """Return a slot at its start: send the request now, without an await between."""
        lock = self._locks.setdefault((name, limits.operation), asyncio.Lock())
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with lock:
            result, reading = await self._reserve(name, limits, is_check, began + self._max_wait_s)
        if isinstance(result, Closed):
            return result
        slot = await self._wait_for_start(name, limits, result, reading)
        provider = name.partition("|")[0]
        metrics.GATEWAY_WAIT.labels(provider, limits.operation).observe(loop.time() - began)
        return slot

    async def cancel(self, name: str, limits: Limits, slot: Slot) -> None:
        """End a slot without a request."""
        if slot.is_probe:
            await self._store.update(name, lambda state, reading: (account.cancel(state, limits, slot), None))

    async def correct(self, name: str, limits: Limits, slot: Slot, late_s: float) -> None:
        """Note that a request was sent so much later than its start."""
        start = slot.start + late_s

        def rule(state: AccountState, _reading: Reading) -> tuple[AccountState, None]:
            return account.correct(state, limits, slot, start), None

        self._store.note_start(name, limits, start)
        await self._store.update(name, rule)

    async def closed(self, name: str, limits: Limits, *, is_check: bool = False) -> Closed | None:
        """Return the reason for which no call is admitted now, without a reservation; None if one is."""

        def rule(state: AccountState, reading: Reading) -> tuple[None, Closed | None]:
            return None, account.closed(state, limits, reading.now, is_check=is_check)

        closed, _ = await self._store.update(name, rule, suffices=_is_open)
        return closed

    async def record(
        self, name: str, limits: Limits, slot: Slot | None, classified: Classified
    ) -> Closed | None:
        """Apply the outcome of a request, which has no slot if no connection was established.

        Return the reason for which no further call is admitted; None if one is. An answer while all breakers
        are closed is counted with the next start.
        """
        remembered = self._store.known(name)
        if slot and not slot.is_probe and remembered and account.only_counts(remembered, limits, classified):
            self._store.defer(name, lambda state, now: account.record(state, limits, slot, classified, now))
            return None

        def rule(state: AccountState, reading: Reading) -> tuple[AccountState | None, Closed | None]:
            new = account.record(state, limits, slot, classified, reading.now)
            return new, account.closed(new or state, limits, reading.now)

        closed, _ = await self._store.update(name, rule)
        return closed

    async def _reserve(
        self, name: str, limits: Limits, is_check: bool, deadline: float
    ) -> tuple[Slot | Closed, Reading]:
        loop = asyncio.get_running_loop()
        while True:
            lead, left = self._lead_s, max(deadline - loop.time(), 0.0)

            def rule(
                state: AccountState, reading: Reading, lead: float = lead, left: float = left
            ) -> tuple[AccountState | None, Slot | Wait | Closed]:
                terms = limits_alone(limits, reading.processes)
                begin = reading.now + lead
                new, result = account.reserve(state, terms, begin, max_wait_s=left, is_check=is_check)
                return new, _until_redis_responds(result, reading)

            result, reading = await self._store.update(name, rule, suffices=_is_wait)
            if isinstance(result, Wait):
                ahead = reading.received + result.until - reading.now - loop.time()
                await asyncio.sleep(max(ahead, MIN_SLEEP_S))
                continue
            if isinstance(result, Slot):
                self._note_reservation(name, limits, result, reading)
            return result, reading

    async def _wait_for_start(self, name: str, limits: Limits, slot: Slot, reading: Reading) -> Slot:
        """Return the slot at its start; one that was missed is moved."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                ahead = slot.start - reading.now
                await asyncio.sleep(reading.received + ahead - loop.time())
                # The shared time was read at any moment between request and response.
                if loop.time() - (reading.requested + ahead) <= limits.lateness_s + self._shortest_read_s:
                    return replace(slot, due=reading.requested + ahead)
                metrics.GATEWAY_LATE_STARTS.inc()
                slot, reading = await self._move(name, limits, slot)
        except BaseException:
            await asyncio.shield(self.cancel(name, limits, slot))
            raise

    async def _move(self, name: str, limits: Limits, slot: Slot) -> tuple[Slot, Reading]:
        lead = self._lead_s

        def rule(state: AccountState, reading: Reading) -> tuple[AccountState | None, Slot]:
            terms = limits_alone(limits, reading.processes)
            return account.move(state, terms, slot, reading.now + lead)

        moved, reading = await self._store.update(name, rule)
        self._note_reservation(name, limits, moved, reading)
        return moved, reading

    def _note_reservation(self, name: str, limits: Limits, slot: Slot, reading: Reading) -> None:
        self._store.note_start(name, limits, slot.start)
        self._shortest_read_s = min(self._shortest_read_s, reading.received - reading.requested)
        delay_s = asyncio.get_running_loop().time() - reading.requested
        lead = (1 - DELAY_WEIGHT) * self._lead_s + DELAY_WEIGHT * LEAD_FACTOR * delay_s
        self._lead_s = min(max(lead, MIN_LEAD_S), MAX_LEAD_S)


def _is_open(closed: Closed | None) -> bool:
    return closed is None  # a start is granted by the newest state only


def _is_wait(result: Slot | Wait | Closed) -> bool:
    return isinstance(result, Wait)  # starts of other processes make it longer only


def _until_redis_responds(result: Slot | Wait | Closed, reading: Reading) -> Slot | Wait | Closed:
    if not reading.is_alone or not isinstance(result, Closed) or result.cause != "limit":
        return result
    why = "the share of the limit is used that is granted without Redis"
    return replace(result, until=min(result.until, reading.now + ALONE_RETRY_S), why=why)
