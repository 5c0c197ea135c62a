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

from infra.embedded.process_wait import STACK_VARIABLE
from infra.embedded.server import Program
from infra.embedded.supervisor import MAX_SOCKET_BYTES, Supervisor
from infra.embedded.workers import WORKERS, Worker
from songnodes.errors import EXIT_CONFIGURATION, EXIT_DATA


def read_back(home: Path, *programs: Program) -> dict[str, Any]:
    """Return the process configurations that supervisord reads, by name."""
    Supervisor(home)._write(programs)
    options = ServerOptions()
    options.realize(["-c", str(home / "supervisord.conf")])
    return {
        process.name: process for group in options.process_group_configs for process in group.process_configs
    }


def program(home: Path, **changes: Any) -> Program:
    return Program(**{"name": "one", "command": ("true",), "directory": home, **changes})


def test_a_program_keeps_its_command_signals_and_limits(tmp_path: Path) -> None:
    configured = program(
        tmp_path, command=("run", "a b", "100%", "it's"), stop_signal="INT", stop_wait=7, start_seconds=3
    )
    process = read_back(tmp_path, configured)["one"]
    assert shlex.split(process.command) == ["run", "a b", "100%", "it's"]
    assert (process.startsecs, process.stopwaitsecs, process.stopsignal.name) == (3, 7, "SIGINT")
    assert process.autorestart is RestartWhenExitUnexpected
    assert process.exitcodes == [EXIT_DATA, EXIT_CONFIGURATION]
    assert not process.autostart
    assert process.stdout_logfile == str(tmp_path / "logs" / "one.log")
    assert process.stdout_logfile_maxbytes == 10 << 20


# Values of ours are addresses, paths and JSON: no line ends, no single quotes.
values = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'\\"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.dictionaries(st.from_regex("[A-Z][A-Z_]{0,9}", fullmatch=True), values, max_size=4))
def test_the_environment_is_passed_unchanged(tmp_path: Path, env: dict[str, str]) -> None:
    process = read_back(tmp_path, program(tmp_path, env=env))["one"]
    assert process.environment == {**env, STACK_VARIABLE: str(tmp_path)}


def test_json_is_passed_unchanged(tmp_path: Path) -> None:
    env = {"URLS": '{"deezer": "http://127.0.0.1:9000", "share": "100%"}', "PLAIN": "a b"}
    process = read_back(tmp_path, program(tmp_path, env=env))["one"]
    assert process.environment == {**env, STACK_VARIABLE: str(tmp_path)}


def test_only_its_owner_reads_the_configuration(tmp_path: Path) -> None:
    read_back(tmp_path, program(tmp_path))
    assert (tmp_path / "supervisord.conf").stat().st_mode & 0o077 == 0


def test_a_long_home_path_has_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    short_path, long_path = Supervisor(tmp_path)._socket, Supervisor(deep)._socket
    assert short_path.parent == tmp_path
    assert len(os.fsencode(long_path)) <= MAX_SOCKET_BYTES
    assert long_path != Supervisor(deep / "y")._socket


@pytest.mark.parametrize("text", ["", "no number", "999999999", "my own"])
def test_a_stale_pid_file_is_no_supervisor(tmp_path: Path, text: str) -> None:
    (tmp_path / "supervisord.pid").write_text(str(os.getpid()) if text == "my own" else text)
    assert Supervisor(tmp_path).pid is None


def test_a_stopped_supervisor_has_no_processes(tmp_path: Path) -> None:
    assert Supervisor(tmp_path).processes() == []


def test_the_workers_are_those_of_the_pipeline() -> None:
    assert [worker.name for worker in WORKERS] == [
        "parse",
        "silver",
        "gold",
        "resolver",
        "sink",
        "refresh",
        "drift",
    ]


def test_each_slot_is_a_process_with_its_slot_number(tmp_path: Path) -> None:
    worker = Worker(name="gold", command=("gold",), slots=3, env={"A": "2"})
    programs = list(worker.programs(tmp_path, {"A": "1", "B": "1"}))
    assert [slot_program.name for slot_program in programs] == ["gold", "gold-1", "gold-2"]
    assert [slot_program.env["SONGNODES_WORKER_SLOT"] for slot_program in programs] == ["0", "1", "2"]
    assert {(slot_program.env["A"], slot_program.env["B"]) for slot_program in programs} == {("2", "1")}
