"""The configuration of supervisord, read back by supervisord itself."""

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.datatypes import RestartWhenExitUnexpected
from supervisor.options import ServerOptions

from infra.embedded.ended import MARK
from infra.embedded.server import Program
from infra.embedded.supervisor import LONGEST_SOCKET, Supervisor
from infra.embedded.workers import WORKERS, Worker
from stream_processors.runtime import errors


def read_back(home: Path, *programs: Program) -> dict[str, Any]:
    """What supervisord makes of it: its process configurations, by name."""
    Supervisor(home)._write(programs)
    options = ServerOptions()
    options.realize(["-c", str(home / "supervisord.conf")])
    return {
        process.name: process for group in options.process_group_configs for process in group.process_configs
    }


def program(home: Path, **changes: Any) -> Program:
    return Program(**{"name": "one", "command": ("true",), "directory": home, **changes})


def test_a_program_keeps_its_command_and_its_bounds(tmp_path: Path) -> None:
    one = program(
        tmp_path, command=("run", "a b", "100%", "it's"), stop_signal="INT", stop_wait=7, start_seconds=3
    )
    found = read_back(tmp_path, one)["one"]
    assert shlex.split(found.command) == ["run", "a b", "100%", "it's"]
    assert (found.startsecs, found.stopwaitsecs, found.stopsignal.name) == (3, 7, "SIGINT")
    assert found.autorestart is RestartWhenExitUnexpected
    assert found.exitcodes == [errors.EXIT_DATA, errors.EXIT_CONFIGURATION]
    assert not found.autostart
    assert found.stdout_logfile == str(tmp_path / "logs" / "one.log")
    assert found.stdout_logfile_maxbytes == 10 << 20


# Values of ours are addresses and paths: no line ends, no quotes.
values = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'\\"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.dictionaries(st.from_regex("[A-Z][A-Z_]{0,9}", fullmatch=True), values, max_size=4))
def test_the_environment_arrives_as_it_was_given(tmp_path: Path, env: dict[str, str]) -> None:
    found = read_back(tmp_path, program(tmp_path, env=env))["one"]
    assert found.environment == {**env, MARK: str(tmp_path)}


def test_only_its_owner_reads_the_configuration(tmp_path: Path) -> None:
    read_back(tmp_path, program(tmp_path))
    assert (tmp_path / "supervisord.conf").stat().st_mode & 0o077 == 0


def test_a_deep_home_has_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    near, far = Supervisor(tmp_path)._socket, Supervisor(deep)._socket
    assert near.parent == tmp_path
    assert len(os.fsencode(far)) <= LONGEST_SOCKET
    assert far != Supervisor(deep / "y")._socket


@pytest.mark.parametrize("text", ["", "no number", "999999999", "my own"])
def test_a_stale_pid_file_is_no_supervisor(tmp_path: Path, text: str) -> None:
    (tmp_path / "supervisord.pid").write_text(str(os.getpid()) if text == "my own" else text)
    assert Supervisor(tmp_path).pid is None


def test_a_supervisor_that_does_not_run_has_no_processes(tmp_path: Path) -> None:
    assert Supervisor(tmp_path).processes() == []


def test_the_workers_are_those_of_the_flow() -> None:
    assert [worker.name for worker in WORKERS] == [
        "parse",
        "silver",
        "appearances",
        "gold",
        "resolver",
        "sink",
        "refresh",
        "drift",
    ]


def test_each_slot_is_a_process_that_knows_its_number(tmp_path: Path) -> None:
    worker = Worker(name="gold", command=("gold",), slots=3, env={"A": "2"})
    programs = list(worker.programs(tmp_path, {"A": "1", "B": "1"}))
    assert [each.name for each in programs] == ["gold", "gold-1", "gold-2"]
    assert [each.env["SONGNODES_WORKER_SLOT"] for each in programs] == ["0", "1", "2"]
    assert {(each.env["A"], each.env["B"]) for each in programs} == {("2", "1")}
