"""Schedule of rechecks: levels of worth, and changes of one moment in one statement."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from enrichment.worker.schedule import HIGHEST_LEVEL, LOWEST_LEVEL, Recheck, Schedule, Scheduled, worth_level

NOW = datetime(2026, 11, 29, tzinfo=UTC)


class RecordingRows:
    """Records statements; `error` fails all."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        self.error: Exception | None = None

    async def fetch(self, statement: str, *arguments: object) -> Sequence[object]:
        if self.error is not None:
            raise self.error
        await asyncio.sleep(0)
        self.statements.append((statement.split()[0], arguments))
        return []


def scheduled(subject: str) -> Scheduled:
    return Scheduled(
        recheck=Recheck(subject=subject, part=3, request=b"r"), due=NOW, worth=5.0, requested_at=NOW
    )


@pytest.mark.parametrize(
    ("worth", "level"),
    [(1.0, 0), (3.9, 1), (4.0, 2), (0.5, -1), (0.49, -2), (1e-30, LOWEST_LEVEL), (1e30, HIGHEST_LEVEL)],
)
def test_a_level_is_the_power_of_two_below_the_worth(worth: float, level: int) -> None:
    assert worth_level(worth) == level


async def test_changes_of_a_moment_are_one_statement_of_each_kind() -> None:
    rows = RecordingRows()
    schedule = Schedule(rows)
    changes = [schedule.put(f"t{number}", scheduled(f"t{number}")) for number in range(50)]
    await asyncio.gather(
        *changes, schedule.put("a|artist", scheduled("a|artist")), schedule.put("gone", None)
    )
    (removed, put) = rows.statements
    assert removed == ("DELETE", (["gone"],))
    assert put[0] == "INSERT"
    subjects, is_artist, parts, levels, *_ = put[1]
    assert subjects == [*(f"t{number}" for number in range(50)), "a|artist"]
    assert is_artist == [False] * 50 + [True] and set(parts) == {3} and set(levels) == {2}  # type: ignore[call-overload]


async def test_an_error_of_postgresql_reaches_all_that_wait() -> None:
    rows = RecordingRows()
    rows.error = OSError("away")
    schedule = Schedule(rows)
    results = await asyncio.gather(
        schedule.put("a", scheduled("a")), schedule.put("b", None), return_exceptions=True
    )
    assert [str(result) for result in results] == ["away", "away"]
    rows.error = None
    await schedule.put("a", scheduled("a"))
    assert len(rows.statements) == 1
