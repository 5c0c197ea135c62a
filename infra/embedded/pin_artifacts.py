"""Pin the Java artifacts again: `python -m infra.embedded.pin_artifacts`, after a version below was changed.

Resolves the transitive closure with jgo, fetches every file and writes coordinates, sha256 and sizes.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from jgo.maven import Artifact as MavenArtifact
from jgo.maven import MavenContext

from infra.embedded.artifacts import Artifact, sha256, write_lock

HERE = Path(__file__).parent

KAFKA = "4.3.1"
LOG4J = "2.25.4"  # the version of Kafka's own log4j-core
REGISTRY = "3.3.3"
BROWSER = {"cytoscape": "3.33.1"}
BROWSER_TESTS = {"axe-core": "4.6.3"}  # the newest that is a WebJar

KAFKA_ROOTS = (
    f"org.apache.kafka:kafka_2.13:{KAFKA}",
    f"org.apache.kafka:kafka-tools:{KAFKA}",  # the console clients
)
# What Kafka's distribution has and its POM does not name: the way from slf4j to log4j. Not a root: jgo takes
# the managed versions of every root for binding, and log4j's are older than Kafka's.
KAFKA_LOG = ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J, "", "jar")
REGISTRY_ARTIFACT = ("io.apicurio", "apicurio-registry-app", REGISTRY, "all", "tar.gz")


def main() -> None:
    """Write all lock files."""
    with tempfile.TemporaryDirectory() as directory:
        context = MavenContext(repo_cache=Path(directory), timeout=60)
        roots = [context.create_dependency(root) for root in KAFKA_ROOTS]
        chosen, transitive = context.resolver.resolve(roots)
        jars = [*chosen, *(jar for jar in transitive if jar.scope in ("compile", "runtime"))]
        artifacts = [*(jar.artifact for jar in jars), _artifact(context, *KAFKA_LOG)]
        _write("kafka", f"Apache Kafka {KAFKA} with all it needs.", artifacts)
        _write("registry", f"Apicurio Registry {REGISTRY}, whole.", [_artifact(context, *REGISTRY_ARTIFACT)])
        _write("browser", "Scripts and styles of the pages, WebJars.", _webjars(context, BROWSER))
        _write("browser_tests", "For the tests of the pages.", _webjars(context, BROWSER_TESTS))


def _webjars(context: MavenContext, versions: Mapping[str, str]) -> list[MavenArtifact]:
    return [
        _artifact(context, "org.webjars.npm", name, version, "", "jar") for name, version in versions.items()
    ]


def _artifact(
    context: MavenContext, group: str, name: str, version: str, classifier: str, extension: str
) -> MavenArtifact:
    return context.project(group, name).at_version(version).artifact(classifier, extension)


def _write(name: str, heading: str, artifacts: list[MavenArtifact]) -> None:
    pinned = [pin(artifact) for artifact in artifacts]
    note = f"{heading} Written by `python -m infra.embedded.pin_artifacts`."
    write_lock(HERE / f"{name}.lock", note, pinned)
    print(f"{name}: {len(pinned)} artifacts, {sum(entry.size for entry in pinned) / 1e6:.0f} MB")


def pin(artifact: MavenArtifact) -> Artifact:
    """Return the artifact with sha256 and size of its file, which is fetched."""
    file = Path(artifact.resolve())
    return Artifact(
        group=artifact.groupId,
        name=artifact.artifactId,
        version=artifact.version,
        extension=artifact.packaging,
        classifier=artifact.classifier,
        sha256=sha256(file),
        size=file.stat().st_size,
    )


if __name__ == "__main__":
    main()
