"""1001tracklists without its tracklists: searches, the home page, set lists, and the media response."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources.page import Found, Link, Material
from producers.sources.tracklists1001 import listing, medialink
from songnodes.domain.records import Tracklist
from songnodes.errors import Poison
from tests.support.page_records import page

EXPECTED = Path(__file__).parent / "expected"
SEARCHES = {
    "by-youtube-url-no-hit": 0,
    "by-youtube-url-one-hit": 1,
    "no-such-set": 30,
    "sven-vath-time-warp": 30,
    "sven-vath-time-warp-2024": 30,
    "time-warp-2024": 30,
}


@pytest.fixture
def site(shared_data: Path) -> Path:
    return shared_data / "html" / "1001tracklists"


def facts(link: Link) -> list[Any]:
    """Return the data of a listed set without views, which are counters."""
    return [
        link.found.native_id,
        link.title,
        link.date_text,
        link.identified,
        link.total,
        link.duration_seconds,
        list(link.styles),
    ]


@pytest.mark.parametrize("name", SEARCHES)
def test_searches_list_sets(site: Path, name: str) -> None:
    read = page((site / "search" / f"{name}.html").read_bytes())
    links = sources.discover(read)
    assert len(links) == SEARCHES[name]
    assert all(link.title and link.date_text and link.total and link.styles for link in links)
    assert all(0 <= (link.identified or 0) <= (link.total or 0) for link in links)
    assert all(link.found.url and sources.by_url(link.found.url) == link.found for link in links)
    assert sources.parse(read) == []


def test_every_fact_of_a_search(site: Path) -> None:
    links = sources.discover(page((site / "search" / "sven-vath-time-warp-2024.html").read_bytes()))
    expected = json.loads((EXPECTED / "search-sven-vath-time-warp-2024.json").read_text(encoding="utf-8"))
    assert [facts(link) for link in links] == expected


def test_the_home_page_lists_sets(site: Path) -> None:
    links = sources.discover(page((site / "home" / "homepage.html").read_bytes()))
    assert len(links) == 15
    assert {link.found.kind for link in links} == {"tracklist"}


def test_a_page_of_a_dj_is_parsed_like_a_search(site: Path) -> None:
    """No such page could be obtained; all obtained pages list sets in the same markup."""
    body = (site / "search" / "time-warp-2024.html").read_bytes()
    page_ref = sources.by_url("https://www.1001tracklists.com/dj/svenvath/index.html")
    assert page_ref is not None
    assert (page_ref.kind, page_ref.native_id) == ("dj", "svenvath")
    assert len(sources.discover(page(body, found=page_ref))) == 30


@pytest.mark.parametrize(
    ("name", "expected"), [("ip-limit-search", "blocked_limit"), ("captcha-forwarding", "blocked_forwarding")]
)
def test_a_blocked_search_is_not_an_empty_search(site: Path, name: str, expected: str) -> None:
    body = (site / "blocked" / f"{name}.html").read_bytes()
    search = Found(source="1001tracklists", kind="search", native_id="x")
    for read in (sources.discover, sources.parse):
        with pytest.raises(Poison) as caught:
            read(page(body, found=search))
        assert caught.value.reason == expected


def test_attribute_names_with_control_characters_are_handled(site: Path) -> None:
    body = (site / "search" / "by-youtube-url-one-hit.html").read_bytes()
    damaged = body.replace(b'<a href="/tracklist/', b'<a \x01x="1" href="/tracklist/')
    assert damaged != body
    search = Found(source="1001tracklists", kind="search", native_id="x")
    assert len(sources.discover(page(damaged, found=search))) == 1


def test_a_truncated_page_is_not_an_empty_search() -> None:
    search = Found(source="1001tracklists", kind="search", native_id="x")
    with pytest.raises(Poison) as caught:
        sources.discover(page(b"<html><body><div>", found=search))
    assert caught.value.reason == "truncated"


READINGS = [
    (listing.share, "09/13", (9, 13)),
    (listing.share, "all/27", (27, 27)),
    (listing.share, "?", (None, None)),
    (listing.span, "1h 56m", 6960),
    (listing.span, "11m", 660),
    (listing.span, "2h", 7200),
    (listing.span, "", None),
    (listing.about, "384", 384),
    (listing.about, "3.7k", 3700),
    (listing.about, "1.5M", 1_500_000),
    (listing.about, "many", None),
]


@pytest.mark.parametrize(("read", "text", "expected"), READINGS)
def test_cells_are_parsed(read: Any, text: str, expected: object) -> None:
    assert read(text) == expected


def test_every_set_list_links_to_its_sets(shared_data: Path) -> None:
    """72 lists with 25,697 entries link to 25,392 sets; parsing them again adds none."""
    files = sorted((shared_data / "dataset" / "1001tracklists-index").glob("*.json.gz"))
    assert len(files) == 72
    entries, sets = 0, Counter[str]()
    first: dict[str, Link] = {}
    for file in files:
        raw = gzip.decompress(file.read_bytes())
        entries += len(json.loads(raw))
        read = page(raw)
        assert read["kind"] == "index"
        links = sources.discover(read)
        assert sources.discover(read) == links
        for link in links:
            sets[link.found.page_id] += 1
            first.setdefault(link.found.page_id, link)
    assert (entries, sum(sets.values()), len(sets)) == (25_697, 25_697, 25_392)
    assert sum(sets.values()) - len(sets) == 305
    assert sum(link.duration_seconds is not None for link in first.values()) > 19_000
    dates = [link.date_text for link in first.values() if link.date_text]
    assert (min(dates), max(dates)) == ("1995-07-30", "2025-12-05")


ANSWER_URL = "https://www.1001tracklists.com/ajax/get_medialink.php?idObject=5&idItem=909720#25fhn7c9"


@pytest.fixture
def answer(shared_data: Path) -> bytes:
    return (shared_data / "json" / "1001tracklists" / "medialink-909720.json").read_bytes()


def test_the_media_response_is_parsed(answer: bytes) -> None:
    """It has ids of five services; of two at SoundCloud the first is used."""
    ((topic, key, record),) = sources.parse(page(answer, url=ANSWER_URL))
    tracklist: Tracklist = record  # type: ignore[assignment]
    assert (topic, key, tracklist["page_kind"]) == (
        "bronze.tracklists",
        "1001tracklists:25fhn7c9",
        "medialink/909720",
    )
    assert tracklist["rows"] == []
    assert tracklist["media"] == [
        {
            "media_id": "909720",
            "ids": {
                "beatport_id": "17883763",
                "apple_music_id": "1696221102",
                "spotify_id": "5ly24DpozyrKv1FFDivUHx",
                "soundcloud_id": "2131221114",
                "youtube_id": "h8CtvP1rEy8",
            },
            "durations": {"beatport_id": 339, "apple_music_id": 228, "spotify_id": 228, "soundcloud_id": 339},
        }
    ]


def test_requests_have_addresses_that_are_recognised(answer: bytes) -> None:
    wanted = medialink.found("909720", "25fhn7c9")
    assert wanted.url == ANSWER_URL
    assert sources.by_url(ANSWER_URL) == wanted == sources.recognise(Material(answer, url=ANSWER_URL))
    request = sources.request(wanted)
    assert request is not None
    assert (request.method, request.url) == ("GET", ANSWER_URL)


def edited(answer: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(answer), **changes}).encode()


def test_deleted_links_and_malformed_ids_are_ignored(answer: bytes) -> None:
    entries = json.loads(answer)["data"]
    entries[0]["isDeleted"] = True
    entries[2]["playerId"] = "javascript:alert(1)"
    ((_, _, record),) = sources.parse(page(edited(answer, data=entries), url=ANSWER_URL))
    assert sorted(record["media"][0]["ids"]) == ["apple_music_id", "soundcloud_id", "youtube_id"]


def reason(body: bytes, native_id: str) -> str:
    page_ref = Found(source="1001tracklists", kind="medialink", native_id=native_id)
    with pytest.raises(Poison) as caught:
        sources.parse(page(body, found=page_ref))
    return caught.value.reason


def test_invalid_media_responses_are_refused(answer: bytes) -> None:
    assert reason(answer, "909720") == "no_context"
    assert reason(answer, "25fhn7c9/1") == "other_page"
    assert reason(edited(answer, success=False), "25fhn7c9/909720") == "api_error"
    assert reason(edited(answer, data=None), "25fhn7c9/909720") == "unexpected_shape"
    assert reason(b"<html>", "25fhn7c9/909720") == "not_json"
