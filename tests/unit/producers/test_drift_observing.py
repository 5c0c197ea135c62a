"""Observations of pages: fields, contracts and structure of real pages of each source and of changed ones."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from demo.shapes.pages import Body, of_world
from demo.world.sizes import SIZES
from demo.world.world import make
from producers import sources
from producers.drift.holds import OpenAlarms
from producers.drift.observing import observe, subject
from producers.sources.mixesdb.line_fingerprint import line_forms
from producers.sources.page import Found
from songnodes.domain.drift import Subject, Watch
from songnodes.domain.records import Page
from songnodes.settings import Settings
from tests.support.mixcloud_shows import show
from tests.support.page_records import page

TRACKLIST = Found(source="1001tracklists", kind="tracklist", native_id="nsgpmht")


@pytest.fixture
def real(shared_data: Path) -> Page:
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("nsgpmht-*.html")
    return page(file.read_bytes())


def version_of(source: str, kind: str) -> int:
    return sources.SOURCES[source].card.version(kind)


def changed(record_page: Page, edit: Callable[[bytes], bytes]) -> Page:
    return page(edit(record_page["body"]), found=TRACKLIST)


def test_a_real_page_has_fields_contracts_and_structure(real: Page) -> None:
    observation = observe(real)
    assert observation is not None
    assert observation.subject == Subject(
        "1001tracklists", "tracklist", version_of("1001tracklists", "tracklist")
    )
    assert observation.failure is None
    assert all(observation.kept.values())
    assert observation.fields["rows.cue_seconds"] == (31, 31)
    assert observation.fields["header.djs"].filled == 1
    assert {"<div>", ".tlpItem", ".trRow0", "@data-id", "@data-trno"} <= observation.structure


def test_all_real_tracklists_share_the_structure_of_a_row(shared_data: Path) -> None:
    files = sorted((shared_data / "html" / "1001tracklists" / "tracklist").glob("*.html"))
    forms = [observation.structure for file in files if (observation := observe(page(file.read_bytes())))]
    assert len(forms) == 5
    assert {".tlpItem", "@data-id", "@data-trno", "@id", "@class"} <= frozenset.intersection(*forms)


def test_a_renamed_attribute_changes_the_structure(real: Page) -> None:
    observation = observe(changed(real, lambda body: body.replace(b"data-isided", b"data-known")))
    assert observation is not None
    assert "@data-known" in observation.structure
    assert "@data-isided" not in observation.structure


def test_a_renamed_row_is_a_failure(real: Page) -> None:
    observation = observe(changed(real, lambda body: body.replace(b"tlpItem", b"line")))
    assert observation is not None
    assert observation.failure == "no_rows"
    assert (observation.fields, observation.structure) == ({}, frozenset())


def test_a_block_page_is_not_observed(shared_data: Path) -> None:
    file = shared_data / "html" / "1001tracklists" / "blocked" / "captcha-forwarding.html"
    assert observe(page(file.read_bytes())) is None


def test_the_structure_is_keys_in_json_and_lines_in_wikitext() -> None:
    before, after = observe(show(1)), observe(show(2, changed=True))
    assert before is not None
    assert after is not None
    assert before.structure - after.structure == {"sections[].start_time"}
    assert after.structure - before.structure == {"sections[].starts"}
    lines = [{"fragment": text} for text in ("# [012] A - B", "[1:02:03] C - D", "# [??] E", "Plain")]
    assert line_forms(show(1), [{"rows": lines}]) == {"# [0]", "[0:0:0]", "# [??]", "plain"}


def test_the_version_of_each_kind_matches_its_records(real: Page) -> None:
    for record_page in (real, show(1)):
        about = subject(record_page)
        assert about is not None
        assert {output.record["parser_version"] for output in sources.parse(record_page)} == {
            about.parser_version
        }
    for source in sources.SOURCES.values():
        assert source.card.versions.keys() == source.parsers.keys()


def test_open_alarms_are_read_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    queries: list[Subject] = []
    alarms = OpenAlarms(Settings().model_copy(update={"database_url": "unused"}), clock=lambda: now[0])

    def query(about: Subject) -> tuple[str, ...]:
        queries.append(about)
        return "a", "b"

    monkeypatch.setattr(alarms, "_open_alarms", query)
    headers = alarms.headers(show(1))
    assert (
        headers
        == alarms.headers(show(2))
        == [
            ("hold.alarms", b"a b"),
            ("hold.parser_version", str(version_of("mixcloud", "cloudcast")).encode()),
        ]
    )
    now[0] = 1.0
    alarms.headers(show(3))
    assert queries == [Subject("mixcloud", "cloudcast", version_of("mixcloud", "cloudcast"))] * 2


def test_a_simulated_world_raises_no_alarm_until_its_site_changes() -> None:
    """Its pages vary like real ones: missing cues, labels, venues, several sites, later versions."""
    world = make(SIZES["demo"], date(2026, 11, 23))
    watches: dict[Subject, Watch] = {}

    def alarms(bodies: Iterable[Body]) -> list[str]:
        observations = filter(None, (observe(page(item.body, url=item.url)) for item in bodies))
        return [
            breach.measure
            for item in observations
            for breach in watches.setdefault(item.subject, Watch(item.subject)).take(item)
        ]

    bodies = of_world(world)
    assert alarms(islice(bodies, 250)) == []
    later = (
        replace(item, body=item.body.replace(b"publisher", b"issuer").replace(b"trackLabel", b"label"))
        for item in bodies
    )
    assert "field.rows.label" in alarms(islice(later, 60))
