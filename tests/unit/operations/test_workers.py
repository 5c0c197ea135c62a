"""The supervised processes that a replay stops and starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.supervisor import ProcessInfo
from operations.replay import workers as module
from operations.replay.workers import GroupNotEmpty, Workers
from songnodes.settings import Settings

STATES = {
    "gold": "RUNNING",
    "gold-1": "BACKOFF",
    "gold-2": "EXITED",
    "gold-3": "STOPPED",
    "golden": "RUNNING",
    "sink": "RUNNING",
}


class Reader:
    """A reader of the gold stage's group."""

    name = process = "gold"
    group = "g"
    topics: tuple[str, ...] = ()
    membership_s = 0.0


@pytest.fixture
def supervisor_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the calls of the supervisor, in order."""
    supervisor_calls: list[str] = []

    class Supervisor:
        def __init__(self, home: Path) -> None: ...

        def processes(self) -> list[ProcessInfo]:
            return [ProcessInfo(name=n, state=s, pid=1, uptime=1, why="") for n, s in STATES.items()]

        def stop(self, names: Iterable[str]) -> None:
            supervisor_calls.append(f"stop {' '.join(names)}")

        def start(self, name: str) -> None:
            supervisor_calls.append(f"start {name}")

    monkeypatch.setattr(module, "Supervisor", Supervisor)
    return supervisor_calls


def workers(monkeypatch: pytest.MonkeyPatch, *, members: int) -> Workers:
    """Return workers whose group has that many members; sessions expire immediately."""
    monkeypatch.setattr(module, "count_members", lambda admin, reader: members)
    settings = Settings().model_copy(update={"session_timeout": 0.05})
    admin: Any = None
    return Workers(settings, admin)


GOLD: Any = Reader()


def test_all_slots_that_should_run_are_listed(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workers(monkeypatch, members=0).supervised("gold") == ["gold", "gold-1", "gold-2"]


def test_stopped_processes_are_started_after_the_move(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with workers(monkeypatch, members=0).stopped([GOLD]):
        supervisor_calls.append("move")
    assert supervisor_calls == [
        "stop gold gold-1 gold-2",
        "move",
        "start gold",
        "start gold-1",
        "start gold-2",
    ]


def test_stopped_processes_are_started_after_an_exception(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt), workers(monkeypatch, members=0).stopped([GOLD]):
        raise KeyboardInterrupt
    assert supervisor_calls[-1] == "start gold-2"


def test_a_group_with_another_member_is_refused(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GroupNotEmpty, match="members=1"), workers(monkeypatch, members=1).stopped([GOLD]):
        pytest.fail("the group has a member")
    assert supervisor_calls[-1] == "start gold-2"


def test_own_members_do_not_fail_the_check(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workers(monkeypatch, members=3).check([GOLD])


def test_the_check_waits_for_members_whose_process_has_ended(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = workers(monkeypatch, members=0)
    counts = [1, 1, 0]
    monkeypatch.setattr(module, "count_members", lambda admin, reader: counts.pop(0))
    reader: Any = Reader()
    reader.process, reader.membership_s = "unsupervised", 10.0
    checked.check([reader])
    assert counts == []


def test_a_member_that_stays_fails_the_check(
    supervisor_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader: Any = Reader()
    reader.process, reader.membership_s = "unsupervised", 0.1
    with pytest.raises(GroupNotEmpty, match="members=2"):
        workers(monkeypatch, members=2).check([reader])
