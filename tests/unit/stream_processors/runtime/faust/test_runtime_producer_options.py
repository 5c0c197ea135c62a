"""Options of the producer of a worker: its codec is that of the topics it writes."""

from collections.abc import Callable
from typing import cast

import pytest

from songnodes.messaging import clients
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors import gold, parse
from stream_processors.runtime import Stage
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.faust import app
from tests.support import codecs


@pytest.mark.parametrize(("build", "codec"), [(parse.build, "zstd"), (gold.build, "lz4")])
def test_a_worker_compresses_as_its_topics_store(
    monkeypatch: pytest.MonkeyPatch, build: Callable[[Settings, Codec], Stage], codec: str
) -> None:
    monkeypatch.setattr(clients, "Producer", dict)  # the options in place of a producer
    stage = build(Settings(kafka_bootstrap="localhost:9"), codecs.offline())
    options = cast(dict[str, object], app._kafka_producer(stage, Lease(10)))
    assert options["compression.type"] == codec
