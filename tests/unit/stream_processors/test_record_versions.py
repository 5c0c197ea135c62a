"""Records of a new version of an application replace those of the earlier one, in tables and stages."""

from collections.abc import Mapping
from typing import Any

import pytest

from songnodes.messaging.record_versions import first_version
from songnodes.settings import Settings
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline

TOPICS = {
    "silver": ("silver.playlists", "silver.tracks", "silver.artists"),
    "gold": ("gold.tracks", "gold.artists"),
}


def run(settings: Settings, savings: int) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the records after so many savings of the same pages."""
    pipeline = InProcessPipeline(settings=settings)
    for page in changing_pages.make(5, pages=3, savings=3).pages[: 3 * savings]:
        pipeline.publish("bronze.pages", page["page_id"], page)
    pipeline.run()
    return pipeline.live_records


@pytest.mark.parametrize("stage", TOPICS)
def test_records_of_the_first_event_replace_those_of_the_earlier_version(stage: str) -> None:
    """The new version has read one saving of each page, the earlier one all of them."""
    before = run(Settings(), 3)
    after = run(Settings().model_copy(update={f"{stage}_version": 2}), 1)
    for topic in TOPICS[stage]:
        common = before[topic].keys() & after[topic].keys()
        assert common
        for key in common:
            assert after[topic][key]["version"] > before[topic][key]["version"]


def test_the_first_version_of_an_application_adds_nothing() -> None:
    assert first_version(1) == 0
    assert float(first_version(8000) - 1) == first_version(8000) - 1
