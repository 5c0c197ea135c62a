"""Order of the steps of refresh, with a manual clock."""

import asyncio
import time
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, cast

import pytest

from sinks.refresh.loop import FLOOD_ENTRIES, Loop
from sinks.refresh.refresher import BATCH_SIZE, State
from songnodes.clock import ManualClock

#: The newest entry, second by second.
FLOOD = [*range(0, 200 * FLOOD_ENTRIES, FLOOD_ENTRIES + 1)]
MONDAY = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)


class Refresher:
    """Records the calls."""

    def __init__(self, queue: list[int], state: State | None = None) -> None:
        self.queue = queue
        self.stored = state
        self.calls: list[str] = []
        self.newest_entries: list[int] = []

    async def state(self) -> State | None:
        return self.stored

    async def tick(self, as_of: date, *, pinned: bool) -> None:
        self.calls.append(f"tick {as_of}")
        self.stored = State(as_of=as_of, pinned=pinned, whole_seconds=None)

    async def some(self, as_of: date) -> int:
        self.calls.append("some")
        return self.queue.pop(0) if self.queue else 0

    async def newest(self) -> int:
        return self.newest_entries.pop(0) if len(self.newest_entries) > 1 else self.newest_entries[0]

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


class Time:
    """Seconds that pass in a turn and in pauses, and no others."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refresher: Refresher, turns_s: list[float]) -> None:
        self.now = 1000.0
        self.turn_times: list[float] = []
        self._some = refresher.some
        self._turns_s = turns_s
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self.sleep)
        monkeypatch.setattr(refresher, "some", self.some)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def some(self, as_of: date) -> int:
        if not self._turns_s:
            raise asyncio.CancelledError
        self.turn_times.append(self.now)
        self.now += self._turns_s.pop(0)
        return await self._some(as_of)


async def pauses(
    monkeypatch: pytest.MonkeyPatch, turn_s: float, newest: list[int], taken: tuple[int, ...] = (9, 9, 9)
) -> list[float]:
    """Return the seconds between the end of a turn and the begin of the next."""
    refresher = Refresher([*taken])
    refresher.newest_entries = [*newest]
    clock = Time(monkeypatch, refresher, [turn_s] * len(taken))
    with pytest.raises(asyncio.CancelledError):
        await Loop(ManualClock(MONDAY)).run(cast(Any, refresher))
    return [after - before - turn_s for before, after in pairwise(clock.turn_times)]


async def test_a_queue_that_does_not_grow_is_taken_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pauses(monkeypatch, 2.0, [7]) == [1, 1]


async def test_with_nothing_left_only_the_queue_is_looked_at_every_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await pauses(monkeypatch, 0.0625, [0], taken=(0, 0, 0)) == [5, 5]
    assert await pauses(monkeypatch, 0.0625, [0, 0, 7], taken=(0, 0, 9, 9)) == [3, 1, 1]


async def test_refresh_rests_after_a_short_turn_while_the_queue_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await pauses(monkeypatch, 0.0625, [*range(100)]) == [5, 5]


async def test_refresh_rests_after_a_long_turn_while_the_queue_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pauses(monkeypatch, 0.75, [*range(100)]) == [8, 8]
    assert await pauses(monkeypatch, 3.0, [*range(100)]) == [10, 10]


async def test_refresh_rests_up_to_a_minute_in_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pauses(monkeypatch, 0.0625, FLOOD) == [5, 5]
    assert await pauses(monkeypatch, 3.0, FLOOD) == [30, 30]
    assert await pauses(monkeypatch, 9.0, FLOOD) == [60, 60]
    assert await pauses(monkeypatch, 9.0, [*FLOOD[:40], *range(FLOOD[40], FLOOD[40] + 99)]) == [41, 10]


async def test_the_rest_ends_when_the_queue_stops_growing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pauses(monkeypatch, 3.0, [0, 1, 2, 2]) == [3, 1]


async def test_a_backlog_is_taken_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = (5 * BATCH_SIZE, 3 * BATCH_SIZE, 9, 9)
    assert await pauses(monkeypatch, 1.0, FLOOD, taken) == [0, 0, 30]


async def test_a_pass_that_does_not_end_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = (5 * BATCH_SIZE,) * 4
    assert await pauses(monkeypatch, 25.0, FLOOD, taken) == [0, 0, 60]
    assert await pauses(monkeypatch, 25.0, [*range(200)], taken) == [0, 0, 1]
