"""The resolver's tables, empty, in a database of this test's own."""

from collections.abc import Iterator

import pytest

from songnodes.settings import Settings
from stream_processors.resolver.store import Store


@pytest.fixture
def store(pipeline_settings: Settings) -> Iterator[Store]:
    """Its statements over a connection."""
    opened = Store.opened(pipeline_settings)
    yield opened
    opened.close()
