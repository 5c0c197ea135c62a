"""Kafka's own console clients, on the Java that the embedded broker runs on."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.embedded import artifacts, java
from infra.embedded.kafka import LOCK, Kafka, java_client
from infra.embedded.secrets import Secrets
from infra.embedded.server import StackConfig, ignore_progress
from infra.embedded.stack import cache_directory
from songnodes.access import Access

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
#: Between a record's key and value, and after each record: nothing that an example contains.
KEY_END, RECORD_END = "<<key", ">>\n"
TIMEOUT_S = 120  # seconds


def consume(access: Access, topics: str, count: int) -> dict[bytes, bytes]:
    """Return the first `count` records of all topics that match a pattern, by key."""
    out = _run(
        access,
        CONSUMER,
        [
            *("--bootstrap-server", access.kafka_bootstrap, "--include", topics, "--from-beginning"),
            *("--max-messages", str(count), "--timeout-ms", "30000"),
            *("--formatter-property", "print.key=true"),
            *("--formatter-property", f"key.separator={KEY_END}"),
            *("--formatter-property", f"line.separator={RECORD_END}"),
        ],
    )
    records = out.split(RECORD_END.encode())[:-1]
    return dict(record.split(KEY_END.encode(), 1) for record in records)


def produce(access: Access, topic: str, keys: list[str]) -> None:
    """Produce one record per key, with the key as its value."""
    lines = "".join(f"{key}{KEY_END}{key}\n" for key in keys)
    _run(
        access,
        PRODUCER,
        [
            *("--bootstrap-server", access.kafka_bootstrap, "--topic", topic),
            *("--reader-property", "parse.key=true"),
            *("--reader-property", f"key.separator={KEY_END}"),
        ],
        lines.encode(),
    )


def _run(access: Access, tool: str, arguments: list[str], stdin: bytes = b"") -> bytes:
    with TemporaryDirectory() as folder:  # a password on the command line could be seen by every user
        file = Path(folder, "client.properties")
        file.write_text(java_client(access))
        return _run_with([tool, "--command-config", str(file), *arguments], stdin)


def _run_with(command: list[str], stdin: bytes) -> bytes:
    cache = cache_directory()
    artifacts.fetch(
        artifacts.read_lock(LOCK), cache / "maven", artifacts.PercentProgress("kafka", ignore_progress)
    )
    config = StackConfig(home=Path(), cache=cache, ports={}, secrets=Secrets.generate())
    classpath = Kafka(config=config).classpath()
    options = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
    done = subprocess.run(
        [str(java.java()), *options, *command],
        env={"CLASSPATH": classpath, "LC_ALL": "C.UTF-8"},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
