"""The stack of infra/compose, for machines with a container engine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.embedded import ports, registry
from infra.embedded.roles import ANALYST, OWNER, WRITER
from infra.embedded.secrets import write_private

COMPOSE = Path(__file__).parents[2] / "infra" / "compose"
ENABLE_VARIABLE = "SONGNODES_TEST_CONTAINERS"


def wanted() -> bool:
    """Return True if containers are enabled and a container engine responds."""
    if os.environ.get(ENABLE_VARIABLE) != "1" or shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=30).returncode == 0


@contextmanager
def compose(home: Path) -> Iterator[dict[str, str]]:
    """Run all servers on free ports within the block; yield their addresses by setting name."""
    from testcontainers.compose import DockerCompose  # only where it is used: it looks for an engine

    port = ports.choose(home, ("kafka", "postgres", "redis", "registry"))
    printed = subprocess.run(
        ["sh", str(COMPOSE / "passwords.sh")], capture_output=True, text=True, check=True
    ).stdout
    password = dict(line.split("=") for line in printed.splitlines())
    numbers = "".join(f"{name.upper()}_PORT={number}\n" for name, number in port.items())
    variables = home / "compose.env"
    write_private(variables, printed + numbers)
    database = f"127.0.0.1:{port['postgres']}/songnodes"
    with DockerCompose(COMPOSE, wait=True, env_file=str(variables)):
        yield {
            "kafka_bootstrap": f"127.0.0.1:{port['kafka']}",
            "kafka_sasl_username": "songnodes",
            "kafka_sasl_password": password["KAFKA_SASL_PASSWORD"],
            "database_url": f"postgresql://{WRITER}:{password['DATABASE_WRITER_PASSWORD']}@{database}",
            "database_owner_url": f"postgresql://{OWNER}:{password['DATABASE_OWNER_PASSWORD']}@{database}",
            "database_analyst_url": (
                f"postgresql://{ANALYST}:{password['DATABASE_ANALYST_PASSWORD']}@{database}"
            ),
            "redis_url": f"redis://songnodes:{password['REDIS_PASSWORD']}@127.0.0.1:{port['redis']}/0",
            "schema_registry_url": f"http://127.0.0.1:{port['registry']}{registry.API}",
        }
