"""The peer in Java: Kafka Streams, compiled by a JDK here, run by the JVM of the embedded servers.

python -m benchmarks.kafka_streams   # pins the artifacts again, after the broker's version was changed
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from infra.embedded import artifacts, java, kafka
from infra.embedded.pin_artifacts import KAFKA, pin
from infra.embedded.stack import cache_directory
from songnodes.errors import ProgramMissing

LOCK = Path(__file__).with_name("kafka_streams.lock")
SOURCE = Path(__file__).with_name("jobs") / "streams" / "Retract.java"
ROOT = Path(__file__).parents[1]
#: What the broker's own artifacts lack.
OWN = ("kafka-streams", "rocksdbjni")
RELEASE = "17"  # of the class files
HEAP = "-Xmx512m"


def command() -> list[str]:
    """Return the command of the job without its arguments; fetches and compiles what is missing.

    Raises ProgramMissing without a compiler.
    """
    store = cache_directory() / "maven"
    pinned = [*artifacts.read_lock(LOCK), *artifacts.read_lock(kafka.LOCK)]
    jars = artifacts.fetch(pinned, store, artifacts.PercentProgress("kafka streams", print))
    classes = ROOT / ".songnodes-bench" / f"streams-{artifacts.sha256(SOURCE)[:12]}-{KAFKA}"
    classpath = ":".join(map(str, [classes, *jars]))
    if not (classes / "Retract.class").exists():
        compiler = shutil.which("javac")
        if compiler is None:
            raise ProgramMissing(
                "javac, for Kafka Streams", remedy="Install a JDK from 17 on, or leave it out"
            )
        classes.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [compiler, "--release", RELEASE, "-cp", classpath, "-d", str(classes), str(SOURCE)], check=True
        )
    return [str(java.java()), HEAP, "-XX:+UseSerialGC", "-cp", classpath, "Retract"]


def main() -> None:
    """Write the lock file."""
    with tempfile.TemporaryDirectory() as directory:
        context = MavenContext(repo_cache=Path(directory), timeout=60)
        root = context.create_dependency(f"org.apache.kafka:kafka-streams:{KAFKA}")
        resolved = [jar for part in context.resolver.resolve([root]) for jar in part]
        pinned = [pin(jar.artifact) for jar in resolved if jar.artifact.artifactId in OWN]
    note = f"Kafka Streams {KAFKA} and RocksDB, native libraries included, beside the broker's artifacts."
    artifacts.write_lock(LOCK, f"{note} A peer in benchmarks only.", pinned)


if __name__ == "__main__":
    main()
