"""Overrides on a real broker."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from typer.testing import CliRunner, Result

from demo import overrides, pages
from songnodes import decisions
from songnodes.catalogue import UnknownTrack
from songnodes.cli import override as command
from songnodes.cli.override import read_file, track_id_of
from songnodes.decisions import Author
from songnodes.errors import NotAcknowledged
from songnodes.messaging import clients
from songnodes.settings import Settings
from tests.integration.producers.conftest import published

AT = datetime(2025, 10, 10, tzinfo=UTC)


def author(days: int) -> Author:
    return Author(name="ada", reason="by ear", at=AT + timedelta(days=days))


def test_the_latest_override_is_current_until_withdrawn(bronze: Settings) -> None:
    decisions.publish(
        bronze,
        [
            decisions.override("t", "bpm", 130.0, author(1)),
            decisions.override("t", "bpm", 128.0, author(0)),  # decided before, published after
            decisions.override("t", "energy", 0.5, author(0)),
            decisions.override("t", "energy", None, author(2)),
        ],
    )
    standing = decisions.current_overrides(bronze)
    assert [(d["field"], d["value"]) for d in standing] == [("bpm", "130.0")]


def test_without_decisions_there_are_no_overrides(bronze: Settings) -> None:
    assert decisions.current_overrides(bronze) == []


def test_a_topic_without_a_leader_is_retried(bronze: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new or moving partition has no leader yet: the first listing after a start once failed."""
    refusals = [KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION)) for _ in range(2)]

    class Leaderless(Consumer):
        def get_watermark_offsets(self, *arguments: Any, **more: Any) -> tuple[int, int]:
            if refusals:
                raise refusals.pop()
            return super().get_watermark_offsets(*arguments, **more)

    monkeypatch.setattr(clients, "Consumer", Leaderless)
    assert decisions.current_overrides(bronze) == []
    assert not refusals


def test_a_file_applied_twice_yields_the_same_events(bronze: Settings, tmp_path: Path) -> None:
    file_decisions = read_file(overrides.write(tmp_path / "values.yaml", AT.date(), pages.SEED))
    for _ in range(2):
        assert decisions.publish(bronze, file_decisions) == len(file_decisions)
    events = {decision["event_id"] for decision in published(bronze, "bronze.decisions")}
    assert len(events) == len(file_decisions) == len(decisions.current_overrides(bronze))


def test_the_command_sets_lists_and_withdraws_an_override(
    bronze: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "settings", lambda: bronze)
    monkeypatch.setenv("COLUMNS", "200")

    def override(*arguments: str) -> Result:
        return CliRunner().invoke(command.app, arguments)

    set_arguments = ("Deadmau5 - Strobe", "key", "8A", "--reason", "by ear", "--author", "ada")
    refused = override("set", *set_arguments)
    assert isinstance(refused.exception, UnknownTrack), refused.output
    assert track_id_of("Deadmau5 - Strobe") in str(refused.exception)
    done = override("set", *set_arguments, "--force")
    assert done.stdout == "2 values of 1 tracks decided\n", done.output
    listed = override("list").stdout
    assert track_id_of("Deadmau5 - Strobe") in listed
    assert "by ear" in listed
    assert isinstance(override("set", "x", "bpm", "12", "--reason", "r").exception, command.OverrideRejected)
    (entry,) = json.loads(override("list", "--json", "--author", "ada").stdout)
    assert (entry["field"], entry["value"]) == ("key", "8A")
    assert json.loads(override("list", "--json", "--field", "bpm").stdout) == []
    override("withdraw", "Deadmau5 - Strobe", "key", "--reason", "wrong", "--force")
    assert "by ear" not in override("list").stdout


def test_a_decision_that_is_not_acknowledged_is_an_error(
    bronze: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "DELIVERY_TIMEOUT_S", 1.0)
    nowhere = bronze.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"})
    with pytest.raises(NotAcknowledged, match="Run the command again"):
        decisions.publish(nowhere, [decisions.override("t", "bpm", 130.0, author(1))])
