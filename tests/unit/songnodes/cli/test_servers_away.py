"""Every command ends within seconds when a server is unavailable, with one sentence and a remedy.

The commands are enumerated from the command line itself: one without an entry in `ARGUMENTS` fails.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import typer.main
from confluent_kafka import KafkaError, KafkaException

from songnodes import cli, servers
from songnodes import settings as settings_module
from songnodes.cli import run
from songnodes.cli.failures import sentence
from songnodes.probes import PROBES
from songnodes.servers import SERVERS

#: Between the deadline of the probes, 3 s, and the clients' own failures, which take up to a minute.
MAX_SECONDS = 20.0
K, P, R, S = "kafka_bootstrap", "database_url", "redis_url", "schema_registry_url"
ALL = (K, P, R, S)
WRITE = (K, P, S)
ID = "0" * 32

#: Command -> its arguments and the servers it needs. FILE is a file that exists.
ARGUMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "up": ((), ALL),
    "down": ((), ()),
    "stop": (("parse",), ()),
    "start": (("parse",), ()),
    "restart": (("parse",), ()),
    "status": ((), ()),
    "env": ((), ()),
    "logs": ((), ()),
    "topics apply": ((), (K,)),
    "topics check": ((), (K,)),
    "schemas register": ((), (S,)),
    "schemas check": ((), (S,)),
    "migrate": ((), (P,)),
    "dictionary": ((), (P,)),
    "ingest": (("FILE",), WRITE),
    "scrape": (("mixesdb", "--since", "2026-01-01"), ALL),
    "scrape --from-index": (("mixesdb", "--from-index", "FILE"), (P,)),
    "sources": ((), ()),
    "providers": ((), ()),
    "providers --check": (("--check", "deezer"), (R,)),
    "demo": ((), ALL),
    "demo --score": (("--score",), (P,)),
    "run parse": (("parse",), (K, S)),
    "run silver": (("silver",), (K, S)),
    "run gold": (("gold",), (K, S)),
    "run resolver": (("resolver",), WRITE),
    "run sink": (("sink",), WRITE),
    "run service": (("service",), (K, R, S)),
    "run web": (("web",), ()),
    "run enrich": (("enrich",), WRITE),
    "enrich": (("A - B",), (K, R, S)),
    "enrichments withdraw": (("--provider", "spotify"), ALL),
    "enrichments expire": ((), ALL),
    "run refresh": (("refresh",), WRITE),
    "run drift": (("drift",), WRITE),
    "run crawl": (("crawl",), ALL),
    "replay": (("parse", "--from", "earliest", "--dry-run"), (K, P)),
    "rebuild": (("gold", "--beside"), (K, P, S)),
    "dlq list": ((), (K, P)),
    "dlq show": (("parse", "0:0"), (K, P, S)),
    "dlq reinsert": (("parse",), (K, P)),
    "dlq drop": (("parse", "--reason-text", "x"), (K, P)),
    "drift": ((), (K, P)),
    "drift release": (("a", "--reason-text", "x"), WRITE),
    "reparse": (("mixesdb", "--from", "earliest"), WRITE),
    "facts": ((), (K, S)),
    "reconcile": ((), (P,)),
    "refresh": ((), WRITE),
    "search": (("strobe",), (P,)),
    "top": ((), (P,)),
    "trending": ((), (P,)),
    "track": (("strobe",), (P,)),
    "artist": (("deadmau5",), (P,)),
    "dj": (("deadmau5",), (P,)),
    "set": (("mixesdb:1",), (P,)),
    "label": (("mau5trap",), (P,)),
    "harmonic": (("strobe",), (P,)),
    "next": (("strobe",), (P,)),
    "unreleased": ((), (P,)),
    "lineage": (("strobe",), (P,)),
    "climbers": ((), (P,)),
    "report": (("2026",), (P,)),
    "coverage": ((), (P,)),
    "costs": ((), (P,)),
    "follow": (("dj", "sasha"), (P,)),
    "unfollow": (("dj", "sasha"), (P,)),
    "following": ((), (P,)),
    "feed": ((), (P,)),
    "plot wheel": (("-o", "x.svg"), (P,)),
    "plot matrix": (("-o", "x.svg"), (P,)),
    "plot curve": (("mixesdb:1", "-o", "x.svg"), (P,)),
    "plot trend": (("strobe", "-o", "x.svg"), (P,)),
    "plot coverage": (("-o", "x.svg"), (P,)),
    "plot graph": (("deadmau5", "-o", "x.svg"), (P,)),
    "mcp": ((), (P,)),
    "check": (("mixesdb:1",), (P,)),
    "explain line": (("A - B",), ()),
    "explain match": (("A - B", "--name", "B", "--artist", "A"), ()),
    "explain enrich": ((ID,), (P,)),
    "override set": ((ID, "bpm", "120", "--reason", "x"), WRITE),
    "override withdraw": ((ID, "bpm", "--reason", "x"), WRITE),
    "override apply": (("YAML",), WRITE),
    "override list": ((), (K, S)),
    "merge": ((ID, "1" * 32, "--reason", "x"), WRITE),
    "split": ((ID, "--reason", "x"), WRITE),
    "links": ((), (P,)),
}
NEEDED = [(name, server) for name, (_, needed) in ARGUMENTS.items() for server in needed]
#: Processes that serve, with an error page, while their server is away.
SERVING = ("run web",)
MALFORMED = {
    K: ("localhost", "PLAINTEXT://a:9092", "a:99999", "a:", ":9092", "a:b", "a:1,", "a b:1"),
    P: ("localhost:5432", "mysql://a/b", "postgresql://a:port/b", "postgresql://u:secret@a:99999/b"),
    R: ("localhost:6379", "http://a", "redis://a:port", "redis://", "redis://[::1"),
    S: ("localhost:8081", "http://", "ftp://a", "http://a:0"),
}


def leaves() -> Iterator[str]:
    for name in cli.COMMANDS:
        command: Any = typer.main.get_command(cli._load_command(name))
        commands = getattr(command, "commands", None)
        if commands is None or command.invoke_without_command:
            yield name
        for sub in commands or ():
            yield f"{name} {sub}"


def test_every_command_has_an_entry() -> None:
    from songnodes.cli.run import STAGES, WORKERS

    processes = {f"run {name}" for name in (*STAGES, *WORKERS)}
    options = {name for name in ARGUMENTS if " --" in name}
    assert set(ARGUMENTS) - options == {*leaves()} - {"run"} | processes


@pytest.fixture
def closed() -> Iterator[int]:
    """Yield a loopback port without a listener."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[int]:
    """Yield a loopback port that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def address_of(server: str, port: int) -> str:
    forms = {
        K: "127.0.0.1:{}",
        P: "postgresql://u:secret@127.0.0.1:{}/x",
        R: "redis://:secret@127.0.0.1:{}/0",
    }
    return forms.get(server, "http://127.0.0.1:{}/apis").format(port)


class Runner:
    """Run a command in this process; every server but those in `bad` passes the probe."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], home: Path
    ) -> None:
        self._patch, self._capfd, self._home = monkeypatch, capfd, home
        (home / "page.html").write_text("<html></html>")
        (home / "set.yaml").write_text(f"reason: x\noverrides: [{{track: '{ID}', bpm: 120}}]\n")

    def __call__(self, name: str, bad: dict[str, str]) -> tuple[object, str]:
        real = dict(PROBES)
        self._patch.setattr(
            servers, "PROBES", {key: real[key] if key in bad else lambda _: True for key in real}
        )
        for server in ALL:
            self._patch.setenv(server.upper(), bad.get(server) or address_of(server, 1))
        self._patch.setenv("SONGNODES_HOME", str(self._home / "home"))
        self._patch.setenv("SONGNODES_CONTACT", "mailto:a@example.org")
        files = {"FILE": str(self._home / "page.html"), "YAML": str(self._home / "set.yaml")}
        arguments = [files.get(argument, argument) for argument in ARGUMENTS[name][0]]
        words = name.partition(" --")[0].split()
        words = words[:1] if words[0] == "run" else words
        self._patch.setattr(sys, "argv", ["songnodes", *words, *arguments])
        settings_module.settings.cache_clear()
        self._capfd.readouterr()
        begun = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        settings_module.settings.cache_clear()
        assert time.monotonic() - begun < MAX_SECONDS
        return ended.value.code, self._capfd.readouterr().err


@pytest.fixture
def runner(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Runner]:
    monkeypatch.setattr(run, "SERVER_WAIT_S", 0.1)
    yield Runner(monkeypatch, capfd, tmp_path)
    settings_module.settings.cache_clear()


def assert_sentence(output: str, server: str) -> None:
    assert output.count("\n") == 1 and output.startswith("songnodes: "), output
    assert SERVERS[server][0] in output or server.upper() in output
    assert "secret" not in output
    assert "Set it to" in output or "`songnodes" in output, "the message names a remedy"


@pytest.mark.parametrize(("name", "server"), NEEDED)
def test_a_refused_connection_is_reported(name: str, server: str, runner: Runner, closed: int) -> None:
    code, output = runner(name, {server: address_of(server, closed)})
    assert code == (75 if name.startswith("run ") else 1)
    assert_sentence(output, server)


@pytest.mark.parametrize(("name", "server"), NEEDED)
def test_a_malformed_address_is_reported(name: str, server: str, runner: Runner) -> None:
    for address in MALFORMED[server]:
        code, output = runner(name, {server: address})
        assert code == 1
        assert_sentence(output, server)


@pytest.mark.parametrize(("name", "server"), NEEDED)
def test_a_server_that_never_responds_is_reported(
    name: str, server: str, runner: Runner, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "PROBE_DEADLINE_S", 0.1)
    code, output = runner(name, {server: address_of(server, silent)})
    assert code == (75 if name.startswith("run ") else 1)
    assert_sentence(output, server)


@pytest.mark.parametrize(
    "name", [name for name, (_, needed) in ARGUMENTS.items() if not needed and name not in SERVING]
)
def test_commands_without_servers_end_normally(name: str, runner: Runner, closed: int) -> None:
    code, output = runner(name, {server: address_of(server, closed) for server in ALL})
    assert "Traceback" not in output
    assert code == 0 or output.count("\n") == 1


@pytest.mark.parametrize(("name", "server"), [("topics check", K), ("migrate", P), ("schemas check", S)])
def test_the_whole_command_ends_in_time(name: str, server: str, silent: int, tmp_path: Path) -> None:
    """Threads of the client are included; the start, slow on a busy machine, is measured separately."""
    environment = {server.upper(): address_of(server, silent), "SONGNODES_HOME": str(tmp_path)}
    start_s, _ = _run_timed([*name.split(), "--help"], environment)
    elapsed_s, ended = _run_timed(name.split(), environment)
    assert elapsed_s - start_s < MAX_SECONDS
    assert ended.returncode == 1
    assert_sentence(ended.stderr, server)


def _run_timed(
    arguments: list[str], environment: dict[str, str]
) -> tuple[float, subprocess.CompletedProcess[str]]:
    started_at = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "songnodes", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return time.monotonic() - started_at, ended


def test_a_missing_address_is_reported(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for server in ALL:
        monkeypatch.delenv(server.upper(), raising=False)
    ended = subprocess.run(
        [sys.executable, "-m", "songnodes", "topics", "check"],
        env={"SONGNODES_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "songnodes up" in ended.stderr


def test_errors_of_the_clients_name_the_server() -> None:
    assert sentence(KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))).startswith("Kafka failed: ")
    assert sentence(psycopg.OperationalError("gone\naway")).startswith("PostgreSQL failed: gone away. ")
    assert sentence(redis.ConnectionError("gone")).startswith("Redis failed: gone. ")


def test_an_unforeseen_error_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(name: str) -> object:
        raise RuntimeError("postgresql://u:secret@h/x\x1b[2J")

    monkeypatch.setattr(cli, "_load_command", broken)
    monkeypatch.setattr(sys, "argv", ["songnodes", "topics", "check"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    output = capsys.readouterr().err
    assert ended.value.code == 1
    assert output.count("\n") == 1
    assert "secret" not in output and "\x1b" not in output and "RuntimeError" in output
