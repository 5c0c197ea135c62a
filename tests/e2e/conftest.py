"""Running pipelines, one per module: starting five processes takes longer than most tests."""

from collections.abc import Iterator

import pytest

from songnodes.access import Access
from tests.support.isolated_pipeline import fresh_settings
from tests.support.pipeline import Pipeline


@pytest.fixture(scope="module")
def pipeline(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Yield an empty pipeline whose workers run. At the end it is stopped and its exits are checked."""
    home = tmp_path_factory.mktemp("pipeline")
    with (
        fresh_settings(addresses, template_database, home, commit_interval=0.2) as settings,
        Pipeline(settings) as running,
    ):
        running.start()
        yield running
        running.processes.stop()
        assert not running.processes.unexpected()
