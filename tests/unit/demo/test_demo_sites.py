"""The local sites over HTTP: pages that a crawl reaches, and deterministic faults."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from http.client import HTTPConnection, IncompleteRead
from types import MappingProxyType

import pytest
from protego import Protego

from demo.sites import Faults, Library, Sites
from demo.sites.faults import USUAL
from demo.world import world
from demo.world.sizes import SIZES
from producers import sources
from producers.sources import Question
from producers.sources.page import Found
from tests.support.page_records import page

AS_OF = date(2025, 10, 10)
AGENT = "SongNodes tests"
Headers = Mapping[str, str]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(world.make(SIZES["small"], AS_OF))


@pytest.fixture
def sites(library: Library) -> Iterator[Sites]:
    with Sites(library, delay=0.25).running() as running:
        yield running


class Response:
    """A response, whatever its status."""

    def __init__(
        self,
        sites: Sites,
        url: str,
        body: bytes | None = None,
        method: str = "GET",
        headers: Headers = MappingProxyType({}),
    ) -> None:
        host, _, path = url.removeprefix("https://").partition("/")
        connection = HTTPConnection(sites.base.removeprefix("http://"), timeout=10)
        try:
            connection.request(
                "POST" if body else method,
                f"/{path.partition('#')[0]}",
                body,
                {"Host": host, "User-Agent": AGENT, **headers},
            )
            response = connection.getresponse()
            self.status, self.headers, self.body = response.status, response.headers, response.read()
        finally:
            connection.close()


def crawl(sites: Sites, start: Found) -> dict[str, bytes]:
    """Bodies of everything that can be reached from a page, by page id."""
    bodies: dict[str, bytes] = {}
    queue = [start]
    while queue:
        page_ref = queue.pop()
        if page_ref.page_id in bodies:
            continue
        request = sources.request(page_ref)
        assert request is not None
        response = Response(sites, request.url, request.body, headers=request.headers)
        assert response.status == 200, request.url
        bodies[page_ref.page_id] = response.body
        record = page(response.body, url=request.url, found=page_ref)
        if sources.has_links(page_ref.source, page_ref.kind):
            queue += (link.found for link in sources.discover({**record, "url": request.url}))
    return bodies


@pytest.mark.parametrize(
    ("source", "question", "kind"),
    [
        ("1001tracklists", {"since": date(2000, 1, 1)}, "tracklist"),
        ("mixesdb", {"since": date(2000, 1, 1)}, "mix"),
        ("mixcloud", {"category": "house"}, "cloudcast"),
        ("ra", {"category": "1", "since": date(2000, 1, 1)}, "event"),
    ],
)
def test_a_crawl_reaches_all_pages_of_a_site(
    sites: Sites, source: str, question: dict[str, object], kind: str
) -> None:
    query = Question(today=AS_OF, **question)  # type: ignore[arg-type]  # a table of keywords
    bodies = crawl(sites, sources.SOURCES[source].ask(query))
    pages = {page_id.split(":", 2)[2] for page_id in bodies if page_id.split(":")[1] == kind}
    expected = {
        site_playlist.native_id for site_playlist in sites.library.playlists if site_playlist.site == source
    }
    assert pages == (expected or set(sites.library.events))
    assert pages


def test_listings_are_paginated(sites: Sites) -> None:
    first = Response(sites, "https://api.mixcloud.com/discover/house/popular/?limit=3")
    assert json.loads(first.body)["paging"]["next"].startswith("https://api.mixcloud.com/discover/")
    changes = "https://www.mixesdb.com/w/api.php?action=query&list=recentchanges&rcend=2000-01-01&rclimit=3"
    assert json.loads(Response(sites, changes).body)["continue"]["rccontinue"] == "3"


def test_robots_txt_sets_a_crawl_delay(sites: Sites) -> None:
    for host in sites.mapping:
        robots = Protego.parse(Response(sites, f"https://{host}/robots.txt").body.decode())
        assert robots.crawl_delay(AGENT) == 0.25
    assert not robots.can_fetch("https://ra.co/widget/1", AGENT)


def test_an_unchanged_page_is_not_sent_again(sites: Sites) -> None:
    url = "https://www.1001tracklists.com/"
    first = Response(sites, url)
    again = Response(sites, url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_later_edition_changes_pages(sites: Sites) -> None:
    later = next(t for t in sites.library.playlists if len(t.versions) == 2 and t.site == "1001tracklists")
    url = f"https://www.1001tracklists.com/tracklist/{later.native_id}/"
    first = Response(sites, url)
    assert Response(sites, "https://127.0.0.1/edition/2", method="PUT").status == 200
    second = Response(sites, url, headers={"If-None-Match": first.headers["ETag"]})
    assert sites.edition == 2
    assert second.status == 200
    assert second.body != first.body


def test_the_wiki_returns_its_documented_errors(sites: Sites) -> None:
    api = "https://www.mixesdb.com/w/api.php"
    odd = Response(sites, f"{api}?action=query&list=nothing")
    assert (odd.status, json.loads(odd.body)["error"]["code"]) == (200, "badvalue")
    sites.mixesdb.lag = 9.0
    behind = Response(sites, f"{api}?action=query&list=recentchanges&maxlag=5")
    assert (behind.status, behind.headers["Retry-After"]) == (503, "5")
    assert Response(sites, "https://www.mixesdb.com/w/rest.php/v1/page/Nothing").status == 404


def test_missing_pages_have_the_sites_error_responses(sites: Sites) -> None:
    assert Response(sites, "https://www.1001tracklists.com/tracklist/nothing/").status == 404
    assert Response(sites, "https://api.mixcloud.com/nobody/nothing/").status == 404
    body = json.dumps({"query": "{ event }", "variables": {"id": "1"}}).encode()
    assert json.loads(Response(sites, "https://ra.co/graphql", body).body) == {"data": {"event": None}}


def test_every_request_is_logged(sites: Sites) -> None:
    Response(sites, "https://www.1001tracklists.com/robots.txt")
    Response(sites, "https://www.mixesdb.com/nothing")
    assert [(entry.host, entry.path, entry.status) for entry in sites.request_log] == [
        ("www.1001tracklists.com", "/robots.txt", 200),
        ("www.mixesdb.com", "/nothing", 404),
    ]
    assert {entry.user_agent for entry in sites.request_log} == {AGENT}


@pytest.mark.parametrize(
    ("fault", "status"), [("limited", 429), ("failing", 503), ("forbidden", 403), ("blocked", 200)]
)
def test_a_fault_affects_only_the_first_request(library: Library, fault: str, status: int) -> None:
    url = "https://www.1001tracklists.com/"
    with Sites(library, faults=Faults(rates={fault: 1.0})).running() as sites:  # type: ignore[dict-item]
        first, again = Response(sites, url), Response(sites, url)
        assert Response(sites, "https://www.1001tracklists.com/robots.txt").status == 200
    assert first.status == status
    assert first.headers.get("Retry-After") == ("1" if fault == "limited" else None)
    assert again.status == 200
    assert first.body != again.body


def test_a_broken_response_is_truncated(library: Library) -> None:
    url = "https://www.1001tracklists.com/"
    with Sites(library, faults=Faults(rates={"broken": 1.0})).running() as sites:
        with pytest.raises(IncompleteRead):
            Response(sites, url)
        assert Response(sites, url).status == 200


def test_faults_have_the_stated_rates_and_are_deterministic() -> None:
    fault_counts = Counter(USUAL.of(f"/page/{n}", 1) for n in range(20_000))
    for fault, rate in USUAL.rates.items():
        assert fault_counts[fault] / 20_000 == pytest.approx(rate, rel=0.25)
    assert all(USUAL.of(f"/page/{n}", 2) is None for n in range(1000))
    assert [USUAL.of(f"/page/{n}", 1) for n in range(1000)] == [
        USUAL.of(f"/page/{n}", 1) for n in range(1000)
    ]
