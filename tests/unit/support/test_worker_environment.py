"""Settings reach the processes of a test as they are."""

import os
from pathlib import Path

import pytest

from songnodes.access import Access
from songnodes.settings import Settings
from tests.support.worker_processes import environment


def test_the_environment_of_a_worker_has_the_same_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, commit_interval=0.5, pauses={"a.example": 2.0})
    passed = environment(settings, slot="3")
    for name in [name for name in os.environ if name.startswith("SONGNODES_")]:
        monkeypatch.delenv(name)
    for name, value in passed.items():
        monkeypatch.setenv(name, value)
    excluded = {*Access.model_fields, "worker_slot"}
    assert Settings().model_dump(exclude=excluded) == settings.model_dump(exclude=excluded)
    assert Settings().worker_slot == "3"
