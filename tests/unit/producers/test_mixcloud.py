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
LISTINGS = {  # file: shows, whether there is a next part
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


def record(raw: bytes, **given: Any) -> Tracklist:
    ((topic, key, found),) = sources.parse(page(raw, **given))
    assert (topic, key) == ("bronze.tracklists", found["playlist_id"])
    return found  # type: ignore[return-value]


def reason(raw: bytes, kind: str = "cloudcast", native: str = "ada/night-show") -> str:
    with pytest.raises(Poison) as caught:
        sources.parse(page(raw, found=Found(source="mixcloud", kind=kind, native_id=native)))
    return caught.value.reason


@pytest.mark.parametrize("name", ["cloudcast-response", "cloudcast-with-sections-laidbackradio"])
def test_every_fact_of_the_real_shows(folder: Path, name: str) -> None:
    found = record((folder / f"{name}.json").read_bytes())
    expected = json.loads((EXPECTED / f"mixcloud-{name}.json").read_text(encoding="utf-8"))
    assert facts(found) == expected


def facts(found: Tracklist) -> dict[str, Any]:
    """What is held of a show: everything but the envelope."""
    rows = [
        [row["number"], row["text"], row["cue_text"], row["cue_seconds"], row["native_track_id"], row["part"]]
        for row in found["rows"]
    ]
    names = ("playlist_id", "url", "header", "counters", "warnings", "rows_from")
    return {**{name: found[name] for name in names}, "rows": rows}  # type: ignore[literal-required]


def test_a_show_of_a_listing_has_its_header_only(folder: Path) -> None:
    found = record((folder / "cloudcast-list-item.json").read_bytes())
    assert found["rows"] == []
    assert found["rows_from"] == "page"
    assert found["header"]["djs"][0]["native_id"] == "user:NTSRadio"


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


@pytest.mark.parametrize(("given", "seconds", "texts"), TIMES)
def test_times(given: list[Any], seconds: list[int | None], texts: list[str | None]) -> None:
    """Zeros behind the first row stand for "not known", as do answers with nothing but zeros."""
    listed = [section(n, str(n), start_time=start) for n, start in enumerate(given)]
    rows = record(show(sections=listed))["rows"]
    assert [row["cue_seconds"] for row in rows] == seconds
    assert [row["cue_text"] for row in rows] == texts


def test_the_day_of_a_title_outranks_that_of_the_upload() -> None:
    assert record(show())["header"]["date_text"] == "2020-05-04"
    uploaded = record(show(name="Night Show"))
    assert uploaded["header"]["date_text"] == "2020-05-09"
    assert uploaded["warnings"] == ["date_of_upload: the title names no day"]


def test_a_tracklist_in_the_description_is_marked_as_such() -> None:
    text = (
        "Hello!\r\n\r\nTracklist:\r\n1. Ada - One [Label]\r\n2. ID - ID\r\n3. Bo - Two (Cy Remix)\r\n\r\nBye"
    )
    found = record(show(description=text))
    assert found["rows_from"] == "description"
    assert [(row["number"], row["text"]) for row in found["rows"]] == [
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
def test_sections_by_graphql(without: tuple[str, ...]) -> None:
    """The answer need not say which show it is of: its address does."""
    value = json.loads(graphql())
    for name in without:
        del value["data"]["cloudcastLookup"][name]
    found = record(json.dumps(value).encode(), url=SECTIONS_URL)
    assert (found["playlist_id"], found["page_kind"]) == ("mixcloud:ada/night-show", "sections")
    assert found["url"] == "https://www.mixcloud.com/ada/night-show/"
    assert [(row["text"], row["cue_seconds"], row["part"]) for row in found["rows"]] == [
        ("Ada - One", 0, "Warm-up"),
        ("Two", 300, "Warm-up"),
        ("Bo - ?", 600, "Peak"),
    ]


def test_what_is_asked_is_what_is_recognised() -> None:
    found = sources.by_url(SECTIONS_URL)
    assert found is not None
    asked = sources.request(found)
    assert asked is not None
    assert asked.method == "POST"
    assert json.loads(asked.body or b"")["variables"] == {"lookup": {"username": "ada", "slug": "night-show"}}
    assert sources.by_url(asked.url) == found == sources.recognise(Material(graphql()))


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_listings(folder: Path, name: str) -> None:
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
def test_both_shapes_of_an_empty_listing(folder: Path, name: str) -> None:
    url = "https://api.mixcloud.com/zanjradio/cloudcasts/?offset=100"
    read = page((folder / name).read_bytes(), url=url)
    assert read["kind"] == "listing"
    assert sources.discover(read) == []


@pytest.mark.parametrize("name", ["category-response", "recorded-tag", "search-artists"])
def test_other_answers_are_nothing_of_ours(folder: Path, name: str) -> None:
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
def test_refusals(raw: bytes, kind: str, expected: str) -> None:
    assert reason(raw, kind) == expected


def test_sections_without_their_show_are_refused() -> None:
    value = json.loads(graphql())
    del value["data"]["cloudcastLookup"]["owner"]
    assert reason(json.dumps(value).encode(), "sections", "a1b2c3") == "no_context"


def test_lists_of_a_user_are_no_shows() -> None:
    for path in ("ada/cloudcasts/", "ada/feed/", "search/?q=a", "discover/funk/popular/"):
        found = sources.by_url(f"https://api.mixcloud.com/{path}")
        assert found is not None
        assert found.kind == "listing", path
        assert mixcloud.SOURCE.by_url(f"https://www.mixcloud.com/{path}") is None, path
