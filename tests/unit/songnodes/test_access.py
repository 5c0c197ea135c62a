"""Logins of the clients: read from the environment, never mixed, never displayed."""

import json
import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from faust.auth import SASLCredentials, SSLCredentials
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from songnodes import redis_client
from songnodes import settings as settings_module
from songnodes.access import ADDRESSES, FIELDS, VARIABLES, Access, place, without_access
from songnodes.messaging import clients, schemas
from songnodes.redaction import (
    secrets_of,
    without_login,
    without_password,
    without_password_in,
    without_secrets,
)
from songnodes.settings import Settings, is_same, load, stored_access
from stream_processors.runtime.faust.credentials import credentials

SECRET = "a/secret:with@signs"
DOC = Path(__file__).parents[3] / "docs" / "security.md"


def test_every_field_belongs_to_one_server() -> None:
    names = [name for fields in FIELDS.values() for name in fields]
    assert sorted(names) == sorted(Access.model_fields)
    assert {*FIELDS} == {*ADDRESSES}


@pytest.mark.parametrize("name", sorted(Access.model_fields))
def test_every_field_is_a_variable_and_documented(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "SCRAM-SHA-512"}.get(name, "x")
    monkeypatch.setenv(name.upper(), value)
    assert Settings().plain() == {name: value}
    assert f"`{name.upper()}`" in DOC.read_text()


def test_no_representation_contains_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Access.model_fields:
        if name.endswith("password"):
            monkeypatch.setenv(name.upper(), "swordfish")
        elif name.endswith("url"):
            monkeypatch.setenv(name.upper(), "scheme://u:swordfish@h:1/x")
    settings = Settings()
    for shown in (
        repr(settings),
        str(settings),
        repr(settings.access()),
        json.dumps(settings.model_dump(mode="json")),
    ):
        if "scheme://" not in shown:  # a dump is for another process of the user
            assert "swordfish" not in shown
    monkeypatch.setenv("SONGNODES_BLOCK_HOLD", "1")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "swordfish" not in str(refused.value)


KAFKA = {
    "plain": ({"kafka_bootstrap": "h:1"}, {}),
    "sasl": (
        {"kafka_sasl_username": "u", "kafka_sasl_password": SECRET},
        {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "u",
            "sasl.password": SECRET,
        },
    ),
    "scram over tls": (
        {
            "kafka_sasl_username": "u",
            "kafka_sasl_password": SECRET,
            "kafka_sasl_mechanism": "SCRAM-SHA-512",
            "kafka_security_protocol": "SASL_SSL",
        },
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "u",
            "sasl.password": SECRET,
        },
    ),
    "tls alone": (
        {
            "kafka_ssl_ca": "/ca",
            "kafka_ssl_certificate": "/c",
            "kafka_ssl_key": "/k",
            "kafka_ssl_key_password": "p",
        },
        {
            "security.protocol": "SSL",
            "ssl.ca.location": "/ca",
            "ssl.certificate.location": "/c",
            "ssl.key.location": "/k",
            "ssl.key.password": "p",
        },
    ),
    "an authority makes it tls": (
        {"kafka_sasl_username": "u", "kafka_sasl_password": "p", "kafka_ssl_ca": "/ca"},
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "u",
            "sasl.password": "p",
            "ssl.ca.location": "/ca",
        },
    ),
}


@pytest.mark.parametrize("name", KAFKA)
def test_librdkafka_gets_the_login_options(name: str) -> None:
    given_fields, expected = KAFKA[name]
    access = Access(**{"kafka_bootstrap": "h:1", **given_fields})
    assert clients.connection(access) == {"bootstrap.servers": "h:1", **expected}


def test_every_kafka_client_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    configurations: list[dict[str, object]] = []
    for name in ("Producer", "Consumer", "AdminClient"):
        monkeypatch.setattr(clients, name, configurations.append)
    settings = Settings(KAFKA_BOOTSTRAP="h:1", KAFKA_SASL_USERNAME="u", KAFKA_SASL_PASSWORD=SecretStr(SECRET))
    clients.producer(settings)
    clients.consumer(settings, "g")
    clients.admin(settings)
    assert [options["sasl.password"] for options in configurations] == [SECRET] * 3


def test_faust_logs_in_as_librdkafka_does(tmp_path: Path) -> None:
    assert credentials(Access(kafka_bootstrap="h:1")) is None
    plain = credentials(Access(kafka_sasl_username="u", kafka_sasl_password=SECRET))
    assert isinstance(plain, SASLCredentials)
    assert (plain.protocol.value, plain.mechanism.value) == ("SASL_PLAINTEXT", "PLAIN")
    assert (plain.username, plain.password) == ("u", SECRET)
    assert SECRET not in repr(plain)
    scram = credentials(
        Access(
            kafka_sasl_username="u",
            kafka_sasl_password=SECRET,
            kafka_sasl_mechanism="SCRAM-SHA-256",
            kafka_security_protocol="SASL_SSL",
        )
    )
    assert isinstance(scram, SASLCredentials) and scram.ssl_context is not None
    assert (scram.protocol.value, scram.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-256")
    assert scram.ssl_context.verify_mode == ssl.CERT_REQUIRED
    tls = credentials(Access(kafka_security_protocol="SSL"))
    assert isinstance(tls, SSLCredentials) and tls.protocol.value == "SSL"
    with pytest.raises(OSError):
        credentials(Access(kafka_ssl_ca=str(tmp_path / "missing.pem")))


def test_redis_and_the_registry_take_their_login_from_the_environment() -> None:
    access = Access(redis_url="rediss://h:1/0", redis_username="u", redis_password=SECRET, redis_ssl_ca="/ca")
    assert redis_client.options(access) == {"username": "u", "password": SECRET, "ssl_ca_certs": "/ca"}
    plain = access.model_copy(update={"redis_url": "redis://h:1/0"})
    assert "ssl_ca_certs" not in redis_client.options(plain)
    registry = Access(
        schema_registry_url="https://h",
        schema_registry_username="u",
        schema_registry_password=SECRET,
        schema_registry_ssl_ca="/ca",
    )
    assert schemas.connection(registry) == {
        "url": "https://h",
        "basic.auth.user.info": f"u:{SECRET}",
        "ssl.ca.location": "/ca",
    }
    plain_registry = registry.model_copy(update={"schema_registry_url": "http://h"})
    assert schemas.connection(plain_registry)["ssl.ca.location"] is False


# embedded or from outside


def store_access(home: Path, **fields: str) -> None:
    stored = {
        "kafka_bootstrap": "127.0.0.1:20001",
        "kafka_sasl_username": "songnodes",
        "kafka_sasl_password": "own-secret",
        "database_url": "postgresql://songnodes_writer:own-secret@127.0.0.1:20002/songnodes",
        "database_owner_url": "postgresql://songnodes_owner:own-secret@127.0.0.1:20002/songnodes",
        "redis_url": "redis://songnodes:own-secret@127.0.0.1:20003/0",
        "schema_registry_url": "http://127.0.0.1:20004/apis/ccompat/v7",
        "embedded": [*ADDRESSES],
        **fields,
    }
    (home / "addresses.json").write_text(json.dumps(stored))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SONGNODES_HOME", str(tmp_path))
    return tmp_path


def test_without_variables_the_embedded_servers_are_used(home: Path) -> None:
    store_access(home)
    settings = load()
    assert settings.owner_url.startswith("postgresql://songnodes_owner:")
    assert settings.kafka_sasl_password.get_secret_value() == "own-secret"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://songnodes_analyst:x@127.0.0.1:20002/songnodes",
        "postgresql://localhost:20002/songnodes",
        "postgresql://songnodes_writer:old@127.0.0.1:20002/songnodes?sslmode=disable",
        "postgres://songnodes_analyst@[::1]:20002/songnodes",
    ],
)
def test_the_stored_access_replaces_an_embedded_servers_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    store_access(home)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:20003/0")
    settings = load()
    assert settings.database_url.startswith("postgresql://songnodes_writer:own-secret@")
    assert settings.owner_url.startswith("postgresql://songnodes_owner:own-secret@")
    assert "own-secret" in settings.redis_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@127.0.0.1:20002/another",
        "postgresql://u:p@127.0.0.1:5432/songnodes",
        "postgresql://u:p@db.example.org:20002/songnodes",
        "postgresql:///songnodes",
        "not an address",
    ],
)
def test_another_server_never_gets_the_stored_access(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    store_access(home)
    monkeypatch.setenv("DATABASE_URL", url)
    settings = load()
    assert settings.database_url == settings.owner_url == url
    assert "own-secret" in settings.redis_url, "the others are embedded as before"


def test_credentials_of_two_brokers_never_mix(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_access(home)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "broker.example.org:9092")
    assert clients.connection(load()) == {"bootstrap.servers": "broker.example.org:9092"}
    monkeypatch.delenv("KAFKA_BOOTSTRAP")
    monkeypatch.setenv("KAFKA_SASL_USERNAME", "of-another-broker")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "of-another-broker")
    assert load().kafka_sasl_username == "songnodes"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kafka_bootstrap": 1}', "null"])
def test_a_broken_address_file_is_reported_with_a_remedy(home: Path, text: str) -> None:
    (home / "addresses.json").write_text(text)
    with pytest.raises(settings_module.InvalidAddressFile, match="songnodes up"):
        load()


def test_servers_inherit_no_variable_with_an_address_or_password() -> None:
    environment = dict.fromkeys(VARIABLES, "x") | {"PATH": "/bin"}
    assert without_access(environment) == {"PATH": "/bin"}
    assert {name.upper() for name in Access.model_fields} <= VARIABLES


def test_stored_access_is_read_back(home: Path) -> None:
    assert stored_access(home) is None
    store_access(home)
    stored = stored_access(home)
    assert stored is not None
    assert Access(**stored[0].plain()) == stored[0]
    environment = stored[0].environment()
    assert environment["KAFKA_SASL_PASSWORD"] == "own-secret"


@given(st.text())
def test_any_text_may_be_an_address(text: str) -> None:
    for server in ADDRESSES:
        place(server, text)
        assert not is_same(server, text, "127.0.0.1:20001") or place(server, text)


# redaction

passwords = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z"), exclude_characters="@"),
    min_size=6,
)


@given(passwords, st.sampled_from(["postgresql", "redis", "https", "kafka+ssl"]))
def test_no_password_of_an_address_is_displayed(password: str, scheme: str) -> None:
    address = f"{scheme}://user:{password}@host.example:1/base?password={password}"
    shown = without_password(address)
    assert shown == f"{scheme}://user:***@host.example:1/base"
    assert without_login(f"{scheme}://user:{password}@host:1/x") == f"{scheme}://host:1/x"
    text = f"no answer of {scheme}://user:{password}@host.example:1/base, giving up"
    assert without_password_in(text) == f"no answer of {scheme}://user:***@host.example:1/base, giving up"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host=h password=hidden1 user=u", "host=h password=*** user=u"),
        ("host=h password='a b' user=u", "host=h password=*** user=u"),
        (
            "postgresql://h/x?sslpassword=hidden&sslmode=require",
            "postgresql://h/x?sslpassword=***&sslmode=require",
        ),
        ("sasl.password = hidden", "sasl.password = ***"),
        ("no address: a@b", "no address: a@b"),
        ("redis://h:1/0", "redis://h:1/0"),
        ("postgresql://u@h/x", "postgresql://u@h/x"),
    ],
)
def test_messages_of_the_clients_are_redacted(text: str, expected: str) -> None:
    assert without_password_in(text) == expected


def test_secrets_are_redacted_encoded_and_decoded() -> None:
    access = Access(
        database_url="postgresql://u:a%2Fsecret@h/x",
        kafka_sasl_password="broker-secret",
        redis_url="redis://:ab@h",
    )
    assert secrets_of(access) == {"a%2Fsecret", "a/secret", "broker-secret"}
    assert without_secrets("x a/secret y broker-secret", secrets_of(access)) == "x *** y ***"


@pytest.mark.parametrize("form", ["json", "console"])
def test_logs_contain_no_secret_even_in_a_traceback(form: str) -> None:
    program = f"""
import logging
from songnodes import logs
from songnodes.settings import Settings
settings = Settings(log_format={form!r}, KAFKA_SASL_PASSWORD="swordfish1", KAFKA_BOOTSTRAP="h:1",
    DATABASE_URL="postgresql://u:swordfish2@h/x")
logs.configure(settings, "test")
log = logs.get("test")
log.info("with swordfish1", url=settings.database_url, more=[settings.database_url], about=settings)
logging.getLogger("library").warning("connecting to %s", settings.database_url)
def fails(local):
    raise RuntimeError(f"cannot reach {{local}}")
for logger in (log, logging.getLogger("library")):
    try:
        fails(settings.database_url)
    except RuntimeError:
        logger.exception("failed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "swordfish" not in done.stdout + done.stderr
    assert done.stderr.count("cannot reach postgresql://u:***@h/x") == 2
    assert len(re.findall("RuntimeError", done.stderr)) >= 2
