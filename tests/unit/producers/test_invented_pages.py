"""Generated pages, one of every kind, through recognition, parsing and links.

They have the documented structure of the four sites and none of their content, and cover the same code as the
tests of real pages, in a clone without them.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from demo import markup
from demo.sets import DemoSet
from demo.shapes import mixcloud, mixesdb, ra, tracklists1001
from demo.world import site_playlists, world
from demo.world.site_playlists import SitePlaylist
from demo.world.sizes import SIZES
from demo.world.world import World
from producers import sources
from producers.drift.observing import observe
from producers.sources.errors import ForwardingPage, LimitPage, TruncatedPage, UnexpectedShape, WrongPage
from producers.sources.page import Found, Material
from producers.sources.tracklists1001 import index
from songnodes.domain.records import Tracklist
from songnodes.errors import Poison
from tests.support.page_records import page, tracklist

AS_OF = date(2025, 10, 10)
TRACKS = ["Mona Veil - Silver Tide", "The Ferrymen - Low Moon", "Otto B - Red Eagle", "Kestrel Row - Slow"]
SEARCH = "https://www.1001tracklists.com/search/result.php"


@pytest.fixture(scope="module")
def small() -> World:
    return world.make(SIZES["small"], AS_OF)


def playlists_of(small: World, site: str) -> list[SitePlaylist]:
    return [site_playlist for site_playlist in site_playlists.of_world(small) if site_playlist.site == site]


def sets_of(small: World, site: str) -> list[DemoSet]:
    return [site_playlist.at(1) for site_playlist in playlists_of(small, site)]


def bodies(small: World) -> dict[tuple[str, str, str | None], bytes]:
    """Return a body of every kind that is recognised by its content, by source, kind and native id."""
    shown = sets_of(small, "1001tracklists")[0]
    shows = playlists_of(small, "mixcloud")
    sections = next(site_playlist for site_playlist in shows if site_playlist.form == "sections")
    event = next(iter(small.events()))
    entry = {"tracklist_id": shown.native_id, "url": markup.url(shown), "title": shown.title, "date": ""}
    return {
        ("1001tracklists", "tracklist", shown.native_id): markup.render(shown).encode(),
        ("1001tracklists", "home", "home"): tracklists1001.listing("Newest", "/", [shown]),
        ("1001tracklists", "medialink", "909720"): tracklists1001.media(909720, small.catalogue.strobe),
        ("1001tracklists", "index", None): json.dumps([index_entry(entry)]).encode(),
        ("mixcloud", "cloudcast", shows[0].at(1).native_id): mixcloud.cloudcast(shows[0], 1),
        ("mixcloud", "sections", sections.at(1).native_id): mixcloud.sections(sections, 1),
        ("mixcloud", "listing", None): mixcloud.listing(sets_of(small, "mixcloud")[:2], None),
        ("ra", "event", event.native_id): ra.detail(event),
        ("ra", "event-listing", None): ra.listing([event], 1),
    }


def index_entry(entry: dict[str, str]) -> dict[str, Any]:
    """Return an entry of a list of sets: all of its fields, None for those not passed."""
    return dict.fromkeys(index.FIELDS) | entry


def test_every_kind_is_recognised_by_its_content(small: World) -> None:
    for (source, kind, native), body in bodies(small).items():
        recognised = sources.recognise(Material(body))
        assert recognised is not None, (source, kind)
        assert (recognised.source, recognised.kind) == (source, kind)
        assert native in (None, recognised.native_id)
        assert sources.has_parser(source, kind) or sources.has_links(source, kind)


def test_every_kind_is_parsed(small: World) -> None:
    for (source, kind, native), body in bodies(small).items():
        address = Found(source=source, kind=kind, native_id=native or "x")
        if kind == "medialink":
            address = Found(source=source, kind=kind, native_id=f"sn00001/{native}")
        record_page = page(body, found=address)
        outputs = sources.parse(record_page)
        assert bool(outputs) == sources.has_parser(source, kind)
        links = sources.discover(record_page) if sources.has_links(source, kind) else []
        assert bool(links) == sources.has_links(source, kind)
        assert observe(record_page) is not None


def test_a_listing_keeps_the_address_it_was_read_from(small: World) -> None:
    shows = sets_of(small, "mixcloud")[:2]
    url = "https://api.mixcloud.com/ada/cloudcasts/"
    listing = sources.recognise(Material(mixcloud.listing(shows, None), url=url))
    assert listing is not None
    assert (listing.kind, listing.url) == ("listing", url)
    assert sources.recognise(Material(mixcloud.listing([], None))) is None
    assert sources.recognise(Material(b"[]", url="https://example.org/")) is None


def test_sections_of_an_unknown_show_take_the_id_of_their_address() -> None:
    url = "https://app.mixcloud.com/graphql#/ada/night-show/"
    sections = sources.recognise(Material(mixcloud.no_sections(), url=url))
    assert sections is not None
    assert (sections.kind, sections.native_id) == ("sections", "ada/night-show")
    assert sources.recognise(Material(mixcloud.no_sections())) is None


def test_searches_are_distinguished_by_address_or_title(small: World) -> None:
    shown = sets_of(small, "1001tracklists")[:2]
    by_title = [
        sources.recognise(Material(tracklists1001.listing(title, "/search/result.php", shown)))
        for title in ("Search: ada", "Search: bo")
    ]
    assert len({search.page_id for search in by_title if search and search.kind == "search"}) == 2
    body = tracklists1001.listing("Search", "/search/result.php", shown)
    searched = sources.recognise(Material(body, url=f"{SEARCH}?main_search=ada"))
    assert searched is not None
    assert searched.page_id not in {search.page_id for search in by_title if search}


def test_the_address_of_a_media_response_names_its_set(small: World) -> None:
    body = tracklists1001.media(909720, small.catalogue.strobe)
    url = "https://www.1001tracklists.com/ajax/get_medialink.php?idObject=5&idItem=909720#25fhn7c9"
    by_url = sources.recognise(Material(body, url=url))
    assert by_url is not None
    assert by_url.native_id == "25fhn7c9/909720"
    with pytest.raises(WrongPage):
        sources.parse(page(body, found=Found(source="1001tracklists", kind="medialink", native_id="x/1")))


REFUSED: Sequence[tuple[bytes, str]] = [
    (b'<?xml version="1.0"?><NML/>', "Traktor"),
    (b'<html><link rel="canonical" href="https://example.org/"></html>', "no page of a known site"),
    (b"<html><body>Hello</body></html>", "without an address"),
    (b'{"id": 1, "type": "release"}', "no answer of a known site"),
    (b"Ada - One", "plain text"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_a_body_that_is_no_page_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    assert sources.recognise(Material(body)) is None
    assert reason in sources.why_not(Material(body))


@pytest.mark.parametrize("kind", ["tracklist", "search"])
def test_pages_that_replace_others_are_refused(small: World, kind: str) -> None:
    shown = sets_of(small, "1001tracklists")[0]
    address = Found(source="1001tracklists", kind=kind, native_id=shown.native_id)
    read = sources.parse if kind == "tracklist" else sources.discover
    limit, forwarding = tracklists1001.limit_page(), tracklists1001.forwarding_page(shown)
    with pytest.raises(LimitPage):
        read(page(limit, found=address))
    with pytest.raises(ForwardingPage):
        read(page(forwarding, found=address))
    assert observe(page(limit, found=address)) is None
    with pytest.raises(TruncatedPage):
        read(page(b"<!DOCTYPE html><html><head><title>Set</title></head><body><p>Cut of", found=address))


def test_a_page_of_another_set_is_refused(small: World) -> None:
    first, second = sets_of(small, "1001tracklists")[:2]
    address = Found(source="1001tracklists", kind="tracklist", native_id=second.native_id)
    with pytest.raises(WrongPage):
        sources.parse(page(markup.render(first).encode(), found=address))


def test_a_list_of_sets_without_its_fields_is_refused() -> None:
    address = Found(source="1001tracklists", kind="index", native_id="x")
    with pytest.raises(UnexpectedShape):
        sources.discover(page(b'[{"id": 1}]', found=address))


@pytest.mark.parametrize("kind", ["cloudcast", "sections", "listing"])
def test_an_error_of_the_api_is_refused(kind: str) -> None:
    address = Found(source="mixcloud", kind=kind, native_id="ada/night-show")
    read = sources.discover if kind == "listing" else sources.parse
    with pytest.raises(Poison):
        read(page(mixcloud.error("RateLimitException", "slow down"), found=address))


def test_an_error_of_the_wiki_is_refused() -> None:
    address = Found(source="mixesdb", kind="mix", native_id="A_mix")
    with pytest.raises(Poison):
        sources.parse(page(mixesdb.error("maxlag", "Waiting for a database server"), found=address))


def show(description: str = "", sections: Sequence[dict[str, Any]] = ()) -> Tracklist:
    """Return the record of a show with this description or these sections."""
    url = "https://www.mixcloud.com/ada/night-show/"
    value = {
        **{"key": "/ada/night-show/", "url": url, "name": "Night Show 2020-05-04", "audio_length": 3600},
        "user": {"username": "ada", "name": "Ada", "url": "https://www.mixcloud.com/ada/"},
        "created_time": "2020-05-09T01:02:03Z",
        "description": description,
        "sections": list(sections),
    }
    return tracklist(json.dumps(value).encode())


def chapter(position: int, title: str) -> dict[str, Any]:
    return {"section_type": "chapter", "chapter": title, "position": position, "start_time": position * 240}


def test_chapters_that_name_tracks_are_rows() -> None:
    record = show(sections=[chapter(place, title) for place, title in enumerate(TRACKS)])
    assert [row["text"] for row in record["rows"]] == TRACKS
    assert [row["cue_seconds"] for row in record["rows"]] == [0, 240, 480, 720]
    unread = show(sections=[chapter(0, "Welcome"), chapter(1, "Second part")])
    assert unread["rows"] == []
    assert any(warning.startswith("chapters_unread") for warning in unread["warnings"])


def numbered(*endings: str) -> str:
    rows = [f"{number}. {TRACKS[number - 1]}{ending}" for number, ending in enumerate(endings, start=1)]
    return "Tracklist\n" + "\n".join(rows)


TIMES = [
    ("0:00 - 3:20 {}\n3:20 - 7:45 {}\n7:45 - 11:02 {}", [0, 200, 465], [None] * 3),
    ("22:00 {}\n22:30 {}\n23:15 {}\n00:10 {}", [None] * 4, [None] * 4),
    ("22:00 - 22:30 {}\n22:30 - 23:15 {}\n23:15 - 00:10 {}", [None] * 3, [None] * 3),
]


@pytest.mark.parametrize(("form", "cues", "lengths"), TIMES)
def test_times_at_the_start_are_cues(form: str, cues: list[int | None], lengths: list[int | None]) -> None:
    record = show("Tracklist\n" + form.format(*TRACKS))
    assert [row["text"] for row in record["rows"]] == TRACKS[: len(cues)]
    assert [row["cue_seconds"] for row in record["rows"]] == cues
    assert [row["duration_seconds"] for row in record["rows"]] == lengths


@pytest.mark.parametrize("form", [" ({})", " - {}"])
def test_times_at_the_end_that_do_not_rise_are_lengths(form: str) -> None:
    record = show(numbered(*(form.format(length) for length in ("6:19", "6:59", "5:12", "7:01"))))
    assert [row["text"] for row in record["rows"]] == TRACKS
    assert [row["duration_seconds"] for row in record["rows"]] == [379, 419, 312, 421]


def test_links_are_not_tracks() -> None:
    links = (
        "Facebook - facebook.com/ada\nInstagram - @ada\nSoundcloud - soundcloud.com/ada\nMixcloud - Ada\n"
        "Twitter - twitter.com/ada"
    )
    assert show(f"Live from the harbour.\n{links}")["rows"] == []
    record = show(numbered("", "", "", "") + f"\n\nFollow:\n{links}")
    assert [row["text"] for row in record["rows"]] == TRACKS
