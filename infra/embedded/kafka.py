"""Apache Kafka as one KRaft node: broker and controller in one process."""

import os
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import ClassVar
from uuid import uuid4

from infra.embedded import artifacts, java
from infra.embedded.java_server import JavaServer, property_value
from infra.embedded.secrets import write_private
from infra.embedded.server import DataDirectoryFailed, OnProgress, atomic_directory
from songnodes.access import Access, without_access
from songnodes.messaging.clients import security_protocol

HERE = Path(__file__).parent
LOCK = HERE / "kafka.lock"
USER = "songnodes"
LOGIN_MODULES = "org.apache.kafka.common.security"
PLAIN = f"{LOGIN_MODULES}.plain.PlainLoginModule"
SCRAM = f"{LOGIN_MODULES}.scram.ScramLoginModule"


class Kafka(JavaServer):
    """Broker and controller in one process; all data in one log directory."""

    name: ClassVar[str] = "kafka"
    setting: ClassVar[str] = "kafka_bootstrap"
    port_names: ClassVar[tuple[str, ...]] = ("kafka", "kafka_controller")
    start_timeout_s: ClassVar[float] = 60
    heap: ClassVar[int] = 448
    #: A broker that lives for minutes spends 40 % of its time in the second compiler, and never gets it back.
    flags: ClassVar[tuple[str, ...]] = ("-XX:TieredStopAtLevel=1",)

    @property
    def directory(self) -> Path:
        return self.config.home / "kafka"

    @property
    def _properties(self) -> Path:
        return self.config.home / "kafka.properties"

    def install(self, on_progress: OnProgress) -> None:
        artifacts.fetch(
            artifacts.read_lock(LOCK),
            self.config.cache / "maven",
            artifacts.PercentProgress("kafka", on_progress),
        )

    def make(self, on_progress: OnProgress) -> None:
        """Format the log directory, with a cluster id of its own."""
        if not self.directory.exists():
            on_progress("kafka: making the log directory")
            with atomic_directory(self.directory) as directory:
                self._format(directory)
        write_private(self._properties, self._configuration(self.directory))

    def main(self) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.yaml'}"
        return (logging, "kafka.Kafka", str(self._properties))

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "CLASSPATH": self.classpath()}

    def address(self) -> str:
        return f"127.0.0.1:{self.config.ports['kafka']}"

    def access(self) -> dict[str, str]:
        return {
            "kafka_bootstrap": self.address(),
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_sasl_username": USER,
            "kafka_sasl_password": self.config.secrets.kafka,
        }

    def classpath(self) -> str:
        """All jars, for the broker and for the console clients."""
        store = self.config.cache / "maven"
        return ":".join(str(store / jar.path) for jar in artifacts.read_lock(LOCK))

    def _configuration(self, data: Path) -> str:
        template = Template((HERE / "kafka.properties.template").read_text())
        ports = self.config.ports
        password = self.config.secrets.kafka
        return template.substitute(
            port=ports["kafka"],
            controller_port=ports["kafka_controller"],
            data=property_value(data / "logs"),
            login=f'{PLAIN} required username="{USER}" password="{password}" user_{USER}="{password}";',
        )

    def _format(self, directory: Path) -> None:
        configuration = directory / "format.properties"
        write_private(configuration, self._configuration(directory))
        cluster = _cluster_id()
        tool = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(configuration))
        cache = self.recorded() if java.records() else ()
        done = subprocess.run(
            [*self._jvm(), *cache, *tool],
            env={**without_access(os.environ), **self.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        configuration.unlink()
        if done.returncode:
            raise DataDirectoryFailed((done.stderr or done.stdout).strip()[-500:], server=self.name)


def java_client(access: Access) -> str:
    """Return the properties by which a client in Java logs in to the broker, for `--command-config`.

    They hold the password.
    """
    options = {"security.protocol": security_protocol(access)}
    if access.kafka_sasl_username:
        mechanism = access.kafka_sasl_mechanism or "PLAIN"
        options["sasl.mechanism"] = mechanism
        options["sasl.jaas.config"] = (
            f"{PLAIN if mechanism == 'PLAIN' else SCRAM} required "
            f"username={_quoted(access.kafka_sasl_username)} "
            f"password={_quoted(access.kafka_sasl_password.get_secret_value())};"
        )
    if access.kafka_ssl_ca:
        options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": access.kafka_ssl_ca}
    return "".join(f"{name}={property_value(value)}\n" for name, value in options.items())


def _quoted(text: str) -> str:
    """Return a value in the quotes of JAAS."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _cluster_id() -> str:
    """16 random bytes in base64. Like Kafka's own Uuid, none that begins with "-": it would be an option."""
    while (cluster_id := urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster_id
