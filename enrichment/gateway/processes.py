"""Number of processes that share the limits, as Redis had it last."""

import asyncio
import contextlib
from collections.abc import Mapping
from uuid import uuid4

import msgspec

from songnodes.errors import RedisUnreachable
from songnodes.shared_state.store import Form, StateStore, update

HEARTBEAT_INTERVAL_S = 10.0
#: A process without a heartbeat for so long has ended.
LIFETIME_S = 35.0
NAME = "processes"

Heartbeats = dict[str, float]


def _dump(heartbeats: Heartbeats) -> str:
    return msgspec.json.encode(heartbeats).decode()


def _load(text: str) -> Heartbeats:
    return msgspec.json.decode(text, type=dict[str, float])


HEARTBEATS_FORM: Form[Heartbeats] = Form({}, _dump, _load)


def with_heartbeat(heartbeats: Mapping[str, float], process: str, now: float) -> Heartbeats:
    """Return the heartbeats of the processes that run, this one's included."""
    running = {name: time for name, time in heartbeats.items() if now - LIFETIME_S < time <= now + LIFETIME_S}
    return {**running, process: now}


class Processes:
    """Sends heartbeats of this process; `count` is the number of processes seen last, at least `least`."""

    def __init__(self, store: StateStore[Heartbeats], *, least: int = 1) -> None:
        self._store = store
        self._name = uuid4().hex
        self.least = least
        self.count = least

    async def run(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            with contextlib.suppress(RedisUnreachable):
                await self.send_heartbeat()
            await asyncio.sleep(HEARTBEAT_INTERVAL_S)

    async def send_heartbeat(self) -> None:
        """Send one. Raises RedisUnreachable."""

        def rule(heartbeats: Heartbeats, now: float) -> tuple[Heartbeats, int]:
            new = with_heartbeat(heartbeats, self._name, now)
            return new, len(new)

        self.count = max(await update(self._store, NAME, rule), self.least)

    async def end(self) -> None:
        """Remove this process. Raises RedisUnreachable."""

        def rule(heartbeats: Heartbeats, now: float) -> tuple[Heartbeats, None]:
            return {name: time for name, time in heartbeats.items() if name != self._name}, None

        await update(self._store, NAME, rule)
