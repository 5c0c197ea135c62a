"""A pipeline with its topics, and commands that act on it."""

import pytest
from typer.testing import CliRunner

from operations.dead_letters import cli as dlq
from operations.dead_letters.topic import stages
from songnodes.settings import Settings
from tests.integration.operations.topic_records import Command, make_topics

TOPICS = (*(f"{stage}.dlq" for stage in stages()), "bronze.pages", "silver.playlists", "silver.tracks")


@pytest.fixture
def pipeline(pipeline_settings: Settings) -> Settings:
    """Yield settings of a pipeline with only the topics that these tests need: a fifth of the time."""
    make_topics(pipeline_settings, *TOPICS)
    return pipeline_settings


@pytest.fixture
def run_dlq(pipeline: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs `songnodes dlq` with these arguments."""
    monkeypatch.setattr(dlq, "settings", lambda: pipeline)
    return lambda *arguments: CliRunner().invoke(dlq.app, list(arguments))
