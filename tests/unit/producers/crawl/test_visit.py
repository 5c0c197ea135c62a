"""Outcomes of one visit: the archived page, the stored state, the report to the gate."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from demo.shapes import tracklists1001
from producers import sources
from producers.crawl import schedule
from producers.crawl.archive import Archive
from producers.crawl.pages import LeasedPage, VisitOutcome
from producers.crawl.visit import Visit, Visitor
from producers.fetch import Disallowed, FetchResponse, HostCoolingDown, NotFetchable, SiteUnreachable
from producers.sources import Found, Question
from songnodes.clock import ManualClock
from songnodes.errors import NotAcknowledged, RedisUnreachable
from tests.support.crawl_fakes import NOW, FakeFetcher, FakeFrontier, FakeOutbox, answer, leased

TITLE = "2024-10-25 - Ada Example - Show"
URL = "https://www.mixesdb.com/w/2024-10-25_-_Ada_Example_-_Show"
API = "https://www.mixesdb.com/w/rest.php/v1/page/x"
TEXT = "== Tracklist ==\n# [00] A - B\n# [05] ?\n[[Category:Tracklist: incomplete]]\n"


def rest(text: str = TEXT, revision: int = 7, title: str = TITLE) -> bytes:
    value = {
        "title": title,
        "content_model": "wikitext",
        "source": text,
        "latest": {"id": revision, "timestamp": "2026-11-01T00:00:00Z"},
    }
    return json.dumps(value).encode()


def page_ref(url: str = URL) -> Found:
    page = sources.by_url(url)
    assert page is not None
    return page


class Visiting:
    """A visitor on in-memory dependencies."""

    def __init__(self, *answers: FetchResponse | BaseException, error: str | None = None) -> None:
        self.frontier = FakeFrontier()
        self.site = FakeFetcher(*answers)
        self.outbox = FakeOutbox(error)
        self._visitor = Visitor(self.frontier, self.site, Archive(self.outbox), ManualClock(NOW))

    async def visit(self, page: LeasedPage) -> Visit:
        return await self._visitor.visit(page)

    @property
    def outcome(self) -> VisitOutcome:
        (outcome,) = self.frontier.outcomes.values()
        return outcome


async def test_a_page_is_archived_parsed_and_stored() -> None:
    visiting = Visiting(answer(API, rest(), etag='"7"'))
    visit = await visiting.visit(leased(page_ref()))
    assert (visit.ending, visit.published) == ("parsed", True)
    (page,) = visiting.outbox.pages
    assert (page["page_id"], page["fetcher"], page["robots"]) == (page_ref().page_id, "http", "allowed")
    (fetch,) = visiting.frontier.fetches
    assert fetch.sha256 == page["sha256"] == sha256(rest()).hexdigest()
    outcome = visiting.outcome
    assert (outcome.state, outcome.etag, outcome.revision, outcome.unidentified) == ("parsed", '"7"', 7, 1)
    assert str(outcome.set_date) == "2024-10-25"
    assert outcome.next_at > NOW


async def test_validators_are_sent_and_304_changes_nothing() -> None:
    visiting = Visiting(answer(API, status=304))
    leased_page = leased(
        page_ref(), etag='"7"', last_modified="then", sha256="s", content_hash="c", unchanged=1
    )
    visit = await visiting.visit(leased_page)
    (ask,) = visiting.site.requests
    assert (ask.etag, ask.last_modified) == ('"7"', "then")
    assert visit.ending == "unchanged"
    assert not visiting.outbox.pages
    outcome = visiting.outcome
    assert (outcome.state, outcome.unchanged, outcome.etag, outcome.sha256) == ("parsed", 2, '"7"', "s")


async def test_validators_of_a_page_that_was_never_archived_are_not_sent() -> None:
    visiting = Visiting(answer(API, rest()))
    await visiting.visit(leased(page_ref(), etag='"7"'))
    assert visiting.site.requests[0].etag is None


async def test_the_same_body_is_published_once_and_counters_alone_are_no_change() -> None:
    visiting = Visiting(answer(API, rest()), answer(API, rest()), answer(API, rest(revision=8)))
    await visiting.visit(leased(page_ref()))
    first = visiting.outcome
    refetch = leased(page_ref(), sha256=first.sha256, content_hash=first.content_hash)
    assert (await visiting.visit(refetch)).ending == "unchanged"
    assert len(visiting.outbox.pages) == 1
    assert (await visiting.visit(refetch)).published  # another body with the same tracklist
    assert visiting.outcome.unchanged == 1


async def test_a_page_that_cannot_be_parsed_is_archived() -> None:
    visiting = Visiting(answer(API, rest("no list at all")))
    visit = await visiting.visit(leased(page_ref()))
    assert (visit.ending, visit.published) == ("fetched", True)
    assert visiting.outcome.state == "fetched"
    assert visiting.outcome.why is not None


async def test_a_page_that_kafka_refuses_is_not_done() -> None:
    visiting = Visiting(answer(API, rest()), error="timed out")
    with pytest.raises(NotAcknowledged):
        await visiting.visit(leased(page_ref()))
    assert not visiting.frontier.outcomes
    assert visiting.frontier.released == {page_ref().page_id: NOW}


BLOCKED_URL = "https://www.1001tracklists.com/tracklist/25fhn7c9/"
OWN_ADDRESS = f'<meta property="og:url" content="{BLOCKED_URL}">'.encode()
#: Pages that come with the address of the set, in place of it.
INVENTED_BLOCKS = {
    "limit": tracklists1001.limit_page().replace(b"<head>", b"<head>" + OWN_ADDRESS),
    "forwarding": b"<html><head>"
    + OWN_ADDRESS
    + b"</head><body><p>Please wait, you will be forwarded.</p></body></html>",
}


async def assert_blocked(body: bytes, kind: str) -> None:
    about = sources.recognise(sources.Material(body, url=BLOCKED_URL))
    assert about is not None
    assert about.blocked is not None
    assert kind in about.blocked
    visiting = Visiting(answer(BLOCKED_URL, body, content_type="text/html"))
    visit = await visiting.visit(leased(page_ref(BLOCKED_URL)))
    assert visit.ending == "blocked"
    assert not visiting.outbox.pages
    assert visiting.site.blocks == {"www.1001tracklists.com": [about.blocked]}
    assert visiting.outcome.next_at - NOW == schedule.FIRST_BLOCK_INTERVAL


@pytest.mark.parametrize("kind", ["limit", "forwarding"])
async def test_a_block_page_is_not_archived_and_blocks_the_host(kind: str) -> None:
    await assert_blocked(INVENTED_BLOCKS[kind], kind)


@pytest.mark.parametrize("kind", ["limit", "forwarding"])
async def test_a_real_block_page_is_not_archived_and_blocks_the_host(kind: str, shared_data: Path) -> None:
    bodies = [
        file.read_bytes()
        for file in sorted((shared_data / "html" / "1001tracklists" / "blocked").glob("*.html"))
    ]
    abouts = [sources.recognise(sources.Material(body, url=BLOCKED_URL)) for body in bodies]
    blocks = [
        body for body, about in zip(bodies, abouts, strict=True) if about and kind in (about.blocked or "")
    ]
    assert blocks, f"no {kind} page among the real ones"
    await assert_blocked(blocks[0], kind)


@pytest.mark.parametrize(
    ("status", "state", "done"),
    [
        (404, "failed", True),
        (410, "failed", True),
        (400, "failed", True),
        (403, "blocked", True),
        (429, "queued", False),
        (500, "queued", False),
        (503, "queued", False),
    ],
)
async def test_status_codes_map_to_page_states(status: int, state: str, done: bool) -> None:
    visiting = Visiting(answer(API, b"no", status=status))
    await visiting.visit(leased(page_ref(), sha256="s", unidentified=2))
    outcome = visiting.outcome
    assert (outcome.state, outcome.done, outcome.why) == (state, done, f"status {status}")
    assert (outcome.sha256, outcome.unidentified, outcome.attempts) == ("s", 2, 1)
    assert [page["status"] for page in visiting.outbox.pages] == ([status] if status in (404, 410) else [])


@pytest.mark.parametrize("body", [b"", b"<html>Not found</html>"])
async def test_a_removed_set_is_archived_and_refetched_without_validators(body: bytes) -> None:
    visiting = Visiting(answer(API, body, status=404))
    await visiting.visit(leased(page_ref(), sha256="s", etag="e", last_modified="m"))
    (page,) = visiting.outbox.pages
    ((_, key, record),) = sources.parse(page)
    assert (page["page_id"], key) == (page_ref().page_id, f"mixesdb:{page_ref().native_id}")
    assert (record["rows"], record["rows_from"]) == ([], "withdrawn")
    assert (visiting.outcome.etag, visiting.outcome.last_modified) == (None, None)


def moved(title: str) -> FetchResponse:
    """Return the response after a redirect to the page of another title."""
    target = f"https://www.mixesdb.com/w/{title.replace(' ', '_')}"
    return replace(answer(target, rest(title=title)), redirect_status=301)


async def test_a_set_that_redirects_to_another_is_withdrawn_and_the_target_queued() -> None:
    visiting = Visiting(moved("2024-10-25 - Ada Example - New Show"))
    visit = await visiting.visit(leased(page_ref(), sha256="s", etag="e", last_modified="m"))
    target, redirect = visiting.outbox.pages
    assert target["page_id"] == "mixesdb:mix:2024-10-25_-_Ada_Example_-_New_Show"
    assert (redirect["page_id"], redirect["status"], redirect["body"]) == (page_ref().page_id, 301, b"")
    assert redirect["headers"] == {"location": target["url"]}
    ((_, key, record),) = sources.parse(redirect)
    assert (key, record["rows"], record["rows_from"]) == (f"mixesdb:{page_ref().native_id}", [], "withdrawn")
    assert record["warnings"] == [f"withdrawn: moved to {target['page_id']}"]
    assert [fetch.page_id for fetch in visiting.frontier.fetches] == [target["page_id"], page_ref().page_id]
    assert [link.found.page_id for link in visiting.frontier.links[page_ref().page_id]] == [target["page_id"]]
    assert (visit.ending, visiting.outcome.etag, visiting.outcome.last_modified) == ("failed", None, None)


async def test_a_redirect_is_archived_again_only_after_the_page_returned() -> None:
    target = "2024-10-25 - Ada Example - New Show"
    visiting = Visiting(moved(target), moved(target), answer(API, rest()), moved(target))
    for _ in range(4):
        await visiting.visit(leased(page_ref(), sha256="s"))
    statuses = [page["status"] for page in visiting.outbox.pages if page["page_id"] == page_ref().page_id]
    assert statuses == [301, 200, 301]


@pytest.mark.parametrize(
    ("response", "content_hash"),
    [
        (moved("2024-10-25 - Ada Example - New Show"), None),
        (moved(TITLE), "s"),
        (replace(moved("2024-10-25 - Ada Example - New Show"), redirect_status=None), "s"),
    ],
    ids=["never read before", "to itself", "no redirect"],
)
async def test_other_responses_withdraw_nothing(response: FetchResponse, content_hash: str | None) -> None:
    visiting = Visiting(response)
    await visiting.visit(leased(page_ref(), sha256=content_hash))
    assert [page["status"] for page in visiting.outbox.pages] == [200]


async def test_a_set_that_was_never_fetched_is_not_archived() -> None:
    visiting = Visiting(answer(API, b"no", status=404))
    await visiting.visit(leased(page_ref()))
    assert not visiting.outbox.pages


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SiteUnreachable(url=URL, reason="reset"), "queued"),
        (Disallowed(url=URL, rule="/w/"), "failed"),
        (NotFetchable(url=URL, reason="too large"), "failed"),
    ],
)
async def test_fetch_errors_map_to_page_states(error: Exception, state: str) -> None:
    visiting = Visiting(error)
    await visiting.visit(leased(page_ref()))
    assert visiting.outcome.state == state
    assert visiting.outcome.why == str(error)


async def test_the_last_attempt_gives_up_for_a_month() -> None:
    visiting = Visiting(SiteUnreachable(url=URL, reason="reset"))
    visit = await visiting.visit(leased(page_ref(), attempts=schedule.MAX_ATTEMPTS - 1))
    assert visit.ending == "failed"
    assert visiting.outcome.next_at - NOW == schedule.FAILED_INTERVAL


async def test_a_host_in_cooldown_costs_no_attempt() -> None:
    until = NOW + timedelta(hours=2)
    visiting = Visiting(HostCoolingDown(host="www.mixesdb.com", until=until, why="budget"))
    visit = await visiting.visit(leased(page_ref()))
    assert (visit.ending, visit.until) == ("held", until)
    assert visiting.frontier.released == {page_ref().page_id: until}
    assert not visiting.frontier.outcomes


async def test_an_error_of_a_server_releases_the_page_and_is_raised() -> None:
    visiting = Visiting(RedisUnreachable())
    with pytest.raises(RedisUnreachable):
        await visiting.visit(leased(page_ref()))
    assert visiting.frontier.released == {page_ref().page_id: NOW}


async def test_a_page_with_the_content_of_another_is_archived_as_that_one() -> None:
    visiting = Visiting(answer(API, rest(title="2020-01-01 - Somebody Else - Show")))
    visit = await visiting.visit(leased(page_ref()))
    (page,) = visiting.outbox.pages
    assert page["page_id"] == "mixesdb:mix:2020-01-01_-_Somebody_Else_-_Show"
    assert visit.ending == "failed"
    assert visiting.outcome.why == f"answers as {page['page_id']}"
    (link,) = visiting.frontier.links[page_ref().page_id]
    assert link.found.page_id == page["page_id"]


async def test_an_api_error_is_never_a_page() -> None:
    body = b'{"error": {"code": "maxlag", "info": "Waiting for a replica"}}'
    query = sources.SOURCES["mixesdb"].ask(Question(today=NOW.date(), category="Ada"))
    visiting = Visiting(answer(query.url or "", body))
    visit = await visiting.visit(leased(query))
    assert (visit.ending, visiting.outcome.state) == ("retried", "queued")
    assert "maxlag" in (visit.why or "")
    assert not visiting.outbox.pages


async def test_an_empty_response_is_retried() -> None:
    visiting = Visiting(answer(API, b""))
    assert (await visiting.visit(leased(page_ref()))).ending == "retried"
    assert not visiting.outbox.pages


SHOW = {
    "key": "/ada/night-show/",
    "url": "https://www.mixcloud.com/ada/night-show/",
    "name": "Night Show 2020-05-04",
    "audio_length": 3600,
    "user": {"username": "ada", "name": "Ada", "url": "https://www.mixcloud.com/ada/"},
    "created_time": "2020-05-09T01:02:03Z",
}


async def assert_queues_sections(body: bytes) -> None:
    show = sources.recognise(sources.Material(body))
    assert show is not None
    visiting = Visiting(answer("https://api.mixcloud.com/x/y/", body))
    await visiting.visit(leased(show))
    companions = [link.found.kind for link in visiting.frontier.links[show.page_id]]
    assert companions == ([] if json.loads(body).get("sections") else ["sections"])


@pytest.mark.parametrize("sections", [[], [{"section_type": "track", "position": 1, "track": {"name": "a"}}]])
async def test_a_show_without_sections_queues_its_sections(sections: list[dict[str, object]]) -> None:
    await assert_queues_sections(json.dumps({**SHOW, "sections": sections}).encode())


async def test_a_real_show_without_sections_queues_its_sections(shared_data: Path) -> None:
    await assert_queues_sections((shared_data / "json" / "mixcloud" / "cloudcast-response.json").read_bytes())


async def test_a_page_without_a_request_fails_without_fetching() -> None:
    index = Found(source="1001tracklists", kind="index", native_id="abc")
    visiting = Visiting()
    assert (await visiting.visit(leased(index))).ending == "failed"
    assert not visiting.site.requests
