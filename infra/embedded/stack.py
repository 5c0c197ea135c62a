"""The servers and workers of one data directory, as one thing that is started and stopped."""

import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded import cluster, orphans, parent_watchdog, ports, readiness, secrets
from infra.embedded.addresses import from_outside, save
from infra.embedded.deploy import STEPS, Step, deploy
from infra.embedded.disk import check_free_space, disk_full_errors
from infra.embedded.kafka import Kafka, nodes
from infra.embedded.postgres import Postgres
from infra.embedded.process import Process
from infra.embedded.readiness import NotReady
from infra.embedded.redis import Redis
from infra.embedded.registry import Registry
from infra.embedded.server import OnProgress, Program, Server, StackConfig, exclusive, ignore_progress
from infra.embedded.supervisor import ProcessInfo, Supervisor
from infra.embedded.workers import Worker
from songnodes.access import ADDRESSES, Access
from songnodes.errors import UnknownName, UserError
from songnodes.servers import check_addresses, probe, unreachable
from songnodes.settings import Settings

SERVERS: tuple[type[Server], ...] = (Kafka, Postgres, Redis, Registry)
#: Seconds between two looks at a server that is not ready yet.
POLL_INTERVAL_S = 0.1


class DataDirectoryShared(UserError):
    """The data directory must be the user's own: it holds passwords"""

    remedy = "SONGNODES_HOME names another one"


class StackNotStarted(UserError):
    """Nothing was started in this data directory"""

    remedy = "`songnodes up` starts the servers and all processes"


def cache_directory() -> Path:
    """Return the directory of installed parts of all stacks: SONGNODES_CACHE, or the cache of the user."""
    configured = os.environ.get("SONGNODES_CACHE")
    if configured:
        return Path(configured).expanduser().absolute()
    usual = os.environ.get("XDG_CACHE_HOME")
    return (Path(usual) if usual else Path.home() / ".cache") / "songnodes"


class Stack:
    """One data directory with its supervisor. Servers whose address is set from outside are not started.

    `brokers` is the number of Kafka's nodes, by default that of the data directory, or 1; `record` as in
    `StackConfig`. Two of the same directory see the same processes: the state is on disk, not in the object.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache: Path | None = None,
        outside: Mapping[str, str] | None = None,
        brokers: int | None = None,
        record: bool = True,
    ) -> None:
        self.home = home.absolute()
        self._cache = cache or cache_directory()
        self._outside = from_outside(os.environ, self.home) if outside is None else dict(outside)
        self._supervisor = Supervisor(self.home)
        self._record = record
        self._brokers = cluster.broker_count(brokers, ports.load(self.home))

    def start(
        self,
        workers: Iterable[Worker] = (),
        *,
        steps: Iterable[Step] = STEPS,
        on_progress: OnProgress = ignore_progress,
        parent: int | None = None,
    ) -> Access:
        """Start what does not run: servers, then `steps` if there are workers, then these.

        Returns when all servers answer and all workers are started. What runs already is left alone.
        With `parent`, the pid of a process, everything is stopped when that process ends.
        """
        wanted = tuple(workers)
        self._make_home()
        with self._exclusive_lock(), disk_full_errors():
            servers = self._servers()
            self._prepare(servers, on_progress)
            access = self._access(servers)
            programs = [self._with_secrets(server) for server in servers]
            programs += self._worker_programs(wanted, access)
            if programs:
                self._supervise(programs, parent)
            self._run_servers(servers, on_progress)
            save(access, {server.setting for server in servers}, self.home)
            if wanted:
                deploy(steps, self._worker_env(access), on_progress)
                for program in self._worker_programs(wanted, access):
                    on_progress(f"{program.name}: starting")
                    self._supervisor.start(program.name)
        return access

    def await_workers(self, *, on_progress: OnProgress = ignore_progress) -> None:
        """Wait until every supervised process runs and has stayed up for a while.

        Raises `NotReady` for one that does not, with the last line of its log.
        """
        readiness.wait(self, lambda process: process.state != "STOPPED")
        on_progress("all processes run")

    def start_process(self, name: str) -> None:
        """Start one process and wait until it has stayed up. Raises UnknownName, NotReady."""
        self._known(name)
        self._supervisor.start(name)
        readiness.wait(self, lambda process: process.name == name)

    def stop_process(self, name: str) -> None:
        """Stop one process; the supervisor does not start it again by itself. Raises UnknownName."""
        self._known(name)
        self._supervisor.stop([name])

    def _known(self, name: str) -> None:
        names = [process.name for process in self.processes()]
        if not names:
            raise StackNotStarted
        if name not in names:
            raise UnknownName("process", name, names)

    def stop(self, *, on_progress: OnProgress = ignore_progress) -> None:
        """Stop workers, then servers, then the supervisor, and whatever a killed supervisor left."""
        if self.home.exists():
            with self._exclusive_lock():
                servers = self._server_names()
                names = [process.name for process in self._supervisor.processes()]
                for stopped in ([n for n in names if n not in servers], [n for n in names if n in servers]):
                    if stopped:
                        on_progress(f"stopping {', '.join(stopped)}")
                        self._supervisor.stop(stopped)
                self._supervisor.shut_down()
                orphans.end(self.home)

    def discard(self, *, on_progress: OnProgress = ignore_progress) -> None:
        """Stop all and remove the data directory, with the data of servers that run as another user."""
        self.stop(on_progress=on_progress)
        for entry in self.home.glob("*"):
            if entry.is_symlink() and entry.is_dir():
                shutil.rmtree(entry.resolve())
        if self.home.exists():
            shutil.rmtree(self.home)

    def processes(self) -> list[ProcessInfo]:
        """All supervised processes; empty where nothing was started."""
        return self._supervisor.processes()

    def process(self, name: str) -> Process:
        """One process by its name in `status`."""
        return Process(self, name)

    @property
    def kafka(self) -> Process:
        return self.process(Kafka.name)

    @property
    def postgres(self) -> Process:
        return self.process(Postgres.name)

    @property
    def redis(self) -> Process:
        return self.process(Redis.name)

    @property
    def registry(self) -> Process:
        return self.process(Registry.name)

    @property
    def addresses(self) -> Access:
        """The access of clients to the servers; ports and passwords are chosen at the first call."""
        self._make_home()
        return self._access(self._servers())

    def servers(self) -> tuple[Server, ...]:
        """Return the embedded servers of this stack, whether they run or not."""
        return self._servers()

    @property
    def brokers(self) -> tuple[Process, ...]:
        """The nodes of Kafka."""
        return tuple(map(self.process, cluster.broker_names(self._brokers)))

    def _kinds(self) -> tuple[type[Server], ...]:
        return (*nodes(self._brokers), *SERVERS[1:])

    def _server_names(self) -> set[str]:
        return {server.name for server in self._kinds()}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def check_outside(self) -> None:
        """Raise InvalidAddress or ServerUnreachable for an external server that cannot be used."""
        outside = {name: self._outside[name] for name in ADDRESSES if name in self._outside}
        check_addresses(outside)
        for setting, answers in probe(Access(**self._outside), outside).items():
            if not answers:
                raise unreachable(setting, outside[setting])

    def _servers(self) -> tuple[Server, ...]:
        ours = [server for server in self._kinds() if server.setting not in self._outside]
        chosen = ports.choose(self.home, (name for server in ours for name in server.port_names))
        config = StackConfig(
            home=self.home,
            cache=self._cache,
            ports=chosen,
            secrets=secrets.load(self.home),
            brokers=self._brokers,
            second_compiler=Settings().kafka_second_compiler,
            record=self._record,
        )
        return tuple(server(config=config) for server in ours)

    def _access(self, servers: Iterable[Server]) -> Access:
        ours = {name: text for server in servers for name, text in server.access().items()}
        return Access(**{**self._outside, **ours})

    def _make_home(self) -> None:
        """Create the data directory for its owner alone. Raises DataDirectoryShared."""
        if self.home.exists() and self.home.stat().st_mode & stat.S_ISVTX:
            raise DataDirectoryShared(str(self.home))
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self.home.chmod(0o700)
        except PermissionError as error:
            raise DataDirectoryShared(str(self.home)) from error

    def _prepare(self, servers: Iterable[Server], on_progress: OnProgress) -> None:
        running = {process.name for process in self._supervisor.processes() if process.up}
        if not self._supervisor.pid and orphans.end(self.home):
            on_progress("ended processes that a killed supervisor had left")
        for server in servers:
            if server.name in running and server.needs_restart():
                on_progress(f"{server.name}: stopping: its passwords or its place change")
                self._supervisor.stop([server.name])
            elif server.name not in running:
                ports.check_free(server.ports)
                check_free_space(self.home)
            server.install(on_progress)  # one after the other: an interrupt ends a download at once
        prepare_together(servers, on_progress)

    def _supervise(self, programs: list[Program], parent: int | None) -> None:
        if parent:
            programs = [*programs, parent_watchdog.program(self.home, parent)]
        if self._supervisor.pid:
            self._supervisor.adopt(programs, unwanted=self._server_names())
        else:
            self._supervisor.launch(programs)
        if parent:
            self._supervisor.start(parent_watchdog.NAME)

    def _run_servers(self, servers: Iterable[Server], on_progress: OnProgress) -> None:
        waiting = list(servers)
        for server in waiting:
            self._supervisor.start(server.name)
        begun = time.monotonic()
        while waiting:
            for server in [candidate for candidate in waiting if candidate.answers()]:
                on_progress(f"{server.name}: ready after {time.monotonic() - begun:.1f} s")
                waiting.remove(server)
            late = [
                candidate for candidate in waiting if time.monotonic() - begun > candidate.start_timeout_s
            ]
            if late:
                raise NotReady(name=late[0].name, log=self.log(late[0].name))
            time.sleep(POLL_INTERVAL_S)

    def _with_secrets(self, server: Server) -> Program:
        """Return the program of a server; it differs when the passwords do, so that it is restarted."""
        program = server.program()
        version = hashlib.sha256(repr(astuple(server.config.secrets)).encode()).hexdigest()[:16]
        return replace(program, env={**program.env, "SONGNODES_SECRETS": version})

    def _worker_programs(self, workers: Iterable[Worker], access: Access) -> list[Program]:
        env = self._worker_env(access)
        return [program for worker in workers for program in worker.programs(self.home, env)]

    def _worker_env(self, access: Access) -> dict[str, str]:
        """Return the variables of a worker, which reads addresses and passwords from the data directory.

        They differ when the access does, so that the worker is restarted and reads it again.
        """
        version = hashlib.sha256(repr(sorted(access.plain().items())).encode()).hexdigest()[:16]
        brokers = 1 if "kafka_bootstrap" in self._outside else self._brokers
        return {
            "SONGNODES_HOME": str(self.home),
            "SONGNODES_ACCESS": version,
            **cluster.variables(brokers),
        }

    @property
    def log_directory(self) -> Path:
        """Return the directory of the logs, NAME.log for each process."""
        return self.home / "logs"

    def log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.log_directory / f"{name}.log"

    @contextmanager
    def _exclusive_lock(self) -> Iterator[None]:
        """One start or stop of a data directory at a time, on this machine."""
        with exclusive(self.home / "stack.lock"):
            yield


def prepare_together(servers: Iterable[Server], on_progress: OnProgress) -> None:
    """Prepare the servers side by side, the nodes of Kafka in order: the first one has the cluster id."""

    def prepare(nodes: Iterable[Server]) -> None:
        for server in nodes:
            server.prepare(on_progress)

    groups = [tuple(nodes) for _, nodes in groupby(servers, lambda server: server.setting)]
    with ThreadPoolExecutor(max_workers=len(SERVERS)) as pool:
        for done in [pool.submit(prepare, nodes) for nodes in groups]:
            done.result()
