"""Restarts are counted from the supervisor's log; a process that does not stay up is named."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.embedded import restarts, staying
from infra.embedded.java_server import property_value
from infra.embedded.staying import NotReady
from infra.embedded.supervisor import Running


def line(at: datetime, text: str) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S},123 INFO {text}\n"


def test_only_ends_that_nobody_ordered_count(tmp_path: Path) -> None:
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

    def __init__(self, home: Path, *processes: Running) -> None:
        self.home = home
        self._processes = processes
        (home / "logs").mkdir()

    def processes(self) -> tuple[Running, ...]:
        return self._processes

    def log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"


def running(state: str, uptime: float = 0.0) -> Running:
    return Running(name="gold", state=state, pid=1, uptime=uptime, why="")


def test_one_that_has_stayed_up_is_ready(tmp_path: Path) -> None:
    staying.wait(Stack(tmp_path, running("RUNNING", 60)), lambda _: True)


def test_one_that_ended_for_good_is_named_with_its_last_line(tmp_path: Path) -> None:
    stack = Stack(tmp_path, running("EXITED"))
    stack.log("gold").write_text("one\nwhy it ended\n\n")
    with pytest.raises(NotReady, match=r"gold is exited.*why it ended"):
        staying.wait(stack, lambda _: True)


def test_one_that_ends_again_and_again_is_not_waited_for(tmp_path: Path) -> None:
    soon = datetime.now() + timedelta(seconds=1)
    (tmp_path / "supervisord.log").write_text(
        line(soon, "exited: gold (exit status 1; not expected)") * staying.GIVE_UP_AFTER
    )
    with pytest.raises(NotReady, match="gold is backoff"):
        staying.wait(Stack(tmp_path, running("BACKOFF")), lambda _: True)


def test_one_that_was_just_started_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staying, "PATIENCE_S", 0.3)
    with pytest.raises(NotReady):
        staying.wait(Stack(tmp_path, running("RUNNING", 1.0)), lambda _: True)


def test_paths_in_properties_files() -> None:
    assert property_value(Path("/a b/Größe\\x")) == r"/a b/Gr\u00f6\u00dfe\\x"
    assert property_value("𝄞") == r"\ud834\udd1e"
