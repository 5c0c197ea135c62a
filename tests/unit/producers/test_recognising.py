"""Recognition of every real file: site, kind and id, or the reason of a refusal."""

import gzip
from pathlib import Path

import pytest

from producers import sources
from producers.sources.page import Material

CASES = {
    "html/1001tracklists/home/homepage.html": "1001tracklists:home:home",
    "html/1001tracklists/blocked/captcha-forwarding.html": "1001tracklists:tracklist:2hjnqr0t",
    "html/1001tracklists/blocked/track-page-forwarding.html": "1001tracklists:track:18uj2vdx",
    "html/1001tracklists/rows/row_track.html": None,
    "html/beatport/release-1778814.html": None,
    "html/ra/legacy-top-1000-djs.html": None,
    "json/mixcloud/cloudcast-response.json": "mixcloud:cloudcast:spartacus/party-time",
    "json/mixcloud/cloudcast-list-item.json": "mixcloud:cloudcast:NTSRadio/throwing-shade-23rd-august-2014",
    "json/1001tracklists/medialink-909720.json": "1001tracklists:medialink:909720",
    "json/mixcloud/recorded-tag.json": None,
    "json/mixcloud/cloudcasts-empty.json": None,
    "json/spotify/track.json": None,
    "json/musicbrainz/recording.json": None,
    "json/beatport/v4-release-1778814.json": None,
    "json/discogs/release-1503102.json": None,
    "json/lastfm/artist-getinfo.json": None,
    "json/ra/berlin_full.json": None,
    "xml/musicbrainz/search-recording.xml": None,
}
KINDS = {
    "json/mixcloud/feed-100.json.gz": ("mixcloud", "listing"),
    "json/mixcloud/cloudcasts-page.json": ("mixcloud", "listing"),
    "json/ra/graphql-event-listings-excerpt.json": ("ra", "event-listing"),
    "dataset/1001tracklists-index/acslater.json.gz": ("1001tracklists", "index"),
    "html/1001tracklists/search/time-warp-2024.html": ("1001tracklists", "search"),
}


def material(file: Path, url: str | None = None) -> Material:
    raw = file.read_bytes()
    return Material(gzip.decompress(raw) if file.suffix == ".gz" else raw, url=url)


@pytest.mark.parametrize(("name", "page_id"), CASES.items())
def test_real_files_are_recognised(shared_data: Path, name: str, page_id: str | None) -> None:
    file_material = material(shared_data / name)
    page_ref = sources.recognise(file_material)
    assert (page_ref and page_ref.page_id) == page_id
    assert sources.why_not(file_material)


@pytest.mark.parametrize(("name", "expected"), KINDS.items())
def test_kinds_without_a_native_id_are_recognised(
    shared_data: Path, name: str, expected: tuple[str, str]
) -> None:
    page_ref = sources.recognise(material(shared_data / name))
    assert page_ref is not None
    assert (page_ref.source, page_ref.kind) == expected
    assert sources.has_parser(*expected) or sources.has_links(*expected)


def test_searches_of_different_words_are_different_pages(shared_data: Path) -> None:
    folder = shared_data / "html" / "1001tracklists" / "search"
    page_refs = [sources.recognise(material(file)) for file in sorted(folder.glob("*.html"))]
    assert len({page_ref.page_id for page_ref in page_refs if page_ref}) == len(page_refs) == 6


def test_wikitext_needs_its_address(shared_data: Path) -> None:
    text = b"== Tracklist ==\n# [00] A - B [Label]\n\n[[Category:2006]]\n[[Category:Tracklist: complete]]"
    assert sources.recognise(Material(text)) is None
    url = "https://www.mixesdb.com/w/2006-05-01_-_Richie_Hawtin_@_Cocoric%C3%B2"
    page_ref = sources.recognise(Material(text, url=url))
    assert page_ref is not None
    assert page_ref.page_id == "mixesdb:mix:2006-05-01_-_Richie_Hawtin_@_Cocoricò"
    merger = (shared_data / "wikitext" / "mixesdb" / "tracklist-merger-examples.txt").read_bytes()
    assert sources.recognise(Material(merger)) is None


def test_the_address_in_a_page_wins_over_the_stored_address() -> None:
    body = b'<link href="https://www.1001tracklists.com/tracklist/aaa/x.html" rel=canonical>'
    page_ref = sources.recognise(Material(body, url="https://www.1001tracklists.com/tracklist/bbb/"))
    assert page_ref is not None
    assert page_ref.native_id == "aaa"


def test_the_stored_address_is_used_if_the_page_has_none() -> None:
    page_ref = sources.recognise(Material(b"<p>", url="https://www.1001tracklists.com/tracklist/bbb/"))
    assert page_ref is not None
    assert page_ref.page_id == "1001tracklists:tracklist:bbb"


def test_an_address_of_another_site_is_reported() -> None:
    body = b'<meta content="https://www.beatport.com/release/x/1" property="og:url">'
    assert "beatport.com/release/x/1" in sources.why_not(Material(body))
