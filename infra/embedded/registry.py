"""Apicurio Registry, used by its Confluent-compatible API."""

import shutil
import tarfile
from pathlib import Path
from string import Template
from typing import ClassVar

from infra.embedded import artifacts, install_manifest
from infra.embedded.java_server import JavaServer, property_value
from infra.embedded.server import OnProgress, atomic_directory, exclusive

HERE = Path(__file__).parent
LOCK = HERE / "registry.lock"
API = "/apis/ccompat/v7"


class Registry(JavaServer):
    """Schemas are in an H2 file of its own, so it lives on when another server dies."""

    name: ClassVar[str] = "registry"
    setting: ClassVar[str] = "schema_registry_url"
    port_names: ClassVar[tuple[str, ...]] = ("registry", "registry_management")
    start_timeout_s: ClassVar[float] = 90
    heap: ClassVar[int] = 256

    @property
    def directory(self) -> Path:
        return self.config.home / "registry"

    @property
    def _installed(self) -> Path:
        (pinned,) = artifacts.read_lock(LOCK)
        return self.config.cache / f"{pinned.name}-{pinned.version}-{pinned.sha256[:12]}"

    def make(self, on_progress: OnProgress) -> None:
        """Write its configuration to where Quarkus looks, seen from its directory."""
        configuration = self.directory / "config" / "application.properties"
        configuration.parent.mkdir(parents=True, exist_ok=True)
        template = Template((HERE / "registry.properties.template").read_text())
        configuration.write_text(
            template.substitute(
                port=self.ports["registry"],
                management_port=self.ports["registry_management"],
                database=property_value(self.directory / "schemas"),
            )
        )

    def main(self) -> tuple[str, ...]:
        return ("-jar", str(self._installed / "quarkus-run.jar"))

    def address(self) -> str:
        return f"http://127.0.0.1:{self.config.ports['registry']}{API}"

    def install(self, on_progress: OnProgress) -> None:
        """Fetch and unpack it. Several processes may do so at the same time: the first one does."""
        if install_manifest.is_complete(self._installed):
            return
        self.config.cache.mkdir(parents=True, exist_ok=True)
        with exclusive(self._installed.with_name(f"{self._installed.name}.lock")):
            if not install_manifest.is_complete(self._installed):
                self._unpack(on_progress)

    def _unpack(self, on_progress: OnProgress) -> None:
        store = self.config.cache / "maven"
        (archive,) = artifacts.fetch(
            artifacts.read_lock(LOCK), store, artifacts.PercentProgress("registry", on_progress)
        )
        on_progress("registry: unpacking")
        shutil.rmtree(self._installed, ignore_errors=True)
        with atomic_directory(self._installed) as directory, tarfile.open(archive) as packed:
            packed.extractall(directory, filter="data")
            install_manifest.write(directory)
        archive.unlink()  # 160 MB that nothing reads again
