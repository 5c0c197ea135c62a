"""How a worker process ends when a connection to a server breaks under it."""

from types import SimpleNamespace
from typing import Any

import pytest

from songnodes.settings import Settings
from stream_processors.runtime import worker
from stream_processors.runtime.errors import TEMPORARY
from stream_processors.runtime.lease import Lease


class Broken:
    """In place of Faust's worker."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.spinner = None

    def execute_from_commandline(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_broken_connection_is_no_silent_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line would take it for a closed standard output, and exit with 1 without a word."""
    monkeypatch.setattr(worker.faust, "Worker", Broken)
    monkeypatch.setattr(worker, "Gauges", lambda app: None)
    monkeypatch.setattr(worker.application, "build", lambda stage: SimpleNamespace(lease=Lease(10)))
    monkeypatch.setattr(worker.checks, "check_topics", lambda stage: None)
    monkeypatch.setattr(worker.checks, "lock_state", lambda stage: SimpleNamespace(name="lock"))
    for module, name in ((worker.logs, "configure"), (worker.metrics, "serve")):
        monkeypatch.setattr(module, name, lambda *args: None)
    monkeypatch.setattr(worker.collector, "look_seldom", lambda: None)
    monkeypatch.setattr(worker, "_quieten", lambda level: None)
    monkeypatch.setattr(worker.asyncio, "set_event_loop", lambda loop: loop.close())
    stage: Any = SimpleNamespace(settings=Settings(KAFKA_BOOTSTRAP="127.0.0.1:1"), app_id="gold-v1")
    with pytest.raises(SystemExit) as ended:
        worker.Worker(stage).run()
    assert ended.value.code == TEMPORARY
