"""Answers that change with refresh only, kept in this process until the next refresh.

What is kept was read after the refresh whose time it is kept under, so it may have rows that came since.
What the next refresh changes is read again.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")

#: Answers of some 100 kB each; the one that was not asked for longest is forgotten first.
MAX_ANSWERS = 128


class Kept:
    """Answers by question. Readers share them, so nobody may change one."""

    def __init__(self, most: int = MAX_ANSWERS) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    async def get(self, question: Hashable, as_of: Hashable, read: Callable[[], Awaitable[Value]]) -> Value:
        """Return the answer as of a refresh; read it if it is not kept. Before the first refresh none is."""
        kept = self._answers.get(question)
        if kept is not None and kept[0] == as_of:
            self._answers.move_to_end(question)
            value: Value = kept[1]
            return value
        value = await read()
        if as_of is not None:
            self._answers[question] = as_of, value
            self._answers.move_to_end(question)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return value
