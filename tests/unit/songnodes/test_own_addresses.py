"""Own servers are recognised by their address, whoever's login it carries."""

import json
from pathlib import Path

import pytest

from songnodes.settings import load, not_own

OWNER = "postgresql://songnodes_owner:secret@127.0.0.1:5000/songnodes"
KNOWN = {"database_url": OWNER, "redis_url": "redis://:pw@127.0.0.1:6000/0", "kafka_bootstrap": "127.0.0.1:9"}


@pytest.mark.parametrize(
    ("name", "given", "own"),
    [
        ("database_url", "postgresql://songnodes_analyst:a@127.0.0.1:5000/songnodes", True),
        ("database_url", "postgresql://127.0.0.1:5000/songnodes?sslmode=disable", True),
        ("database_url", "postgresql://songnodes_owner:secret@127.0.0.1:5000/another", False),
        ("database_url", "postgresql://songnodes_owner:secret@db:5000/songnodes", False),
        ("redis_url", "redis://127.0.0.1:6000/0", True),
        ("redis_url", "redis://127.0.0.1:6000/1", False),
        ("kafka_bootstrap", "127.0.0.1:9", True),
        ("kafka_bootstrap", "127.0.0.1:9,127.0.0.1:10", False),
        ("schema_registry_url", "http://127.0.0.1:9", False),
    ],
)
def test_own_by_place(name: str, given: str, own: bool) -> None:
    assert not_own({name: given}, KNOWN) == ({} if own else {name: given})


def test_commands_keep_the_owner_after_the_analysts_address_was_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "addresses.json").write_text(json.dumps(KNOWN))
    monkeypatch.setenv("SONGNODES_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://songnodes_analyst:a@127.0.0.1:5000/songnodes")
    assert load().database_url == OWNER
