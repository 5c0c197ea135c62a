"""Contract of a store of named states, and the update of one by a rule."""

import asyncio
import random
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

State = TypeVar("State")
Result = TypeVar("Result")

MAX_RETRY_DELAY_S = 0.01  # wait after a collision, chosen at random up to this


class Stored(NamedTuple, Generic[State]):
    """The time of reading in seconds since 1970, the state, and its stored form, which is compared.

    `run` is another one after each start of the server, which may have lost the newest states; "" if unknown.
    """

    now: float
    state: State
    text: str
    run: str = ""


class Form(NamedTuple, Generic[State]):
    """Stored form of a state: the state of a name without one, serialisation and parsing."""

    empty: State
    dump: Callable[[State], str]
    load: Callable[[str], State]

    def read(self, text: str) -> State:
        """Return the state of a stored form; "" for none."""
        return self.load(text) if text else self.empty


class StateStore(Protocol[State]):
    """Stores states by name."""

    async def get(self, name: str) -> Stored[State]:
        """Return the current state of a name. Raises RedisUnreachable."""
        ...

    async def compare_and_set(self, name: str, expected: Stored[State], new: State) -> bool:
        """Store `new` and return True, unless the state changed since it was read.

        Raises RedisUnreachable.
        """
        ...


class ReplacingStore(StateStore[State], Protocol[State]):
    """A store that needs one request for the update of a state that the caller knows."""

    async def replace(self, name: str, expected: Stored[State], new: State) -> tuple[bool, Stored[State]]:
        """Store `new` unless the state, or the run of the server, is another one than `expected`.

        Return True if it is stored, and the current state with the time. Raises RedisUnreachable.
        """
        ...


async def update(
    store: StateStore[State], name: str, rule: Callable[[State, float], tuple[State | None, Result]]
) -> Result:
    """Apply `rule` to a state and the time, retrying while other processes write first.

    The rule returns the next state, None to leave the store unchanged, and the result of this function.
    """
    while True:
        stored = await store.get(name)
        new, result = rule(stored.state, stored.now)
        if new is None or await store.compare_and_set(name, stored, new):
            return result
        await asyncio.sleep(random.uniform(0, MAX_RETRY_DELAY_S))  # noqa: S311
