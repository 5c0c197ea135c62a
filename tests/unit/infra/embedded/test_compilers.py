"""Compilers of the servers in Java."""

from pathlib import Path

import pytest

from infra.embedded.java_server import JavaServer
from infra.embedded.kafka import Kafka
from infra.embedded.registry import Registry
from infra.embedded.secrets import Secrets
from infra.embedded.server import StackConfig
from infra.embedded.stack import Stack

FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1"


@pytest.mark.parametrize("server", [Kafka, Registry])
def test_servers_use_the_first_compiler(server: type[JavaServer], tmp_path: Path) -> None:
    config = StackConfig(home=tmp_path, cache=tmp_path, ports={}, secrets=Secrets.generate())
    assert server(config=config).flags == (FIRST_COMPILER_ONLY,)


def test_a_setting_gives_the_broker_both_compilers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGNODES_KAFKA_SECOND_COMPILER", "true")
    flags = {
        server.name: server.flags
        for server in Stack(tmp_path, outside={}).servers()
        if isinstance(server, JavaServer)
    }
    assert flags == {"kafka": (), "registry": (FIRST_COMPILER_ONLY,)}
