"""The servers, with separate topics, schemas and tables for each test."""

from collections.abc import Iterator

import pytest

from songnodes.access import Access
from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec, LiveRegistry
from songnodes.settings import Settings
from tests.support import codecs
from tests.support.sink_bench import Bench


@pytest.fixture(scope="session")
def codec(addresses: Access) -> Iterator[Codec]:
    """Return a codec with schemas registered once: the ids are the same for every test."""
    settings = Settings().with_access(addresses)
    with schemas.client(settings) as registry:
        yield Codec(codecs.registered_ids(settings), LiveRegistry(registry))


@pytest.fixture
def bench(pipeline_settings: Settings, codec: Codec) -> Bench:
    return Bench(pipeline_settings, codec)
