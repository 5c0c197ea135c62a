"""Rate limiter shared by all processes: nothing is sent to a host without a request slot."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from producers.fetch import rules
from producers.fetch.errors import HostCoolingDown, SiteUnreachable
from producers.fetch.host_store import HostStateStore, update_host
from producers.fetch.rules import LEASE_S, FetchOutcome, Host, HostPolicy, Wait
from songnodes import logs, metrics
from songnodes.errors import RedisUnreachable
from songnodes.process.tasks import end_task

LOG = logs.get(__name__)
#: Seconds between two renewals of the lease of a request in flight.
RENEW_INTERVAL_S = LEASE_S / 4
#: Seconds before the end of its lease at which a process stops: Redis has to respond in time.
LEASE_MARGIN_S = 0.5

Sleep = Callable[[float], Awaitable[None]]

#: Outcome of a request until its caller sets another.
NO_RESPONSE = FetchOutcome(ending="failed", why="unreachable")


class RequestSlot:
    """Right to send one request now. Its holder sets `outcome`."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.outcome = NO_RESPONSE
        self.lost_at = 0.0
        self.is_over = False  # the request has ended

    def release_unused(self) -> None:
        """Return the slot to the budget: nothing was sent."""
        self.outcome = FetchOutcome(ending="unused")

    def ensure_valid(self) -> None:
        """Raise SiteUnreachable when the slot has expired, as after a pause of the whole process.

        Call it right before sending.
        """
        if asyncio.get_running_loop().time() >= self.lost_at:
            self.release_unused()
            raise SiteUnreachable(url=self.host, reason="its request slot expired before it was sent")


class Gate:
    """Grants request slots, one at a time per host, to all processes that share its store."""

    def __init__(self, store: HostStateStore, *, max_wait: float, sleep: Sleep = asyncio.sleep) -> None:
        self._store = store
        self._max_wait = max_wait
        self._sleep = sleep

    @asynccontextmanager
    async def acquire(self, host: str, policy: HostPolicy) -> AsyncIterator[RequestSlot]:
        """Wait for a request slot and hold it within the block, in which the caller sets `outcome`.

        Raises HostCoolingDown when the wait would exceed the gate's `max_wait`, RedisUnreachable, and
        SiteUnreachable when the slot is lost within the block.
        """
        token = uuid4().hex
        slot = RequestSlot(host)
        await self._wait_for_slot(slot, policy, token)
        try:
            async with asyncio.timeout_at(slot.lost_at) as limit:
                renewal = asyncio.create_task(self._renew_lease(slot, token, limit))
                try:
                    yield slot
                finally:
                    slot.is_over = True
                    await end_task(renewal)
        except asyncio.CancelledError:
            slot.outcome = FetchOutcome(ending="dropped")
            raise
        except TimeoutError:
            if not limit.expired():
                raise
            if slot.outcome is NO_RESPONSE:  # we were too slow, not the site
                slot.outcome = FetchOutcome(ending="dropped")
            raise SiteUnreachable(url=host, reason="its request slot was lost in flight") from None
        finally:
            await self._end(slot, policy, token)

    async def record_outcome(self, host: str, policy: HostPolicy, outcome: FetchOutcome) -> None:
        """Apply an outcome found after a request was over. Raises RedisUnreachable."""
        before = after = Host()

        def rule(host_state: Host, now: float) -> Host:
            nonlocal before, after
            before, after = host_state, rules.apply_outcome(host_state, policy, now, outcome)
            return after

        await update_host(self._store, host, rule)
        _report(host, before, after, outcome)

    async def _wait_for_slot(self, slot: RequestSlot, policy: HostPolicy, token: str) -> None:
        loop = asyncio.get_running_loop()
        began: float | None = None
        while True:
            requested_at, now = loop.time(), 0.0

            def rule(host_state: Host, time: float) -> Host | Wait:
                nonlocal now
                now = time
                return rules.start(host_state, policy, time, token, random.random())  # noqa: S311

            result = await update_host(self._store, slot.host, rule)
            if isinstance(result, Host):
                slot.lost_at = requested_at + LEASE_S - LEASE_MARGIN_S
                metrics.FETCH_WAIT.labels(slot.host).observe(0.0 if began is None else now - began)
                return
            began = now if began is None else began
            if result.until - began > self._max_wait:
                raise HostCoolingDown(host=slot.host, until=_to_datetime(result.until), why=result.why)
            await self._sleep(result.until - now)

    async def _renew_lease(self, slot: RequestSlot, token: str, limit: asyncio.Timeout) -> None:
        """Renew the lease until the request ends or the slot is lost.

        A cancellation may be lost in a request to Redis that fails at the same moment.
        """
        loop = asyncio.get_running_loop()
        while not slot.is_over:
            await asyncio.sleep(RENEW_INTERVAL_S)
            requested_at = loop.time()
            with contextlib.suppress(RedisUnreachable):  # tolerated until the lease ends
                rule = partial(_renewed, token=token)
                if await update_host(self._store, slot.host, rule) is None:
                    limit.reschedule(requested_at)
                    return
                slot.lost_at = requested_at + LEASE_S - LEASE_MARGIN_S
                limit.reschedule(slot.lost_at)

    async def _end(self, slot: RequestSlot, policy: HostPolicy, token: str) -> None:
        before = after = Host()

        def rule(host_state: Host, now: float) -> Host:
            nonlocal before, after
            before, after = host_state, rules.finish(host_state, policy, now, token, slot.outcome)
            return after

        await asyncio.shield(update_host(self._store, slot.host, rule))
        _report(slot.host, before, after, slot.outcome)


def _renewed(host_state: Host, now: float, *, token: str) -> Host | None:
    return rules.renew(host_state, now, token)


def _to_datetime(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _report(host: str, before: Host, after: Host, outcome: FetchOutcome) -> None:
    """Update metrics and log a cooldown that started."""
    if outcome.ending in ("unused", "dropped"):
        return
    metrics.FETCHES.labels(host, outcome.ending).inc()
    metrics.HOST_HELD_UNTIL.labels(host).set(after.held_until)
    if after.held_until > before.held_until:
        log = LOG.error if outcome.ending == "blocked" else LOG.warning
        until = _to_datetime(after.held_until).isoformat()
        log(
            "host_cooldown_started",
            host=host,
            why=after.why,
            until=until,
            blocks=after.blocks,
            failures=after.failures,
        )
