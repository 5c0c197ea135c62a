"""When the demo believes that everything is through."""

from collections.abc import Iterator

import pytest

from demo import drain
from demo.drain import Look, Stuck
from songnodes.access import Access


def look(left: int | None, ends: int = 10) -> Look:
    return Look(left={"group": left}, ends=ends)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    planned: list[Look] = []
    upcoming: Iterator[Look] = iter(())

    def take(_admin: object, _groups: object) -> Look:
        nonlocal upcoming
        if planned:
            upcoming = iter([*planned, *[planned[-1]] * 1000])
            planned.clear()
        return next(upcoming)

    monkeypatch.setattr(drain, "take", take)
    return planned


def waited(looks: list[Look], *planned: Look) -> int:
    """How many looks it took."""
    looks += planned
    seen: list[Look] = []
    drain.wait(Access(), ["group"], seen.append, pause=lambda seconds: None)
    return len(seen)


def test_three_quiet_looks_in_a_row(looks: list[Look]) -> None:
    assert waited(looks, look(0)) == drain.QUIET_LOOKS


def test_a_group_without_partitions_is_not_through(looks: list[Look]) -> None:
    assert waited(looks, look(None), look(None), look(0)) == 2 + drain.QUIET_LOOKS


def test_a_record_between_two_groups_is_seen_by_the_ends(looks: list[Look]) -> None:
    assert waited(looks, look(0), look(0), look(0, ends=11), look(0, ends=11)) == 3 + drain.QUIET_LOOKS


def test_no_change_for_long_is_an_error_that_names_the_group(looks: list[Look]) -> None:
    with pytest.raises(Stuck, match="group: 7"):
        waited(looks, look(7))
