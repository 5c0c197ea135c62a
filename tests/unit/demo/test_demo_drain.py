"""When the demo considers all records processed."""

from collections.abc import Iterator

import pytest

from demo import drain
from demo.drain import LagSnapshot
from songnodes.access import Access
from songnodes.errors import PipelineStalled


def snapshot(left: int | None, ends: int = 10) -> LagSnapshot:
    return LagSnapshot(left={"group": left}, ends=ends)


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> list[LagSnapshot]:
    planned: list[LagSnapshot] = []
    upcoming: Iterator[LagSnapshot] = iter(())

    def take(_admin: object, _groups: object) -> LagSnapshot:
        nonlocal upcoming
        if planned:
            upcoming = iter([*planned, *[planned[-1]] * 1000])
            planned.clear()
        return next(upcoming)

    monkeypatch.setattr(drain, "take_snapshot", take)
    return planned


def count_polls(snapshots: list[LagSnapshot], *planned: LagSnapshot) -> int:
    """Return the number of polls until the wait ended."""
    snapshots += planned
    polled: list[LagSnapshot] = []
    drain.wait(Access(), ["group"], polled.append, sleep=lambda seconds: None)
    return len(polled)


def test_the_wait_ends_after_stable_polls_in_a_row(snapshots: list[LagSnapshot]) -> None:
    assert count_polls(snapshots, snapshot(0)) == drain.STABLE_POLLS


def test_a_group_without_partitions_is_not_drained(snapshots: list[LagSnapshot]) -> None:
    assert count_polls(snapshots, snapshot(None), snapshot(None), snapshot(0)) == 2 + drain.STABLE_POLLS


def test_a_change_of_the_log_ends_restarts_the_count(snapshots: list[LagSnapshot]) -> None:
    assert (
        count_polls(snapshots, snapshot(0), snapshot(0), snapshot(0, ends=11), snapshot(0, ends=11))
        == 3 + drain.STABLE_POLLS
    )


def test_no_progress_raises_an_error_that_names_the_group(snapshots: list[LagSnapshot]) -> None:
    with pytest.raises(PipelineStalled, match="group: 7"):
        count_polls(snapshots, snapshot(7))
