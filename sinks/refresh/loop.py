"""Refresh as a process: the queue every second, under a flood every minute; what is of a day at midnight."""

import asyncio
import time

from sinks.refresh.refresher import BATCH_SIZE, Refresher, State
from songnodes import logs
from songnodes.clock import Clock

#: Seconds between looks at a queue that was read to its end: what changes often in between is computed once.
POLL_INTERVAL_S = 1.0
#: With nothing left, only the queue is looked at in between: what does not come through it (the day, pairs
#: that rest, a step to be tried again) waits so long. A turn counts tables that a flood leaves full of dead
#: rows.
IDLE_TURN_INTERVAL_S = 5.0
#: What depends on all rows is computed when the queue has run empty, yet at most a tenth of the time where
#: that leaves it less than a minute old; under a flow that never ends, a tenth of the time, once a minute.
MAX_TIME_SHARE = 0.1
LONGEST_WAIT = 60.0  # seconds
#: Entries per second of a flood, about 10 pages.
FLOOD_ENTRIES = 300
#: Rest between passes while entries keep coming: an entity that changes often is computed once, and a pass
#: over one page has nearly as many statements as one over ten. In a flood that is once a minute, in batches
#: that are large.
SHORTEST_REST_S, LONGEST_REST_S, LONGEST_REST_IN_FLOOD_S = 5.0, 10.0, 60.0
#: A pass over a backlog, at most: in a flood that refresh cannot follow it works half of the time. While
#: entries come more slowly a backlog is worked off without rests.
LONGEST_PASS_S = 60.0

log = logs.get(__name__)


class Loop:
    """Keeps the tables fresh with one `Refresher` after another: a lost connection makes a new one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stale = True  # something changed since the last complete pass, or may have changed
        self._whole_at = float("-inf")  # monotonic

    async def run(self, refresher: Refresher) -> None:
        """Until cancelled; raises what the database or Kafka raise."""
        while True:
            began, taken = time.monotonic(), BATCH_SIZE
            while taken >= BATCH_SIZE and time.monotonic() - began < LONGEST_PASS_S:
                taken = await self.turn(refresher)
            if taken or self._stale:
                await self._rest(refresher, time.monotonic() - began, has_backlog=taken >= BATCH_SIZE)
            else:
                await self._wait(refresher)

    async def turn(self, refresher: Refresher) -> int:
        """One look at the day, the queue and the network; returns how many entries were taken."""
        state = await self._today(refresher)
        taken = await refresher.some(state.as_of)
        self._stale = self._stale or taken > 0
        if self._stale and self._due(state, queue_empty=taken == 0):
            await refresher.whole(state.as_of)
            self._whole_at, self._stale = time.monotonic(), False
            log.info("refreshed", as_of=str(state.as_of))
        return taken

    async def _wait(self, refresher: Refresher) -> None:
        """Wait until the queue has an entry, at most IDLE_TURN_INTERVAL_S."""
        began = time.monotonic()
        while time.monotonic() - began < IDLE_TURN_INTERVAL_S:
            await asyncio.sleep(POLL_INTERVAL_S)
            if await refresher.newest():
                return

    async def _rest(self, refresher: Refresher, pass_s: float, *, has_backlog: bool) -> None:
        """Wait for entries; longer after a pass that took long, as long as more entries are appended."""
        began, newest = time.monotonic(), await refresher.newest()
        while True:
            await asyncio.sleep(POLL_INTERVAL_S)
            previous, newest = newest, await refresher.newest()
            is_flood = newest - previous > FLOOD_ENTRIES * POLL_INTERVAL_S
            longest = LONGEST_REST_IN_FLOOD_S if is_flood else LONGEST_REST_S
            if newest <= previous or (has_backlog and not is_flood):
                return
            if time.monotonic() - began >= min(max(pass_s / MAX_TIME_SHARE, SHORTEST_REST_S), longest):
                return

    async def _today(self, refresher: Refresher) -> State:
        state = await refresher.state()
        today = self._clock.now().date()
        if state is None or (state.as_of != today and not state.pinned):
            await refresher.tick(today, pinned=False)
            self._stale, self._whole_at = True, float("-inf")
            state = State(as_of=today, pinned=False, whole_seconds=state.whole_seconds if state else None)
        return state

    def _due(self, state: State, *, queue_empty: bool) -> bool:
        waited = time.monotonic() - self._whole_at
        rest = (state.whole_seconds or 0) / MAX_TIME_SHARE
        return waited >= (min(rest, LONGEST_WAIT) if queue_empty else max(rest, LONGEST_WAIT))
