"""Apache Kafka as KRaft nodes, each broker and controller in one process: a single one, or a cluster."""

import os
import re
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import ClassVar
from uuid import uuid4

from infra.embedded import artifacts, cluster, java
from infra.embedded.java_server import JavaServer, property_value
from infra.embedded.secrets import write_private
from infra.embedded.server import DataDirectoryFailed, OnProgress, atomic_directory
from songnodes import probes
from songnodes.access import Access, without_access
from songnodes.messaging.clients import security_protocol

HERE = Path(__file__).parent
LOCK = HERE / "kafka.lock"
USER = "songnodes"
LOGIN_MODULES = "org.apache.kafka.common.security"
PLAIN = f"{LOGIN_MODULES}.plain.PlainLoginModule"
SCRAM = f"{LOGIN_MODULES}.scram.ScramLoginModule"
CLUSTER_HEAP_MB = 256  # of each node of a cluster
_CLUSTER_ID = re.compile(r"^cluster\.id=(.+)$", re.MULTILINE)


class Kafka(JavaServer):
    """One node, broker and controller in one process; its data in one log directory.

    Clients are given the addresses of all nodes.
    """

    name: ClassVar[str] = cluster.FIRST
    #: The number of this node in the cluster, from 1.
    node: ClassVar[int] = 1
    setting: ClassVar[str] = "kafka_bootstrap"
    port_names: ClassVar[tuple[str, ...]] = ("kafka", "kafka_controller")
    start_timeout_s: ClassVar[float] = 60
    heap: ClassVar[int] = 448

    @property
    def directory(self) -> Path:
        return self.config.home / self.name

    @property
    def flags(self) -> tuple[str, ...]:
        """Return no limit of the compilers for a broker that runs for hours.

        At 300 records per second both compilers cost less in sum after 140 s, and a minute then takes
        5 s of processor time in place of 8.7 s (benchmarks/RESULTS.md).
        """
        return () if self.config.second_compiler else super().flags

    @property
    def _properties(self) -> Path:
        return self.config.home / f"{self.name}.properties"

    @property
    def recording_name(self) -> str:
        return "kafka"  # of all nodes

    def install(self, on_progress: OnProgress) -> None:
        artifacts.fetch(
            artifacts.read_lock(LOCK),
            self.config.cache / "maven",
            artifacts.PercentProgress("kafka", on_progress),
        )

    def make(self, on_progress: OnProgress) -> None:
        """Format the log directory, with the cluster id of the first node; that of the first node is new."""
        if not self.directory.exists():
            on_progress(f"{self.name}: making the log directory")
            with atomic_directory(self.directory) as directory:
                self._format(directory)
        write_private(self._properties, self._configuration(self.directory))

    def main(self) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.yaml'}"
        return (logging, "kafka.Kafka", str(self._properties))

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "CLASSPATH": self.classpath()}

    def address(self) -> str:
        return f"127.0.0.1:{self.config.ports[self.name]}"

    def access(self) -> dict[str, str]:
        return {
            "kafka_bootstrap": ",".join(f"127.0.0.1:{self.config.ports[name]}" for name in self._names()),
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_sasl_username": USER,
            "kafka_sasl_password": self.config.secrets.kafka,
        }

    def answers(self) -> bool:
        """Return True if this node is registered and not fenced."""
        return probes.is_registered(Access(**{**self.access(), "kafka_bootstrap": self.address()}), self.node)

    def _names(self) -> tuple[str, ...]:
        return cluster.broker_names(self.config.brokers) if self.config.brokers > 1 else (self.name,)

    def classpath(self) -> str:
        """All jars, for the broker and for the console clients."""
        store = self.config.cache / "maven"
        return ":".join(str(store / jar.path) for jar in artifacts.read_lock(LOCK))

    def _configuration(self, data: Path) -> str:
        template = Template((HERE / "kafka.properties.template").read_text())
        ports = self.config.ports
        password = self.config.secrets.kafka
        nodes = enumerate(self._names(), 1) if self.config.brokers > 1 else [(self.node, self.name)]
        voters = ",".join(f"{node}@127.0.0.1:{ports[f'{name}_controller']}" for node, name in nodes)
        replication_factor, min_insync_replicas = cluster.replication(self.config.brokers)
        return template.substitute(
            node=self.node,
            voters=voters,
            replication=replication_factor,
            min_isr=min_insync_replicas,
            port=ports[self.name],
            controller_port=ports[f"{self.name}_controller"],
            data=property_value(data / "logs"),
            login=f'{PLAIN} required username="{USER}" password="{password}" user_{USER}="{password}";',
        )

    def _format(self, directory: Path) -> None:
        configuration = directory / "format.properties"
        write_private(configuration, self._configuration(directory))
        cluster = self._cluster_id()
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

    def _cluster_id(self) -> str:
        """Return the id of the cluster: that in the log directory of the first node, if it is formatted."""
        properties = self.config.home / Kafka.name / "logs" / "meta.properties"
        cluster_id = _CLUSTER_ID.search(properties.read_text()) if properties.exists() else None
        return cluster_id[1] if cluster_id else _new_cluster_id()


def nodes(count: int) -> tuple[type[Kafka], ...]:
    """Return the servers of a cluster of `count` nodes, the first one with the usual name."""
    if count == 1:
        return (Kafka,)
    return tuple(
        type(
            f"Kafka{node}",
            (Kafka,),
            {
                "name": name,
                "node": node,
                "port_names": (name, f"{name}_controller"),
                "heap": CLUSTER_HEAP_MB,
            },
        )
        for node, name in enumerate(cluster.broker_names(count), 1)
    )


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


def _new_cluster_id() -> str:
    """16 random bytes in base64. Like Kafka's own Uuid, none that begins with "-": it would be an option."""
    while (cluster_id := urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster_id
