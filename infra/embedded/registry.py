"""Apicurio Registry, spoken to by its Confluent-compatible API."""

import shutil
import tarfile
from pathlib import Path
from string import Template
from typing import ClassVar

from infra.embedded import artifacts, inventory, java
from infra.embedded.server import Program, Server, Tell, made_whole

HERE = Path(__file__).parent
HEAP = 256  # megabytes
LOCK = HERE / "registry.lock"
API = "/apis/ccompat/v7"


class Registry(Server):
    """Schemas are in an H2 file of its own, so it lives on when another server dies."""

    name: ClassVar[str] = "registry"
    setting: ClassVar[str] = "schema_registry_url"
    port_names: ClassVar[tuple[str, ...]] = ("registry", "registry_management")
    patience: ClassVar[float] = 90

    @property
    def _data(self) -> Path:
        return self.site.home / "registry"

    @property
    def _installed(self) -> Path:
        (pinned,) = artifacts.read_lock(LOCK)
        return self.site.cache / f"{pinned.name}-{pinned.version}-{pinned.sha256[:12]}"

    def prepare(self, tell: Tell) -> None:
        """Fetch and unpack it, and write its configuration."""
        if not inventory.complete(self._installed):
            self._install(tell)
        configuration = (
            self._data / "config" / "application.properties"
        )  # where Quarkus looks, from its directory
        configuration.parent.mkdir(parents=True, exist_ok=True)
        template = Template((HERE / "registry.properties.template").read_text())
        ports = self.site.ports
        configuration.write_text(
            template.substitute(
                port=ports["registry"],
                management_port=ports["registry_management"],
                database=self._data / "schemas",
            )
        )

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=(
                str(java.java()),
                *java.options(HEAP),
                "-XX:TieredStopAtLevel=1",  # starts faster, and a registry is asked once per schema
                "-jar",
                str(self._installed / "quarkus-run.jar"),
            ),
            directory=self._data,
            start_seconds=3,
        )

    def address(self) -> str:
        return f"http://127.0.0.1:{self.site.ports['registry']}{API}"

    def _install(self, tell: Tell) -> None:
        store = self.site.cache / "maven"
        (archive,) = artifacts.fetch(artifacts.read_lock(LOCK), store, artifacts.Percent("registry", tell))
        tell("registry: unpacking")
        shutil.rmtree(self._installed, ignore_errors=True)
        with made_whole(self._installed) as directory, tarfile.open(archive) as packed:
            packed.extractall(directory, filter="data")
            inventory.write(directory)
        archive.unlink()  # 160 MB that nothing reads again
