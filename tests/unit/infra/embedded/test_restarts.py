"""Restarts are counted in the supervisor's log; a process that does not stay up is reported by name."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.embedded import readiness, restarts
from infra.embedded.java_server import property_value
from infra.embedded.readiness import NotReady
from infra.embedded.supervisor import ProcessInfo


def line(at: datetime, text: str) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S},123 INFO {text}\n"


def test_only_unexpected_exits_are_counted(tmp_path: Path) -> None:
    now = datetime.now()
    old, new = now - timedelta(hours=2), now - timedelta(minutes=5)
    (tmp_path / "supervisord.log.1").write_text(
        line(old, "exited: gold (exit status 1; not expected)")
        + line(new, "exited: gold (terminated by SIGKILL; not expected)")
    )
    (tmp_path / "supervisord.log").write_text(
        line(new, "spawned: 'gold' with pid 7")
        + line(new, "exited: gold (exit status 1; not expected)")
        + line(new, "exited: parse (exit status 65; expected)")
        + line(new, "stopped: silver (exit status 0)")
        + "garbage\n"
    )
    assert restarts.within_hour(tmp_path) == {"gold": 2}
    assert restarts.within_hour(tmp_path / "nowhere") == {}


class Stack:
    """Supervised processes whose state a test sets."""

    def __init__(self, home: Path, *processes: ProcessInfo) -> None:
        self.home = home
        self._processes = processes
        (home / "logs").mkdir()

    def processes(self) -> tuple[ProcessInfo, ...]:
        return self._processes

    def log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"


def running(state: str, uptime: float = 0.0) -> ProcessInfo:
    return ProcessInfo(name="gold", state=state, pid=1, uptime=uptime, why="")


def test_a_process_with_enough_uptime_is_ready(tmp_path: Path) -> None:
    readiness.wait(Stack(tmp_path, running("RUNNING", 60)), lambda _: True)


def test_an_exited_process_is_reported_with_its_last_log_line(tmp_path: Path) -> None:
    stack = Stack(tmp_path, running("EXITED"))
    stack.log("gold").write_text("one\nwhy it ended\n\n")
    with pytest.raises(NotReady, match=r"gold is exited.*why it ended"):
        readiness.wait(stack, lambda _: True)


def test_a_process_that_exits_repeatedly_fails_the_wait(tmp_path: Path) -> None:
    soon = datetime.now() + timedelta(seconds=1)
    (tmp_path / "supervisord.log").write_text(
        line(soon, "exited: gold (exit status 1; not expected)") * readiness.MAX_EXITS
    )
    with pytest.raises(NotReady, match="gold is backoff"):
        readiness.wait(Stack(tmp_path, running("BACKOFF")), lambda _: True)


def test_a_new_process_is_waited_for_until_the_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "READY_TIMEOUT_S", 0.3)
    with pytest.raises(NotReady):
        readiness.wait(Stack(tmp_path, running("RUNNING", 1.0)), lambda _: True)


def test_property_values_are_escaped() -> None:
    assert property_value(Path("/a b/Größe\\x")) == r"/a b/Gr\u00f6\u00dfe\\x"
    assert property_value("𝄞") == r"\ud834\udd1e"
