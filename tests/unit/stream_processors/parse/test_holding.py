"""Held pages: a function of the record, its headers and the parser version alone."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from demo.shapes import mixcloud, mixesdb, ra, tracklists1001
from producers import sources
from songnodes.domain.records import Page
from songnodes.messaging import dead_letters, holds
from songnodes.messaging.holds import Hold
from songnodes.settings import Settings
from stream_processors import parse
from stream_processors.parse.holding import Drifted
from stream_processors.runtime.testing import Emitted, StageTestDriver
from tests.support import codecs
from tests.support.mixcloud_shows import show

Headers = tuple[tuple[str, bytes], ...]
VERSION = sources.SOURCES["mixcloud"].card.version("cloudcast")
ALARM = f"mixcloud:cloudcast:v{VERSION}:field.rows.cue_seconds:1"
HELD = tuple(Hold(alarms=(ALARM,), parser_version=VERSION).headers())


@pytest.fixture
def stage() -> StageTestDriver:
    codec = codecs.offline()
    return StageTestDriver(parse.build(Settings(), codec), codec)


def process(stage: StageTestDriver, page: Page, headers: Headers = ()) -> list[Emitted]:
    return stage.feed("bronze.pages", page["page_id"], page, headers=headers)


def released(reason: str) -> Headers:
    """Return the headers of a reinserted record whose dead letter had this reason."""

    class Other(Drifted):
        pass

    Other.reason = reason
    letter = dead_letters.Reason.of(
        Other("x"), stage="parse", topic="bronze.pages", partition=0, offset=0, timestamp=0, headers=()
    )
    return tuple((name, value or b"") for name, value in letter.headers(()))


def test_a_held_page_is_a_dead_letter_at_each_read(stage: StageTestDriver) -> None:
    assert process(stage, show(1), HELD) == []
    stage.rewind()
    assert stage.redeliver() == []
    assert [reason.reason for reason, _ in stage.dead_letters] == ["drift", "drift"]
    assert ALARM in stage.dead_letters[0][0].message


def test_a_reinserted_page_passes_before_or_after_the_release(stage: StageTestDriver) -> None:
    back = (*HELD, *released("drift"))
    assert [emitted.topic for emitted in process(stage, show(1), back)] == ["bronze.tracklists"]
    assert process(stage, show(1), HELD) == []
    stage.rewind()
    assert [emitted.topic for emitted in stage.redeliver()] == ["bronze.tracklists"]


def test_a_page_reinserted_for_another_reason_is_still_held(stage: StageTestDriver) -> None:
    assert process(stage, show(1), (*HELD, *released("no_rows"))) == []
    assert [reason.reason for reason, _ in stage.dead_letters] == ["drift"]


def test_a_newer_parser_is_not_held(stage: StageTestDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    source = sources.SOURCES["mixcloud"]
    newer = replace(source.card, versions={"cloudcast": VERSION + 1})
    monkeypatch.setattr(type(source), "card", newer)
    assert len(process(stage, show(1), HELD)) == 1


def test_held_pages_do_not_stop_the_stage(stage: StageTestDriver) -> None:
    """A run of drift can be longer than the run of poison that a stage tolerates."""
    for number in range(150):
        process(stage, show(number), HELD)
    assert len(stage.dead_letters) == 150


def test_a_page_whose_rows_have_no_names_is_held_immediately(stage: StageTestDriver) -> None:
    page = show(1)
    value = json.loads(page["body"])
    for section in value["sections"]:
        section["track"] = {"title": section["track"]["name"]}
    nameless: Page = {**page, "body": json.dumps(value).encode()}
    assert process(stage, nameless) == []
    ((reason, _),) = stage.dead_letters
    assert reason.reason == "drift"
    assert "one has a text" in reason.message
    assert len(process(stage, nameless, released("drift"))) == 1, "an operator has released it"


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((holds.ALARMS, b"a"),),
        ((holds.ALARMS, b"\xff"), (holds.VERSION, b"1")),
        ((holds.ALARMS, b"a"), (holds.VERSION, b"one")),
    ],
)
def test_foreign_headers_hold_nothing(stage: StageTestDriver, headers: Headers) -> None:
    assert holds.read(headers) is None
    assert len(process(stage, show(1), headers)) == 1


#: Of each source the kind and id of a page, and the body its site sends in place of it.
BLOCKED: Mapping[str, tuple[str, str, bytes]] = {
    "1001tracklists": ("tracklist", "2hjnqr0t", tracklists1001.limit_page()),
    "mixcloud": ("cloudcast", "a/b", mixcloud.error("RateLimitException", "slow down")),
    "ra": ("event", "1", ra.error("Too many requests")),
    "mixesdb": ("mix", "A_mix", mixesdb.error("maxlag", "Waiting for a database server")),
}
CHECKING = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


def assert_is_a_dead_letter(stage: StageTestDriver, source: str, body: bytes) -> None:
    kind, native, _ = BLOCKED[source]
    page: Page = {
        **show(1),
        "source": source,
        "kind": kind,
        "native_id": native,
        "page_id": f"{source}:{kind}:{native}",
        "content_type": None,
        "status": 200,
        "body": body,
    }
    assert process(stage, page) == []
    assert len(stage.dead_letters) == 1
    assert stage.dead_letters[0][0].reason != "drift"


@pytest.mark.parametrize("source", sources.SOURCES)
@pytest.mark.parametrize("body", ["own", "proxy"])
def test_a_body_that_replaces_a_page_is_never_a_tracklist(
    stage: StageTestDriver, source: str, body: str
) -> None:
    """Also with status 200: the site's own limit page or error object, and the page of a proxy."""
    assert_is_a_dead_letter(stage, source, BLOCKED[source][2] if body == "own" else CHECKING)


def test_a_real_forwarding_page_is_never_a_tracklist(stage: StageTestDriver, shared_data: Path) -> None:
    file = shared_data / "html" / "1001tracklists" / "blocked" / "captcha-forwarding.html"
    assert_is_a_dead_letter(stage, "1001tracklists", file.read_bytes())
