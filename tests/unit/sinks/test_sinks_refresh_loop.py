"""Order of the steps of refresh, with a manual clock."""

import time
from datetime import UTC, date, datetime
from typing import Any

from sinks.refresh.loop import Loop
from sinks.refresh.refresher import State
from songnodes.clock import ManualClock

MONDAY = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)


class Refresher:
    """Records the calls."""

    def __init__(self, queue: list[int], state: State | None = None) -> None:
        self.queue = queue
        self.stored = state
        self.calls: list[str] = []

    async def state(self) -> State | None:
        return self.stored

    async def tick(self, as_of: date, *, pinned: bool) -> None:
        self.calls.append(f"tick {as_of}")
        self.stored = State(as_of=as_of, pinned=pinned, whole_seconds=None)

    async def some(self, as_of: date) -> int:
        self.calls.append("some")
        return self.queue.pop(0) if self.queue else 0

    async def whole(self, as_of: date) -> None:
        self.calls.append(f"whole {as_of}")


async def turns(loop: Loop, refresher: Any, times: int) -> list[str]:
    for _ in range(times):
        await loop.turn(refresher)
    return list(refresher.calls)


async def test_the_first_look_makes_the_day_and_everything_of_it() -> None:
    calls = await turns(Loop(ManualClock(MONDAY)), Refresher([]), 2)
    assert calls == ["tick 2026-03-02", "some", "whole 2026-03-02", "some"]


async def test_midnight_makes_a_new_day() -> None:
    clock = ManualClock(MONDAY)
    loop, refresher = Loop(clock), Refresher([])
    await turns(loop, refresher, 1)
    clock.move(datetime(2026, 3, 3, tzinfo=UTC))
    assert (await turns(loop, refresher, 1))[3:] == ["tick 2026-03-03", "some", "whole 2026-03-03"]


async def test_a_day_set_by_hand_stays() -> None:
    pinned = State(as_of=date(2020, 1, 1), pinned=True, whole_seconds=None)
    calls = await turns(Loop(ManualClock(MONDAY)), Refresher([], pinned), 2)
    assert calls == ["some", "whole 2020-01-01", "some"]


async def test_a_queue_that_ran_empty_is_followed_by_a_whole_pass() -> None:
    loop, refresher = Loop(ManualClock(MONDAY)), Refresher([0, 5, 5, 0])
    calls = await turns(loop, refresher, 5)
    assert calls[3:] == ["some", "some", "some", "whole 2026-03-02", "some"]


async def test_a_whole_pass_that_takes_long_is_rare(monkeypatch: Any) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    state = State(as_of=MONDAY.date(), pinned=False, whole_seconds=5.0)
    loop, refresher = Loop(ManualClock(MONDAY)), Refresher([0, 1], state)
    await turns(loop, refresher, 3)
    assert refresher.calls.count("whole 2026-03-02") == 1
    now[0] += 51
    await turns(loop, refresher, 1)
    assert refresher.calls.count("whole 2026-03-02") == 2
