"""A server of the embedded stack: prepare it, run it, check that it answers."""

import fcntl
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from infra.embedded.secrets import Secrets
from songnodes.access import Access
from songnodes.errors import UserError
from songnodes.probes import PROBES

OnProgress = Callable[[str], None]
"""Report one line of progress."""


class DataDirectoryFailed(UserError):
    """The data directory of a server could not be created"""


def ignore_progress(_line: str) -> None:
    """Ignore progress messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One supervised process. Times in seconds."""

    name: str
    command: tuple[str, ...]
    directory: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    #: SIGTERM is an order to end at leisure; PostgreSQL takes SIGINT for "now, but in order".
    stop_signal: str = "TERM"
    stop_wait: int = 20
    #: A process that ends sooner counts as failed to start, and is started again more and more slowly.
    start_seconds: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """Paths, ports and passwords of a stack: data directory, cache of installed parts, ports by name.

    `brokers` is the number of nodes of Kafka. With `second_compiler` they compile their code a second time.
    Without `record` a server whose start was not recorded on this machine starts without a recording.
    """

    home: Path
    cache: Path
    ports: Mapping[str, int]
    secrets: Secrets
    brokers: int = 1
    second_compiler: bool = False
    record: bool = True


@dataclass(frozen=True, kw_only=True)
class Server(ABC):
    """One server of a stack."""

    config: StackConfig

    #: Its name in `status` and `logs`.
    name: ClassVar[str]
    #: The setting that holds its address: a name of `songnodes.settings.ADDRESSES`.
    setting: ClassVar[str]
    #: Names of the loopback ports that it listens on.
    port_names: ClassVar[tuple[str, ...]]
    #: Seconds to wait for it at most, on a slow machine.
    start_timeout_s: ClassVar[float]

    @property
    def ports(self) -> dict[str, int]:
        """The ports that it listens on."""
        return {name: self.config.ports[name] for name in self.port_names}

    def needs_restart(self) -> bool:
        """Return True if data or passwords are of an earlier version: it must be stopped before `prepare`."""
        return False

    def install(self, on_progress: OnProgress) -> None:
        """Fetch its program where that is not done; nothing for a program of the environment."""
        return

    @abstractmethod
    def prepare(self, on_progress: OnProgress) -> None:
        """Install it and make its data directory, where that is not done; may be repeated.

        Those of other servers run at the same time, in other threads.
        """

    @abstractmethod
    def program(self) -> Program:
        """Return the command that runs it in the foreground."""

    @abstractmethod
    def address(self) -> str:
        """Return the address that its clients connect to."""

    def access(self) -> dict[str, str]:
        """Return the settings of its clients by name, the address among them."""
        return {self.setting: self.address()}

    def answers(self) -> bool:
        """Return True if it serves a request now."""
        return PROBES[self.setting](Access(**self.access()))


@contextmanager
def atomic_directory(directory: Path) -> Iterator[Path]:
    """Yield a directory to fill, which becomes `directory` only if no error was raised.

    An incomplete directory of a killed run is removed first.
    """
    staging = directory.with_name(f".{directory.name}-incomplete")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    staging.rename(directory)


@contextmanager
def exclusive(lock_file: Path) -> Iterator[None]:
    """Wait until no other process holds the lock of this file, and hold it."""
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
