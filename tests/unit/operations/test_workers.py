"""Which supervised processes a replay stops and starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.supervisor import Running
from operations.replay import workers as module
from operations.replay.workers import StillRunning, Workers
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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the supervisor, in order."""
    asked: list[str] = []

    class Supervisor:
        def __init__(self, home: Path) -> None: ...

        def processes(self) -> list[Running]:
            return [Running(name=n, state=s, pid=1, uptime=1, why="") for n, s in STATES.items()]

        def stop(self, names: Iterable[str]) -> None:
            asked.append(f"stop {' '.join(names)}")

        def start(self, name: str) -> None:
            asked.append(f"start {name}")

    monkeypatch.setattr(module, "Supervisor", Supervisor)
    return asked


def workers(monkeypatch: pytest.MonkeyPatch, *, members: int) -> Workers:
    """With so many members in the group; a session is over at once."""
    monkeypatch.setattr(module, "count_members", lambda admin, reader: members)
    settings = Settings().model_copy(update={"session_timeout": 0.05})
    admin: Any = None
    return Workers(settings, admin)


GOLD: Any = Reader()


def test_all_slots_that_are_meant_to_run(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert workers(monkeypatch, members=0).supervised("gold") == ["gold", "gold-1", "gold-2"]


def test_what_was_stopped_is_started_again(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with workers(monkeypatch, members=0).stopped([GOLD]):
        asked.append("move")
    assert asked == ["stop gold gold-1 gold-2", "move", "start gold", "start gold-1", "start gold-2"]


def test_also_when_it_goes_wrong(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), workers(monkeypatch, members=0).stopped([GOLD]):
        raise KeyboardInterrupt
    assert asked[-1] == "start gold-2"


def test_nothing_is_moved_beside_somebody_else(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StillRunning, match="members=1"), workers(monkeypatch, members=1).stopped([GOLD]):
        pytest.fail("the group has a member")
    assert asked[-1] == "start gold-2"


def test_a_group_of_ours_may_have_members_before(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    workers(monkeypatch, members=3).check([GOLD])
