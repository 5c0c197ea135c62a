"""Mixcloud: real shows with and without times, listings of every shape, sections by GraphQL, descriptions."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources import mixcloud
from producers.sources.page import Found, Material
from songnodes.domain.records import Tracklist
from songnodes.errors import Poison
from tests.support.page_records import page

EXPECTED = Path(__file__).parent / "expected"
LISTINGS = {  # file: shows, True if there is a next part
    "cloudcasts-page.json": (20, True),
    "feed-100.json.gz": (99, True),
    "recorded-cloudcasts.json": (5, False),
    "recorded-popular.json": (1, True),
    "search-cloudcasts.json": (2, True),
    "user-favorites.json": (2, True),
}
SECTIONS_URL = "https://app.mixcloud.com/graphql#/ada/night-show/"


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "json" / "mixcloud"


def body(file: Path) -> bytes:
    raw = file.read_bytes()
    return gzip.decompress(raw) if file.suffix == ".gz" else raw


def record(raw: bytes, **fields: Any) -> Tracklist:
    ((topic, key, tracklist),) = sources.parse(page(raw, **fields))
    assert (topic, key) == ("bronze.tracklists", tracklist["playlist_id"])
    return tracklist  # type: ignore[return-value]


def reason(raw: bytes, kind: str = "cloudcast", native: str = "ada/night-show") -> str:
    with pytest.raises(Poison) as caught:
        sources.parse(page(raw, found=Found(source="mixcloud", kind=kind, native_id=native)))
    return caught.value.reason


@pytest.mark.parametrize("name", ["cloudcast-response", "cloudcast-with-sections-laidbackradio"])
def test_every_fact_of_the_real_shows(folder: Path, name: str) -> None:
    tracklist = record((folder / f"{name}.json").read_bytes())
    expected = json.loads((EXPECTED / f"mixcloud-{name}.json").read_text(encoding="utf-8"))
    assert facts(tracklist) == expected


def facts(tracklist: Tracklist) -> dict[str, Any]:
    """Return the fields of a show without the envelope."""
    rows = [
        [row["number"], row["text"], row["cue_text"], row["cue_seconds"], row["native_track_id"], row["part"]]
        for row in tracklist["rows"]
    ]
    names = ("playlist_id", "url", "header", "counters", "warnings", "rows_from")
    return {**{name: tracklist[name] for name in names}, "rows": rows}  # type: ignore[literal-required]


def test_a_show_of_a_listing_has_its_header_only(folder: Path) -> None:
    tracklist = record((folder / "cloudcast-list-item.json").read_bytes())
    assert tracklist["rows"] == []
    assert tracklist["rows_from"] == "page"
    assert tracklist["header"]["djs"][0]["native_id"] == "user:NTSRadio"


def show(**changes: Any) -> bytes:
    url = "https://www.mixcloud.com/ada/night-show/"
    value = {"key": "/ada/night-show/", "url": url, "name": "Night Show 2020-05-04", "audio_length": 3600}
    user = {"username": "ada", "name": "Ada", "url": "https://www.mixcloud.com/ada/"}
    return json.dumps({**value, "user": user, "created_time": "2020-05-09T01:02:03Z", **changes}).encode()


def section(position: int | None, name: str, **more: Any) -> dict[str, Any]:
    track = {"name": name, "key": f"/track/ada/{name}/", "artist": {"name": "Ada"}}
    return {"section_type": "track", "position": position, "track": track, **more}


@pytest.mark.parametrize("first", [0, 1])
def test_positions_from_0_and_from_1_are_the_same_rows(first: int) -> None:
    mixed = [section(first + place, name) for place, name in ((2, "c"), (0, "a"), (1, "b"))]
    rows = record(show(sections=mixed))["rows"]
    assert [(row["number"], row["ordinal"], row["text"]) for row in rows] == [
        (1, 0, "Ada - a"),
        (2, 1, "Ada - b"),
        (3, 2, "Ada - c"),
    ]


TIMES = [
    ([0, 416, 3716], [0, 416, 3716], ["0:00", "6:56", "1:01:56"]),
    ([0, 0, 0], [None, None, None], [None, None, None]),
    ([0, 416, 0], [0, 416, None], ["0:00", "6:56", None]),
    ([None, None, None], [None, None, None], [None, None, None]),
    ([-5, 416.5, "620"], [None, 416, 620], [None, "6:56", "10:20"]),
]


@pytest.mark.parametrize(("times", "seconds", "texts"), TIMES)
def test_times_of_sections_are_cues(
    times: list[Any], seconds: list[int | None], texts: list[str | None]
) -> None:
    """Zeros after the first row mean "unknown", as do responses with zeros only."""
    listed = [section(n, str(n), start_time=start) for n, start in enumerate(times)]
    rows = record(show(sections=listed))["rows"]
    assert [row["cue_seconds"] for row in rows] == seconds
    assert [row["cue_text"] for row in rows] == texts


def test_the_day_of_a_title_wins_over_that_of_the_upload() -> None:
    assert record(show())["header"]["date_text"] == "2020-05-04"
    uploaded = record(show(name="Night Show"))
    assert uploaded["header"]["date_text"] == "2020-05-09"
    assert uploaded["warnings"] == ["date_of_upload: the title names no day"]


def test_a_tracklist_in_the_description_is_marked_as_such() -> None:
    text = (
        "Hello!\r\n\r\nTracklist:\r\n1. Ada - One [Label]\r\n2. ID - ID\r\n3. Bo - Two (Cy Remix)\r\n\r\nBye"
    )
    tracklist = record(show(description=text))
    assert tracklist["rows_from"] == "description"
    assert [(row["number"], row["text"]) for row in tracklist["rows"]] == [
        (1, "Ada - One [Label]"),
        (2, "ID - ID"),
        (3, "Bo - Two (Cy Remix)"),
    ]
    both = record(show(description=text, sections=[section(1, "a")]))
    assert (both["rows_from"], len(both["rows"])) == ("sections", 1)


def graphql(**changes: Any) -> bytes:
    track = {"__typename": "TrackSection", "artistName": "Ada", "songName": "One", "startSeconds": 0}
    listed: list[Any] = [
        {"__typename": "ChapterSection", "chapter": "Warm-up", "startSeconds": 0},
        track,
        {**track, "artistName": None, "songName": "Two", "startSeconds": 300},
        {"chapter": "Peak", "startSeconds": 600},
        {"artistName": "Bo", "songName": None, "startSeconds": 600},
        "... 3 more items",
    ]
    lookup = {"slug": "night-show", "owner": {"username": "ada"}, "sections": listed, **changes}
    return json.dumps({"data": {"cloudcastLookup": lookup}}).encode()


@pytest.mark.parametrize("without", [(), ("slug", "owner")])
def test_sections_by_graphql_are_parsed(without: tuple[str, ...]) -> None:
    """The address of the response identifies the show; its body may not."""
    value = json.loads(graphql())
    for name in without:
        del value["data"]["cloudcastLookup"][name]
    tracklist = record(json.dumps(value).encode(), url=SECTIONS_URL)
    assert (tracklist["playlist_id"], tracklist["page_kind"]) == ("mixcloud:ada/night-show", "sections")
    assert tracklist["url"] == "https://www.mixcloud.com/ada/night-show/"
    assert [(row["text"], row["cue_seconds"], row["part"]) for row in tracklist["rows"]] == [
        ("Ada - One", 0, "Warm-up"),
        ("Two", 300, "Warm-up"),
        ("Bo - ?", 600, "Peak"),
    ]


def test_requests_have_addresses_that_are_recognised() -> None:
    page_ref = sources.by_url(SECTIONS_URL)
    assert page_ref is not None
    request = sources.request(page_ref)
    assert request is not None
    assert request.method == "POST"
    assert json.loads(request.body or b"")["variables"] == {
        "lookup": {"username": "ada", "slug": "night-show"}
    }
    assert sources.by_url(request.url) == page_ref == sources.recognise(Material(graphql()))


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_listings_link_to_shows(folder: Path, name: str) -> None:
    shows, more = LISTINGS[name]
    read = page(body(folder / name))
    links = sources.discover(read)
    kinds = [link.found.kind for link in links]
    assert kinds == ["cloudcast"] * shows + ["listing"] * more
    assert len({link.found.page_id for link in links}) == len(links)
    assert all(link.found.url and sources.by_url(link.found.url) == link.found for link in links)
    assert all(link.title and link.date_text and link.duration_seconds for link in links[:shows])
    assert sources.parse(read) == []


@pytest.mark.parametrize("name", ["cloudcasts-empty.json", "cloudcasts-empty-2.json"])
def test_both_forms_of_an_empty_listing_have_no_links(folder: Path, name: str) -> None:
    url = "https://api.mixcloud.com/zanjradio/cloudcasts/?offset=100"
    read = page((folder / name).read_bytes(), url=url)
    assert read["kind"] == "listing"
    assert sources.discover(read) == []


@pytest.mark.parametrize("name", ["category-response", "recorded-tag", "search-artists"])
def test_other_responses_are_not_recognised(folder: Path, name: str) -> None:
    assert sources.recognise(Material((folder / f"{name}.json").read_bytes())) is None


REFUSED = [
    (b'{"error":{"type":"ObjectDoesNotExist","message":"..."}}', "cloudcast", "api_error"),
    (b'{"name":"x"}', "cloudcast", "unexpected_shape"),
    (b"<html></html>", "cloudcast", "rendered"),
    (b"[1", "cloudcast", "not_json"),
    (show(url="https://www.mixcloud.com/bo/other/"), "cloudcast", "other_page"),
    (b'{"data":{"cloudcastLookup":null}}', "sections", "missing"),
    (b'{"errors":[{"message":"no"}],"data":null}', "sections", "api_error"),
    (graphql(slug="other"), "sections", "other_page"),
    (b'{"data":{}}', "listing", "unexpected_shape"),
]


@pytest.mark.parametrize(("raw", "kind", "expected"), REFUSED)
def test_invalid_bodies_are_refused_with_their_reason(raw: bytes, kind: str, expected: str) -> None:
    assert reason(raw, kind) == expected


def test_sections_without_their_show_are_refused() -> None:
    value = json.loads(graphql())
    del value["data"]["cloudcastLookup"]["owner"]
    assert reason(json.dumps(value).encode(), "sections", "a1b2c3") == "no_context"


def test_lists_of_a_user_are_not_shows() -> None:
    for path in ("ada/cloudcasts/", "ada/feed/", "search/?q=a", "discover/funk/popular/"):
        page_ref = sources.by_url(f"https://api.mixcloud.com/{path}")
        assert page_ref is not None
        assert page_ref.kind == "listing", path
        assert mixcloud.SOURCE.by_url(f"https://www.mixcloud.com/{path}") is None, path
