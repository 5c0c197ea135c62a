"""The recording of the start of a server in Java."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.embedded import java
from infra.embedded.java_server import JavaServer
from infra.embedded.kafka import Kafka
from infra.embedded.registry import Registry
from infra.embedded.secrets import Secrets
from infra.embedded.server import OnProgress, StackConfig, ignore_progress

STACKS = 4


@pytest.mark.parametrize("kind", [Kafka, Registry])
def test_stacks_that_start_side_by_side_record_once(
    kind: type[JavaServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[Path] = []

    def record(server: JavaServer, on_progress: OnProgress) -> None:
        recorded.append(server.config.home)
        time.sleep(0.1)  # the others come meanwhile
        server._recording.touch()

    def prepare(home: Path) -> bool:
        config = StackConfig(home=home, cache=tmp_path / "cache", ports={}, secrets=Secrets.generate())
        server = kind(config=config)
        server.prepare(ignore_progress)
        return server._recording.exists()

    monkeypatch.setattr(java, "records", lambda: True)
    monkeypatch.setattr(kind, "_record", record)
    for step in ("install", "make"):
        monkeypatch.setattr(kind, step, lambda server, on_progress: None)
    with ThreadPoolExecutor(STACKS) as threads:
        homes = [tmp_path / f"{number}" for number in range(STACKS)]
        assert list(threads.map(prepare, homes)) == [True] * STACKS
    assert len(recorded) == 1


@pytest.mark.parametrize("kind", [Kafka, Registry])
def test_a_stack_may_start_without_a_recording_and_uses_one_made_since(
    kind: type[JavaServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = StackConfig(
        home=tmp_path / "home", cache=tmp_path / "cache", ports={}, secrets=Secrets.generate(), record=False
    )
    server = kind(config=config)
    monkeypatch.setattr(java, "records", lambda: True)
    for step in ("install", "make"):
        monkeypatch.setattr(kind, step, lambda server, on_progress: None)
    server.prepare(ignore_progress)
    assert not server._recording.exists()
    assert server.recorded()[0] == f"-XX:AOTCache={server._recording}"
