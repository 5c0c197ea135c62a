"""The stack of infra/compose, for machines with a container engine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.embedded import ports, registry

COMPOSE = Path(__file__).parents[2] / "infra" / "compose"
ASKED = "SONGNODES_TEST_CONTAINERS"


def wanted() -> bool:
    """Whether containers were asked for and an engine answers."""
    if os.environ.get(ASKED) != "1" or shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=30).returncode == 0


@contextmanager
def compose(home: Path) -> Iterator[dict[str, str]]:
    """All servers on free ports, as addresses by setting name; gone afterwards."""
    from testcontainers.compose import DockerCompose  # only where it is used: it looks for an engine

    port = ports.choose(home, ("kafka", "postgres", "redis", "registry"))
    variables = home / "compose.env"
    variables.write_text("".join(f"{name.upper()}_PORT={number}\n" for name, number in port.items()))
    with DockerCompose(COMPOSE, wait=True, env_file=str(variables)):
        yield {
            "kafka_bootstrap": f"127.0.0.1:{port['kafka']}",
            "database_url": f"postgresql://songnodes:songnodes@127.0.0.1:{port['postgres']}/songnodes",
            "redis_url": f"redis://127.0.0.1:{port['redis']}/0",
            "schema_registry_url": f"http://127.0.0.1:{port['registry']}{registry.API}",
        }
