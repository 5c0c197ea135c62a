"""Event loop whose time passes only while it waits: pauses take no real time and are exact."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

START_S = 1_000_000.0  # small: sums of floats must be exact within the nanosecond that a loop calls equal

Arguments = ParamSpec("Arguments")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Event loop that advances its time to the next timer when no task is ready; not for threads."""

    def __init__(self) -> None:
        self._now = START_S
        super().__init__(_AdvancingSelector(self.advance))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass while nothing else runs, as in a paused process."""
        self._now += seconds


class _AdvancingSelector(selectors.SelectSelector):
    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("all tasks wait for something that is no timer")
        events = super().select(0)
        if not events:
            self._advance(timeout)
        return events


def in_virtual_time(
    test: Callable[Arguments, Coroutine[Any, Any, None]],
) -> Callable[Arguments, None]:
    """Run an asynchronous test on a `VirtualTimeLoop`."""

    @functools.wraps(test)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def advance(seconds: float) -> None:
    """Let the time of the running loop pass without running its tasks."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.advance(seconds)
