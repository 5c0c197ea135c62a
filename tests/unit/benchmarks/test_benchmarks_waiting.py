"""Waits of the benchmarks end where a process is gone, and go on where a coordinator is loading."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from benchmarks import waiting
from infra.embedded import lag
from infra.embedded.lag import GroupLag
from infra.embedded.readiness import NotReady
from infra.embedded.supervisor import ProcessInfo
from songnodes.settings import Settings


class Processes:
    """The processes of a data directory, in the states given."""

    def __init__(self, home: Path, **states: str) -> None:
        self.home = home
        self._states = states

    def processes(self) -> Sequence[ProcessInfo]:
        return [
            ProcessInfo(name=name, state=state, pid=None, uptime=1.0, why="")
            for name, state in self._states.items()
        ]

    def log(self, name: str) -> Path:
        return self.home / f"{name}.log"


@pytest.mark.parametrize("state", ["FATAL", "EXITED", "STOPPED"])
def test_a_process_that_has_ended_ends_the_wait(tmp_path: Path, state: str) -> None:
    (tmp_path / "gold.log").write_text("no topics\n")
    with pytest.raises(NotReady, match=r"gold is .*no topics"):
        waiting.check_processes(Processes(tmp_path, silver="RUNNING", gold=state))


def test_a_process_that_is_started_again_does_not(tmp_path: Path) -> None:
    waiting.check_processes(Processes(tmp_path, silver="RUNNING", gold="BACKOFF", parse="STARTING"))


def test_lag_is_unknown_while_a_coordinator_is_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    def loading(*_: Any) -> list[GroupLag]:
        raise KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))

    monkeypatch.setattr(lag, "groups", loading)
    assert waiting.unread(Settings()) is None
    groups = [GroupLag(group=name, records=3, oldest=None) for name in ("a", "b")]
    monkeypatch.setattr(lag, "groups", lambda *_: groups)
    assert waiting.unread(Settings(), {"a": ()}) == {"a": 3}
    assert waiting.unread(Settings()) == {"a": 3, "b": 3}


def test_a_wait_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting.Deadline("rows").check(1)
    monkeypatch.setattr(waiting, "GIVE_UP_S", -1.0)
    with pytest.raises(TimeoutError, match="rows: 1 missing"):
        waiting.Deadline("rows").check(1)
