"""States of this process alone: while Redis is away, and in tests."""

from collections.abc import Callable
from typing import Generic

from songnodes.shared_state.store import Form, State, Stored


class InMemoryStateStore(Generic[State]):
    """States by name. `now` returns the seconds since 1970."""

    def __init__(self, form: Form[State], now: Callable[[], float]) -> None:
        self._form = form
        self._now = now
        self._texts: dict[str, str] = {}

    async def get(self, name: str) -> Stored[State]:
        """Return the current state of a name."""
        text = self._texts.get(name, "")
        return Stored(self._now(), self._form.read(text), text)

    async def compare_and_set(self, name: str, expected: Stored[State], new: State) -> bool:
        """Store `new` and return True, unless the state changed since it was read."""
        if self._texts.get(name, "") != expected.text:
            return False
        self._texts[name] = self._form.dump(new)
        return True

    async def replace(self, name: str, expected: Stored[State], new: State) -> tuple[bool, Stored[State]]:
        """Store `new` unless the state changed; return True if it is stored, and the current state.

        All states are of one run, without a name.
        """
        is_stored = not expected.run and await self.compare_and_set(name, expected, new)
        return is_stored, await self.get(name)

    async def names(self) -> list[str]:
        """Return the names with a stored state, sorted."""
        return sorted(self._texts)
