"""The servers, with topics, schemas and tables of this test's own."""

from collections.abc import Iterator

import pytest

from songnodes.settings import Settings
from tests.support.sink_bench import Bench


@pytest.fixture
def bench(pipeline_settings: Settings) -> Iterator[Bench]:
    bench = Bench(pipeline_settings)
    yield bench
    bench.close()
