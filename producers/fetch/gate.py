"""The gate: whose turn it is to ask a host. Nothing is sent without a turn."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from producers.fetch import rules
from producers.fetch.memory import Memory, change
from producers.fetch.refusals import GateDown, HostHeld, Unreachable
from producers.fetch.rules import LEASE, Conclusion, Host, Terms, Wait
from songnodes import logs, metrics

LOG = logs.get(__name__)
#: Seconds between two signs of life while a request is in flight.
SIGN_OF_LIFE = LEASE / 4
#: Seconds before its lease ends that a process counts its turn as lost: Redis has to answer in time.
MARGIN = 0.5

Sleep = Callable[[float], Awaitable[None]]

#: How a request ended of which nothing was said.
WITHOUT_A_WORD = Conclusion(ending="failed", why="unreachable")


class Turn:
    """The right to send one request now. Whoever has it says how the request ended."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.conclusion = WITHOUT_A_WORD
        self.lost_at = 0.0

    def give_back(self) -> None:
        """Nothing was sent."""
        self.conclusion = Conclusion(ending="unused")

    def check(self) -> None:
        """Raises Unreachable when the turn was lost, as after a stop of the whole process.

        Called right before anything is sent.
        """
        if asyncio.get_running_loop().time() >= self.lost_at:
            self.give_back()
            raise Unreachable(url=self.host, reason="its turn passed before it was sent")


class Gate:
    """Gives turns, one at a time per host, to all processes that share its memory."""

    def __init__(self, memory: Memory, *, patience: float, sleep: Sleep = asyncio.sleep) -> None:
        self._memory = memory
        self._patience = patience
        self._sleep = sleep

    @asynccontextmanager
    async def turn(self, host: str, terms: Terms) -> AsyncIterator[Turn]:
        """Wait for a turn and have it for the length of the block, in which the caller sets `conclusion`.

        Raises HostHeld when it does not come within the gate's patience, GateDown, and Unreachable when the
        turn is lost within the block.
        """
        token = uuid4().hex
        turn = Turn(host)
        await self._await_turn(turn, terms, token)
        try:
            async with asyncio.timeout_at(turn.lost_at) as limit:
                alive = asyncio.create_task(self._stay_alive(turn, token, limit))
                try:
                    yield turn
                finally:
                    alive.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await alive
        except asyncio.CancelledError:
            turn.conclusion = Conclusion(ending="dropped")
            raise
        except TimeoutError:
            if not limit.expired():
                raise
            if turn.conclusion is WITHOUT_A_WORD:  # we were too slow, not the site
                turn.conclusion = Conclusion(ending="dropped")
            raise Unreachable(url=host, reason="its turn was lost on the way") from None
        finally:
            await self._end(turn, terms, token)

    async def conclude(self, host: str, terms: Terms, conclusion: Conclusion) -> None:
        """Take in what was learnt of a host outside of a request. Raises GateDown."""
        before = after = Host()

        def rule(found: Host, now: float) -> Host:
            nonlocal before, after
            before, after = found, rules.conclude(found, terms, now, conclusion)
            return after

        await change(self._memory, host, rule)
        _tell(host, before, after, conclusion)

    async def _await_turn(self, turn: Turn, terms: Terms, token: str) -> None:
        loop = asyncio.get_running_loop()
        began: float | None = None
        while True:
            asked_at, now = loop.time(), 0.0

            def rule(found: Host, time: float) -> Host | Wait:
                nonlocal now
                now = time
                return rules.ask(found, terms, time, token, random.random())  # noqa: S311

            answer = await change(self._memory, turn.host, rule)
            if isinstance(answer, Host):
                turn.lost_at = asked_at + LEASE - MARGIN
                metrics.FETCH_WAIT.labels(turn.host).observe(0.0 if began is None else now - began)
                return
            began = now if began is None else began
            if answer.until - began > self._patience:
                raise HostHeld(host=turn.host, until=_moment(answer.until), why=answer.why)
            await self._sleep(answer.until - now)

    async def _stay_alive(self, turn: Turn, token: str, limit: asyncio.Timeout) -> None:
        """Say that the request is under way, until it is over or its turn was lost."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SIGN_OF_LIFE)
            asked_at = loop.time()
            with contextlib.suppress(GateDown):  # the lease decides how long that may last
                rule = partial(_renewed, token=token)
                if await change(self._memory, turn.host, rule) is None:
                    limit.reschedule(asked_at)
                    return
                turn.lost_at = asked_at + LEASE - MARGIN
                limit.reschedule(turn.lost_at)

    async def _end(self, turn: Turn, terms: Terms, token: str) -> None:
        before = after = Host()

        def rule(found: Host, now: float) -> Host:
            nonlocal before, after
            before, after = found, rules.end(found, terms, now, token, turn.conclusion)
            return after

        await asyncio.shield(change(self._memory, turn.host, rule))
        _tell(turn.host, before, after, turn.conclusion)


def _renewed(found: Host, now: float, *, token: str) -> Host | None:
    return rules.renew(found, now, token)


def _moment(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _tell(host: str, before: Host, after: Host, conclusion: Conclusion) -> None:
    """Metrics and log events of what a request, or a body, said of a host."""
    if conclusion.ending in ("unused", "dropped"):
        return
    metrics.FETCHES.labels(host, conclusion.ending).inc()
    metrics.HOST_HELD_UNTIL.labels(host).set(after.held_until)
    if after.held_until > before.held_until:
        say = LOG.error if conclusion.ending == "blocked" else LOG.warning
        until = _moment(after.held_until).isoformat()
        say("host_held", host=host, why=after.why, until=until, blocks=after.blocks, failures=after.failures)
