"""A pipeline whose topics are made, and commands that act on it."""

import pytest
from typer.testing import CliRunner

from operations.dead_letters import cli as dlq
from operations.dead_letters.topic import stages
from songnodes.settings import Settings
from tests.integration.operations.mail import Command, make_topics

TOPICS = (*(f"{stage}.dlq" for stage in stages()), "bronze.pages", "silver.playlists", "silver.tracks")


@pytest.fixture
def pipeline(pipeline_settings: Settings) -> Settings:
    """Settings of a pipeline with the topics that these tests need: all of them take five times as long."""
    make_topics(pipeline_settings, *TOPICS)
    return pipeline_settings


@pytest.fixture
def run_dlq(pipeline: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`songnodes dlq` with these arguments."""
    monkeypatch.setattr(dlq, "settings", lambda: pipeline)
    return lambda *arguments: CliRunner().invoke(dlq.app, list(arguments))
