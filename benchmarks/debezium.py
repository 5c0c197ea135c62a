"""The peer of our sink: Kafka Connect, standalone, with the JDBC sink of Debezium, as its documents advise.

One task, upsert by a field of the value, batches of 5,000, JSON with schema, reduction buffer (the newest row
per key of a batch, as ours).
"""

import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from infra.embedded import artifacts, kafka
from infra.embedded.java import java
from infra.embedded.stack import cache_directory
from songnodes.settings import Settings

LOCK = Path(__file__).with_name("debezium.lock")
HEAP = "-Xmx1g"
STOP_WITHIN = 30  # seconds

WORKER = """\
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=true
offset.storage.file.filename={folder}/offsets
offset.flush.interval.ms=1000
plugin.path={folder}/plugins
listeners=http://127.0.0.1:{port}
consumer.max.poll.records=5000
consumer.auto.offset.reset=earliest
"""

CONNECTOR = """\
name=bench
connector.class=io.debezium.connector.jdbc.JdbcSinkConnector
tasks.max=1
topics={topic}
connection.url=jdbc:postgresql://{host}:{database_port}{database}?reWriteBatchedInserts=true
connection.username={user}
connection.password={password}
insert.mode=upsert
primary.key.mode=record_value
primary.key.fields=track_id
schema.evolution=none
collection.name.format={table}
batch.size=5000
use.reduction.buffer=true
"""

LOGGING = """\
Configuration:
  Appenders: {Console: {name: out, PatternLayout: {pattern: "%d %p %c{1} %m%n"}}}
  Loggers: {Root: {level: warn, AppenderRef: {ref: out}}}
"""


@contextmanager
def running(settings: Settings, folder: Path, topic: str, table: str) -> Iterator[subprocess.Popen[bytes]]:
    """Connect with one task from `topic` into `table`; its log is in `folder`."""
    classpath = _install(folder)
    address = urlsplit(settings.database_url)
    login = kafka.java_client(settings)
    (folder / "worker.properties").write_text(
        WORKER.format(bootstrap=settings.kafka_bootstrap, folder=folder, port=_free_port())
        + login
        + "".join(f"consumer.{line}" for line in login.splitlines(keepends=True))
    )
    (folder / "connector.properties").write_text(
        CONNECTOR.format(
            topic=topic,
            table=table,
            host=address.hostname,
            database_port=address.port,
            database=address.path,
            user=address.username,
            password=address.password,
        )
    )
    (folder / "log4j2.yaml").write_text(LOGGING)
    command = [
        *(str(java()), HEAP, f"-Dlog4j2.configurationFile={folder}/log4j2.yaml"),
        "org.apache.kafka.connect.cli.ConnectStandalone",
        *(str(folder / "worker.properties"), str(folder / "connector.properties")),
    ]
    with (folder / "connect.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "CLASSPATH": classpath}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def _install(folder: Path) -> str:
    """Unpack the plugin, and return the directory of the jars of Connect, which are among Kafka's."""
    store = cache_directory() / "maven"
    (archive,) = artifacts.fetch(artifacts.read_lock(LOCK), store)
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "plugins", filter="data")
    return ":".join(map(str, artifacts.fetch(artifacts.read_lock(kafka.LOCK), store)))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
