"""A pipeline with only the topics that producers write."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import NewTopic

from demo import markup
from demo.sets import DemoSet
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.support import codecs, latest_by_key

WRITTEN = ("bronze.pages", "bronze.decisions")


@pytest.fixture
def bronze(pipeline_settings: Settings) -> Settings:
    """Yield settings of a pipeline with bronze topics and an empty database."""
    wanted = topics.wanted(pipeline_settings)
    names = [topics.physical(logical, pipeline_settings) for logical in WRITTEN]
    new = [NewTopic(name, wanted[name].partitions, 1, config=dict(wanted[name].config)) for name in names]
    admin = clients.admin(pipeline_settings)  # answers come only while it lives
    for future in admin.create_topics(new).values():
        future.result()
    topics.wait_for_leaders(admin, {name: wanted[name].partitions for name in names})
    codecs.registered(pipeline_settings)
    return pipeline_settings


def published(settings: Settings, logical: str = "bronze.pages") -> list[dict[str, Any]]:
    """Return all records of a topic."""
    messages = latest_by_key.read(settings, topics.physical(logical, settings))
    with Codec.opened(settings) as codec:
        return [codec.decode(logical, message.value()) for message in messages]


def save(folder: Path, pages: Sequence[DemoSet]) -> list[Path]:
    """Write demo pages with their sidecars; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    saved_files = []
    for page in pages:
        file = folder / f"{page.native_id}-v{page.version}.html"
        file.write_text(markup.render(page), encoding="utf-8")
        beside = {"url": markup.url(page), "fetched_at": page.fetched_at.isoformat()}
        (folder / f"{file.name}.meta.json").write_text(json.dumps(beside))
        saved_files.append(file)
    return saved_files
