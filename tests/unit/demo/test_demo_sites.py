"""The local sites: what a crawl finds there, over HTTP, with faults that are always the same."""

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


class Answer:
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
    found: dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        each = waiting.pop()
        if each.page_id in found:
            continue
        request = sources.request(each)
        assert request is not None
        answer = Answer(sites, request.url, request.body, headers=request.headers)
        assert answer.status == 200, request.url
        found[each.page_id] = answer.body
        record = page(answer.body, url=request.url, found=each)
        if sources.has_links(each.source, each.kind):
            waiting += (link.found for link in sources.discover({**record, "url": request.url}))
    return found


@pytest.mark.parametrize(
    ("source", "question", "kind"),
    [
        ("1001tracklists", {"since": date(2000, 1, 1)}, "tracklist"),
        ("mixesdb", {"since": date(2000, 1, 1)}, "mix"),
        ("mixcloud", {"category": "house"}, "cloudcast"),
        ("ra", {"category": "1", "since": date(2000, 1, 1)}, "event"),
    ],
)
def test_a_crawl_finds_all_that_a_site_has(
    sites: Sites, source: str, question: dict[str, object], kind: str
) -> None:
    asked = Question(today=AS_OF, **question)  # type: ignore[arg-type]  # a table of keywords
    found = crawl(sites, sources.SOURCES[source].ask(asked))
    pages = {page_id.split(":", 2)[2] for page_id in found if page_id.split(":")[1] == kind}
    wanted = {telling.native_id for telling in sites.library.tellings if telling.site == source}
    assert pages == (wanted or set(sites.library.happenings))
    assert pages


def test_listings_have_several_parts(sites: Sites) -> None:
    first = Answer(sites, "https://api.mixcloud.com/discover/house/popular/?limit=3")
    assert json.loads(first.body)["paging"]["next"].startswith("https://api.mixcloud.com/discover/")
    changes = "https://www.mixesdb.com/w/api.php?action=query&list=recentchanges&rcend=2000-01-01&rclimit=3"
    assert json.loads(Answer(sites, changes).body)["continue"]["rccontinue"] == "3"


def test_robots_ask_for_a_delay(sites: Sites) -> None:
    for host in sites.mapping:
        robots = Protego.parse(Answer(sites, f"https://{host}/robots.txt").body.decode())
        assert robots.crawl_delay(AGENT) == 0.25
    assert not robots.can_fetch("https://ra.co/widget/1", AGENT)


def test_an_unchanged_page_is_not_sent_again(sites: Sites) -> None:
    url = "https://www.1001tracklists.com/"
    first = Answer(sites, url)
    again = Answer(sites, url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_edition_moves_pages_on(sites: Sites) -> None:
    later = next(t for t in sites.library.tellings if len(t.versions) == 2 and t.site == "1001tracklists")
    url = f"https://www.1001tracklists.com/tracklist/{later.native_id}/"
    first = Answer(sites, url)
    assert Answer(sites, "https://127.0.0.1/edition/2", method="PUT").status == 200
    second = Answer(sites, url, headers={"If-None-Match": first.headers["ETag"]})
    assert sites.edition == 2
    assert second.status == 200
    assert second.body != first.body


def test_errors_of_the_wiki(sites: Sites) -> None:
    api = "https://www.mixesdb.com/w/api.php"
    odd = Answer(sites, f"{api}?action=query&list=nothing")
    assert (odd.status, json.loads(odd.body)["error"]["code"]) == (200, "badvalue")
    sites.mixesdb.lag = 9.0
    behind = Answer(sites, f"{api}?action=query&list=recentchanges&maxlag=5")
    assert (behind.status, behind.headers["Retry-After"]) == (503, "5")
    assert Answer(sites, "https://www.mixesdb.com/w/rest.php/v1/page/Nothing").status == 404


def test_what_is_not_there(sites: Sites) -> None:
    assert Answer(sites, "https://www.1001tracklists.com/tracklist/nothing/").status == 404
    assert Answer(sites, "https://api.mixcloud.com/nobody/nothing/").status == 404
    body = json.dumps({"query": "{ event }", "variables": {"id": "1"}}).encode()
    assert json.loads(Answer(sites, "https://ra.co/graphql", body).body) == {"data": {"event": None}}


def test_every_request_is_on_record(sites: Sites) -> None:
    Answer(sites, "https://www.1001tracklists.com/robots.txt")
    Answer(sites, "https://www.mixesdb.com/nothing")
    assert [(seen.host, seen.path, seen.status) for seen in sites.seen] == [
        ("www.1001tracklists.com", "/robots.txt", 200),
        ("www.mixesdb.com", "/nothing", 404),
    ]
    assert {seen.user_agent for seen in sites.seen} == {AGENT}


@pytest.mark.parametrize(
    ("fault", "status"), [("limited", 429), ("failing", 503), ("forbidden", 403), ("blocked", 200)]
)
def test_faults_pass(library: Library, fault: str, status: int) -> None:
    url = "https://www.1001tracklists.com/"
    with Sites(library, faults=Faults(rates={fault: 1.0})).running() as sites:  # type: ignore[dict-item]
        first, again = Answer(sites, url), Answer(sites, url)
        assert Answer(sites, "https://www.1001tracklists.com/robots.txt").status == 200
    assert first.status == status
    assert first.headers.get("Retry-After") == ("1" if fault == "limited" else None)
    assert again.status == 200
    assert first.body != again.body


def test_a_broken_answer_ends_in_the_middle(library: Library) -> None:
    url = "https://www.1001tracklists.com/"
    with Sites(library, faults=Faults(rates={"broken": 1.0})).running() as sites:
        with pytest.raises(IncompleteRead):
            Answer(sites, url)
        assert Answer(sites, url).status == 200


def test_faults_are_as_frequent_as_stated_and_always_the_same() -> None:
    found = Counter(USUAL.of(f"/page/{n}", 1) for n in range(20_000))
    for fault, rate in USUAL.rates.items():
        assert found[fault] / 20_000 == pytest.approx(rate, rel=0.25)
    assert all(USUAL.of(f"/page/{n}", 2) is None for n in range(1000))
    assert [USUAL.of(f"/page/{n}", 1) for n in range(1000)] == [
        USUAL.of(f"/page/{n}", 1) for n in range(1000)
    ]
