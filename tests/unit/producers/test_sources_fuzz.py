"""Damaged pages of every source: a record that can be written, links, or a Poison with a reason.

`make nightly` runs the same over 200,000 inputs.
"""

import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers import sources
from producers.sources import setlists
from producers.sources.mixesdb import wikitext
from producers.sources.page import Found, Material
from songnodes.errors import Poison
from songnodes.messaging import schemas
from tests.support.page_records import page

#: Inputs of all tests here together; without it each has its own small number.
#: A failure is reported with the whole damaged page.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

INPUTS = int(os.environ.get("SONGNODES_FUZZ_INPUTS", "0"))
SCHEMAS = {
    topic: fastavro.parse_schema(schemas.newest(topic))
    for topic in ("bronze.tracklists", "bronze.events", "bronze.artists")
}
MIX = """== Tracklist ==
;Part 1
# [00] A - B [L]
...
# [3?] ''C - ?''
[[Category:2006]]
{{Player|https://x.example}}
"""
WIKI = {"title": "2006-05-01 - A, B @ C, D", "source": MIX, "content_model": "wikitext", "latest": {"id": 1}}
REVISION = {
    "pageid": 1,
    "ns": 0,
    "title": "2006 - A - B",
    "revisions": [{"slots": {"main": {"content": MIX}}}],
}
QUERY = {
    "query": {"pages": [REVISION], "categorymembers": [{"ns": 0, "title": "X"}]},
    "continue": {"cmcontinue": "page|1"},
}
SECTIONS = {
    "data": {
        "cloudcastLookup": {
            "slug": "b",
            "owner": {"username": "a"},
            "sections": [
                {"__typename": "TrackSection", "artistName": "A", "songName": "B", "startSeconds": 3},
                {"__typename": "ChapterSection", "chapter": "C", "startSeconds": 4},
            ],
        }
    }
}
EVENT = {
    "data": {
        "event": {
            "id": "1",
            "title": "T",
            "date": "2026-07-08T00:00:00.000",
            "startTime": "2026-07-08T21:00:00.000",
            "endTime": "2026-07-09T02:00:00.000",
            "venue": {
                "name": "V",
                "area": {"name": "B", "ianaTimeZone": "Europe/Berlin"},
                "location": {"latitude": 1.5, "longitude": 2},
            },
            "artists": [{"id": "7", "name": "A"}],
            "lineup": '<artist id="7">A</artist>',
        }
    }
}
#: kind -> a complete generated response, or the name of a real one.
ANSWERS: dict[tuple[str, str, str], Any] = {
    ("mixesdb", "mix", "2006-05-01_-_A,_B_@_C,_D"): WIKI,
    ("mixesdb", "query", "q"): QUERY,
    ("mixcloud", "sections", "a/b"): SECTIONS,
    ("mixcloud", "cloudcast", "spartacus/party-time"): "mixcloud/cloudcast-response.json",
    ("mixcloud", "listing", "l"): "mixcloud/user-favorites.json",
    ("ra", "event", "1"): EVENT,
    ("ra", "event-listing", "l"): "ra/graphql-event-listings-excerpt.json",
    ("1001tracklists", "medialink", "x/909720"): "1001tracklists/medialink-909720.json",
}
VALUES: tuple[object, ...] = (
    *(None, True, -1, 0, 2**31, 2**70, 1e308, 0.5, "", " ", "0", "9" * 30, "\u0000", "\ud800", "x" * 3_000),
    *("2026-02-30T25:61:00", "0000-00-00", "9999-12-31T23:59:59", "[??]", "...", "{{{{", "[[Category:"),
    *("http://[bad", "//", "٣", "𝟗", [], {}, [None], {"": None}, [[[]]], {"id": {"id": 1}}),
)
TEXTS = (
    *("''", "'''x:''' ", "[[", "]]", "{{", "}}", "<list>", "</list>", "<!--", "-->", "<ref>", "# ", ";"),
    *("...", "[1:2:3]", "[99999]", "[?5]", "== X ==", "== Tracklist ==", "[[Category:Tracklist: none]]"),
    *(" - ", "\x00", "\n", "\r", "\u2028", "\ud83d", "&#0;", "w/ ", "#: ", "##", "{{Player|", "|"),
    *("http://", "1. ", "00:00 "),
)


def examples(here: int, share: float) -> int:
    return max(here, round(INPUTS * share))


def survive(raw: bytes, page_ref: Found, url: str | None = None) -> None:
    """Parse a body with every reader of its kind."""
    read = page(raw, found=page_ref, url=url)
    for reader in (sources.parse, sources.discover):
        try:
            for result in reader(read):
                if isinstance(result, sources.Output):
                    fastavro.schemaless_writer(io.BytesIO(), SCHEMAS[result.topic], result.record)
                    assert "\x00" not in json.dumps(result.record, default=str, ensure_ascii=False)
                else:
                    assert result.found.page_id
                    result.found.page_id.encode()
        except Poison as poison:
            assert poison.reason != "poison"
            assert str(poison)
    try:
        material = Material(raw, url=url)
    except Poison:
        return
    sources.recognise(material)


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> list[tuple[Found, Any]]:
    loaded = []
    for (source, kind, native), value in ANSWERS.items():
        response = (
            json.loads((shared_data / "json" / value).read_bytes()) if isinstance(value, str) else value
        )
        loaded.append((Found(source=source, kind=kind, native_id=native), response))
    return loaded


def test_undamaged_responses_are_parsed(answers: list[tuple[Found, Any]]) -> None:
    for page_ref, value in answers:
        read = page(json.dumps(value).encode(), found=page_ref)
        assert sources.parse(read) or sources.discover(read), page_ref.page_id


def node_paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every node of a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(path_inside for key, item in inside for path_inside in node_paths(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any, remove: bool) -> Any:
    """Return the value with one node replaced or removed."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and remove:
        del copy[path[0]]
    else:
        copy[path[0]] = put(copy[path[0]], path[1:], new, remove)
    return copy


changes = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(VALUES) | st.text(max_size=30), st.booleans()),
    min_size=1,
    max_size=4,
)
HOSTS = ("www.mixesdb.com", "api.mixcloud.com", "ra.co", "www.1001tracklists.com")
HEALTH_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=examples(250, 0.35), deadline=None, suppress_health_check=HEALTH_CHECKS)
@given(which=st.integers(0, 100), edits=changes)
def test_responses_with_values_of_other_types_are_handled(
    answers: list[tuple[Found, Any]], which: int, edits: list[tuple[int, Any, bool]]
) -> None:
    page_ref, value = answers[which % len(answers)]
    for at, new, remove in edits:
        paths = node_paths(value)
        value = put(value, paths[at % len(paths)], new, remove)
    survive(json.dumps(value).encode(), page_ref)


@settings(max_examples=examples(100, 0.15), deadline=None, suppress_health_check=HEALTH_CHECKS)
@given(which=st.integers(0, 100), at=st.floats(0, 1, exclude_max=True), piece=st.binary(max_size=12))
def test_responses_with_broken_bytes_are_handled(
    answers: list[tuple[Found, Any]], which: int, at: float, piece: bytes
) -> None:
    page_ref, value = answers[which % len(answers)]
    raw = json.dumps(value).encode()
    place = int(at * len(raw))
    survive(raw[:place] + piece + raw[place + len(piece) :], page_ref)
    survive(raw[:place], page_ref)


pieces = st.lists(st.sampled_from(TEXTS) | st.text(max_size=20), max_size=30).map("".join)


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[str]:
    text = (shared_data / "wikitext" / "mixesdb" / "tracklist-merger-examples.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


@settings(max_examples=examples(150, 0.20), deadline=None, suppress_health_check=HEALTH_CHECKS)
@given(
    chosen=st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 60), pieces), max_size=12),
    head=st.sampled_from(("== Tracklist ==\n", "== Chart ==\n<list>\n", "")),
)
def test_wikitext_with_inserted_markup_is_handled(
    lines: list[str], chosen: list[tuple[int, int, str]], head: str
) -> None:
    """Real lines with inserted pieces of markup."""
    damaged = []
    for number, at, piece in chosen:
        line = lines[number % len(lines)]
        damaged.append(line[:at] + piece + line[at:])
    text = head + "\n".join(damaged)
    blocks = wikitext.read(text)
    rows = setlists.rows(blocks.tracklist.rows)
    assert len({row["row_key"] for row in rows}) == len(rows)
    found_page = Found(source="mixesdb", kind="mix", native_id="2006_-_A_-_B")
    survive(text.encode("utf-8", "surrogatepass"), found_page)


@settings(max_examples=examples(100, 0.15), deadline=None)
@given(text=pieces)
def test_any_description_is_handled(text: str) -> None:
    for entry in setlists.read_text(text).rows:
        assert entry.text is not None or entry.cue_text is not None or entry.gap


@pytest.fixture(scope="module")
def search(shared_data: Path) -> bytes:
    raw = (shared_data / "html" / "1001tracklists" / "search" / "by-youtube-url-one-hit.html").read_bytes()
    start = raw.index(b'<div class="bItm action oItm"')
    return b"<html><body>" + raw[start : start + 3_000] + b"</body></html>"


@settings(max_examples=examples(60, 0.10), deadline=None, suppress_health_check=HEALTH_CHECKS)
@given(at=st.floats(0, 1, exclude_max=True), size=st.integers(0, 200), piece=st.binary(max_size=40))
def test_damaged_listings_are_handled(search: bytes, at: float, size: int, piece: bytes) -> None:
    place = int(at * len(search))
    page_ref = Found(source="1001tracklists", kind="search", native_id="x")
    survive(search[:place] + piece + search[place + size :], page_ref)


@settings(max_examples=examples(100, 0.05), deadline=None)
@given(
    host=st.sampled_from(("www.mixesdb.com", "api.mixcloud.com", "ra.co", "www.1001tracklists.com")),
    rest=pieces,
)
def test_any_address_is_handled(host: str, rest: str) -> None:
    for start in ("/w/", "/w/api.php?", "/w/rest.php/v1/page/", "/graphql#", "/events/", "/tracklist/", "/"):
        page_ref = sources.by_url(f"https://{host}{start}{rest}")
        if page_ref is not None:
            request = sources.request(page_ref)
            assert request is None or request.url.startswith("https://")


def test_damaged_set_lists_are_handled(shared_data: Path) -> None:
    raw = gzip.decompress(
        (shared_data / "dataset" / "1001tracklists-index" / "acslater.json.gz").read_bytes()
    )
    value = json.loads(raw)[:3]
    page_ref = Found(source="1001tracklists", kind="index", native_id="x")
    for path in node_paths(value):
        for new in VALUES:
            survive(json.dumps(put(value, path, new, False)).encode(), page_ref)
