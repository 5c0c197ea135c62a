"""Every field of every page and record takes extreme values: no stage ends or takes long.

`make nightly` runs the same over a large sample.
"""

import os

import pytest

from songnodes.messaging import schemas
from tests.support import extreme_values, value_fuzz
from tests.support.value_fuzz import SEED, page_cases, record_cases, run_offline, whole_pages, whole_records

PAGES = int(os.environ.get("SONGNODES_FUZZ_PAGES", "100"))
RECORDS = int(os.environ.get("SONGNODES_FUZZ_RECORDS", "500"))

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def test_the_sample_has_pages_of_all_sources_and_records_of_all_topics() -> None:
    assert {page["source"] for page in whole_pages()} == {"1001tracklists", "mixesdb", "mixcloud", "ra"}
    without = {"silver.resolutions", "gold.playlists", "gold.transitions"}
    assert set(whole_records()) >= {*schemas.subjects()} - without


def test_whole_pages_and_records_leave_no_dead_letter() -> None:
    cases = (
        value_fuzz.Case(name="whole", topic="bronze.pages", key=page["page_id"], value=page)
        for page in whole_pages()
    )
    findings = run_offline(cases)
    assert (str(findings), dict(findings.letters)) == ("", {})


def test_every_field_of_a_record_takes_extreme_values() -> None:
    _, tracklist = whole_records()["bronze.tracklists"]
    places = {
        place.path[-1]
        for place in extreme_values.record_places(schemas.newest("bronze.tracklists"), tracklist)
        if place.path
    }
    assert places >= {*tracklist, *tracklist["header"], *tracklist["rows"][0]}


def test_pages_with_extreme_values_end_no_stage() -> None:
    findings = run_offline(page_cases(whole_pages(), PAGES, SEED))
    assert not findings.count, f"\n{findings}"


def test_records_with_extreme_values_end_no_stage() -> None:
    findings = run_offline(record_cases(RECORDS, SEED))
    assert not findings.count, f"\n{findings}"
