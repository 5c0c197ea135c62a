"""The environment of programs that run as the user of a server."""

from pathlib import Path

import pytest

from infra.embedded.account import unprivileged

SECRET = "a-secret-of-another-server"


def test_a_program_gets_no_password_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_SASL_PASSWORD", "REDIS_URL", "PGPASSWORD"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("SONGNODES_LOG_LEVEL", "info")
    account = unprivileged()
    output = account.run(["env"], directory=Path("/"))
    assert output.returncode == 0
    assert SECRET not in output.stdout
    assert ("SONGNODES_LOG_LEVEL" in output.stdout) is not account.switched
