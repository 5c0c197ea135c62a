"""Passwords of the embedded servers, stored access data, and the owner of an address."""

import base64
import hashlib
import hmac
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.embedded import addresses, ports, roles, secrets
from infra.embedded.cli import for_analysts
from infra.embedded.secrets import Secrets, SecretsUnreadable
from infra.embedded.stack import DataDirectoryShared, Stack
from songnodes.access import ADDRESSES, Access
from songnodes.settings import stored_access

OUTSIDE = dict.fromkeys(ADDRESSES, "127.0.0.1:1")


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_passwords_are_generated_once_long_and_distinct(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)
    assert secrets.load(tmp_path) == first
    values = [getattr(first, name) for name in Secrets.__slots__]
    assert len({*values}) == len(values) == 5
    assert all(len(value) == 48 and int(value, 16) for value in values)
    assert mode(tmp_path / secrets.FILE) == 0o600
    assert not [value for value in values if value in repr(first)]


def test_only_the_owner_can_read_them_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secrets.load(tmp_path)
        addresses.save(Access(kafka_bootstrap="h:1"), ["kafka_bootstrap"], tmp_path)
    finally:
        os.umask(before)
    assert {file.name: mode(file) for file in tmp_path.iterdir()} == {
        secrets.FILE: 0o600,
        "addresses.json": 0o600,
    }


def test_a_world_readable_file_is_made_private_again(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)
    (tmp_path / secrets.FILE).chmod(0o644)
    assert secrets.load(tmp_path) == first
    assert mode(tmp_path / secrets.FILE) == 0o600


def test_concurrent_starts_load_the_same_passwords(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: secrets.load(tmp_path), range(8)))
    assert len({passwords.postgres_writer for passwords in loaded}) == 1


def test_passwords_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    """It had no password for Kafka, and one for the superuser."""
    (tmp_path / secrets.FILE).write_text(json.dumps({"postgres_superuser": "s", "redis": "r"}))
    first = secrets.load(tmp_path)
    assert first.redis == "r"
    assert len(first.kafka) == 48
    assert secrets.load(tmp_path) == first
    assert "postgres_superuser" not in (tmp_path / secrets.FILE).read_text()


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_a_broken_secrets_file_is_reported_with_a_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / secrets.FILE).write_text(text)
    with pytest.raises(SecretsUnreadable, match="remove"):
        secrets.load(tmp_path)


def test_the_verifier_matches_the_password() -> None:
    """RFC 5803: both keys of a verifier follow from the password."""
    text = roles.verifier("pencil", b"0123456789abcdef")
    head, keys = text.removeprefix("SCRAM-SHA-256$").split("$")
    iterations, salt = head.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(salt), int(iterations))
    stored, server = (base64.b64decode(part) for part in keys.split(":"))
    assert stored == hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert server == hmac.digest(salted, b"Server Key", "sha256")
    assert roles.verifier("pencil") != roles.verifier("pencil"), "the salt is random"


def test_statements_contain_verifiers_and_the_fingerprint_a_hash() -> None:
    passwords = Secrets.generate()
    ran: list[tuple[str, str]] = []
    for new in (True, False):
        roles.make(lambda database, text: ran.append((database, text)), passwords, new_cluster=new)
    everything = str(ran) + roles.fingerprint(passwords)
    assert not [name for name in Secrets.__slots__ if getattr(passwords, name) in everything]
    assert [database for database, _ in ran] == [
        *("postgres", "template1", "postgres"),
        *("postgres", "template1", "songnodes"),
    ]
    for _, text in ran:
        assert text.endswith(";\n\n") and "--" not in text and "$$" not in text
        assert all(part.endswith(";") for part in text.strip().split("\n\n"))
    assert roles.fingerprint(passwords) != roles.fingerprint(Secrets.generate())


# whose server an address names


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ports.FILE).write_text(json.dumps({"kafka": 20001, "postgres": 20002, "redis": 20003}))
    return tmp_path


def test_addresses_of_this_data_directory_are_not_from_outside(home: Path) -> None:
    environment = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:20001",
        "KAFKA_SASL_PASSWORD": "x",
        "DATABASE_URL": "postgresql://songnodes_analyst:x@127.0.0.1:20002/songnodes",
        "REDIS_URL": "redis://localhost:20003/0",
        "SCHEMA_REGISTRY_URL": "http://127.0.0.1:20004",
    }
    assert addresses.from_outside(environment, home) == {"schema_registry_url": "http://127.0.0.1:20004"}


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:9092", "broker:20001", "127.0.0.1:20001,broker:9092", "10.0.0.1:20001", "127.0.0.1", ""],
)
def test_other_addresses_are_from_outside(home: Path, address: str) -> None:
    environment = {"KAFKA_BOOTSTRAP": address, "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p"}
    expected = (
        {"kafka_bootstrap": address, "kafka_sasl_username": "u", "kafka_sasl_password": "p"}
        if address
        else {}
    )
    assert addresses.from_outside(environment, home) == expected


def test_another_database_of_the_embedded_server_is_from_outside(home: Path) -> None:
    own = "postgresql://u:p@127.0.0.1:20002/songnodes"
    addresses.save(Access(database_url=own), ["database_url"], home)
    assert addresses.is_own("database_url", own.replace("u:p", "analyst:x"), home)
    assert not addresses.is_own("database_url", own.replace("/songnodes", "/another"), home)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://u@h:1/x", "postgresql://u:p%40s@h:1/x"),
        ("postgresql://u:own@h/x?a=b", "postgresql://u:own@h/x?a=b"),
        ("postgresql://h/x", "postgresql://h/x"),
    ],
)
def test_a_password_from_pgpassword_is_put_into_the_address(
    tmp_path: Path, address: str, expected: str
) -> None:
    outside = addresses.from_outside({"DATABASE_URL": address, "PGPASSWORD": "p@s"}, tmp_path)
    assert outside == {"database_url": expected}


def test_stored_access_names_the_embedded_servers(tmp_path: Path) -> None:
    access = Access(kafka_bootstrap="h:1", kafka_sasl_username="u", kafka_sasl_password="secret")
    addresses.save(access, ["kafka_bootstrap"], tmp_path)
    assert stored_access(tmp_path) == (access, frozenset({"kafka_bootstrap"}))


def test_an_analyst_gets_no_other_database_login() -> None:
    access = Access(
        database_url="postgresql://writer:w@h:1/x",
        database_owner_url="postgresql://owner:o@h:1/x",
        database_analyst_url="postgresql://analyst:a@h:1/x",
        redis_url="redis://u:r@h:2/0",
    )
    assert for_analysts(access) == {
        "DATABASE_URL": "postgresql://analyst:a@h:1/x",
        "REDIS_URL": "redis://h:2/0",
    }
    own = Access(database_url="postgresql://me:m@h:1/x", redis_url="redis://h:2/0")
    assert for_analysts(own)["DATABASE_URL"] == own.database_url, "a server of one's own has the roles it has"


# the data directory


@pytest.mark.parametrize("before", [0o755, 0o700, 0o777])
def test_the_data_directory_is_private_to_its_owner(tmp_path: Path, before: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(before)
    assert Stack(home, outside=OUTSIDE).addresses
    assert mode(home) == 0o700


def test_a_world_writable_data_directory_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o1777)
    with pytest.raises(DataDirectoryShared, match="SONGNODES_HOME"):
        assert Stack(home, outside=OUTSIDE).addresses
    assert mode(home) == 0o1777
