"""What pages show: fields, contracts and form of each source's real pages, and of changed ones."""

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


def changed(found: Page, edit: Callable[[bytes], bytes]) -> Page:
    return page(edit(found["body"]), found=TRACKLIST)


def test_a_real_page_shows_its_fields_contracts_and_form(real: Page) -> None:
    seen = observe(real)
    assert seen is not None
    assert seen.subject == Subject("1001tracklists", "tracklist", version_of("1001tracklists", "tracklist"))
    assert seen.failure is None
    assert all(seen.kept.values())
    assert seen.fields["rows.cue_seconds"] == (31, 31)
    assert seen.fields["header.djs"].filled == 1
    assert {"<div>", ".tlpItem", ".trRow0", "@data-id", "@data-trno"} <= seen.structure


def test_all_real_tracklists_have_the_parts_of_a_row_in_common(shared_data: Path) -> None:
    files = sorted((shared_data / "html" / "1001tracklists" / "tracklist").glob("*.html"))
    forms = [seen.structure for file in files if (seen := observe(page(file.read_bytes())))]
    assert len(forms) == 5
    assert {".tlpItem", "@data-id", "@data-trno", "@id", "@class"} <= frozenset.intersection(*forms)


def test_a_renamed_attribute_shows_in_the_form(real: Page) -> None:
    seen = observe(changed(real, lambda body: body.replace(b"data-isided", b"data-known")))
    assert seen is not None
    assert "@data-known" in seen.structure
    assert "@data-isided" not in seen.structure


def test_a_renamed_row_is_a_failure(real: Page) -> None:
    seen = observe(changed(real, lambda body: body.replace(b"tlpItem", b"line")))
    assert seen is not None
    assert seen.failure == "no_rows"
    assert (seen.fields, seen.structure) == ({}, frozenset())


def test_a_block_page_is_no_evidence(shared_data: Path) -> None:
    file = shared_data / "html" / "1001tracklists" / "blocked" / "captcha-forwarding.html"
    assert observe(page(file.read_bytes())) is None


def test_the_form_of_json_is_its_keys_and_of_wikitext_its_lines() -> None:
    before, after = observe(show(1)), observe(show(2, changed=True))
    assert before is not None
    assert after is not None
    assert before.structure - after.structure == {"sections[].start_time"}
    assert after.structure - before.structure == {"sections[].starts"}
    lines = [{"fragment": text} for text in ("# [012] A - B", "[1:02:03] C - D", "# [??] E", "Plain")]
    assert line_forms(show(1), [{"rows": lines}]) == {"# [0]", "[0:0:0]", "# [??]", "plain"}


def test_the_version_of_each_kind_is_that_of_its_records(real: Page) -> None:
    for each in (real, show(1)):
        about = subject(each)
        assert about is not None
        assert {output.record["parser_version"] for output in sources.parse(each)} == {about.parser_version}
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


def test_an_invented_world_raises_no_alarm_until_its_site_changes() -> None:
    """Its pages vary as real ones do: missing cues, labels, venues, several sites, later versions."""
    world = make(SIZES["demo"], date(2026, 11, 23))
    watches: dict[Subject, Watch] = {}

    def alarms(bodies: Iterable[Body]) -> list[str]:
        seen = filter(None, (observe(page(each.body, url=each.url)) for each in bodies))
        return [
            breach.measure
            for each in seen
            for breach in watches.setdefault(each.subject, Watch(each.subject)).take(each)
        ]

    bodies = of_world(world)
    assert alarms(islice(bodies, 250)) == []
    later = (
        replace(each, body=each.body.replace(b"publisher", b"issuer").replace(b"trackLabel", b"label"))
        for each in bodies
    )
    assert "field.rows.label" in alarms(islice(later, 60))
