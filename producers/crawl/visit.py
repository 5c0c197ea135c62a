"""Visit a page: fetch it, archive it, parse it, and store the outcome."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urlsplit

from producers import sources
from producers.crawl import visit_outcomes
from producers.crawl.archive import Archive
from producers.crawl.page_summary import (
    PageSummary,
    classify_response,
    moved_page,
    removed_page,
    summarize,
)
from producers.crawl.pages import LeasedPage, VisitOutcome
from producers.fetch import (
    Disallowed,
    FetchRequest,
    FetchResponse,
    HostCoolingDown,
    NotFetchable,
    SiteUnreachable,
)
from producers.ledger import Fetch
from producers.sources import Link
from songnodes import logs, metrics
from songnodes.clock import Clock
from songnodes.domain.records import Page
from songnodes.errors import Poison, Transient

#: Ending of a visit, as shown: parsed, archived but not readable (`fetched`), unchanged; replaced by a block
#: page; failed for a month; to be retried; `held`: the host is cooling down, so no request was sent.
Ending = Literal["parsed", "fetched", "unchanged", "blocked", "failed", "retried", "held"]

log = logs.get(__name__)


class Frontier(Protocol):
    """Part of `producers.crawl.frontier.Frontier` that a visit uses."""

    async def finish(
        self,
        leased: LeasedPage,
        outcome: VisitOutcome,
        *,
        now: datetime,
        fetches: Sequence[Fetch] = (),
        links: Sequence[Link] = (),
    ) -> bool: ...

    async def release_lease(self, leased: LeasedPage, next_at: datetime) -> None: ...

    async def latest_sha256(self, page_id: str) -> str | None: ...


class Fetcher(Protocol):
    """Part of `producers.fetch.Fetcher` that a visit uses."""

    async def fetch(self, fetch_request: FetchRequest) -> FetchResponse: ...

    async def block(self, host: str, why: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Report of one visit.

    `until` is the end of a cooldown of the host; `seconds` runs from the lease to the end.
    """

    page_id: str
    source: str
    lists: bool
    ending: Ending
    why: str | None = None
    published: bool = False
    link_count: int = 0
    until: datetime | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _VisitResult:
    """An outcome with the records that go into the same transaction."""

    outcome: VisitOutcome
    ending: Ending
    fetches: Sequence[Fetch] = ()
    links: Sequence[Link] = ()


class Visitor:
    """Visits pages, one at a time per caller."""

    def __init__(self, frontier: Frontier, fetcher: Fetcher, archive: Archive, clock: Clock) -> None:
        self._frontier = frontier
        self._fetcher = fetcher
        self._archive = archive
        self._clock = clock

    async def visit(self, leased: LeasedPage) -> Visit:
        """Fetch a leased page and store the outcome.

        Raises errors that make further visits pointless, after releasing the page: Kafka, Redis or PostgreSQL
        down, no contact address, no browser.
        """
        begun = time.monotonic()
        try:
            visit = await self._visit(leased)
        except BaseException:
            with suppress(Transient):  # when PostgreSQL is down, the lease ends with the session
                await asyncio.shield(self._frontier.release_lease(leased, self._clock.now()))
            raise
        metrics.CRAWL_VISITS.labels(leased.source, visit.ending).inc()
        metrics.CRAWL_SECONDS.labels(leased.source).observe(time.monotonic() - begun)
        return visit

    async def _visit(self, leased: LeasedPage) -> Visit:
        try:
            end = await self._fetch(leased)
        except HostCoolingDown as cooldown:
            until: datetime = cooldown.until
            await self._frontier.release_lease(leased, until)
            return _build_visit(leased, "held", why=str(cooldown.why), until=until)
        has_lease = await self._frontier.finish(
            leased, end.outcome, now=self._clock.now(), fetches=end.fetches, links=end.links
        )
        if not has_lease:
            log.warning("lease_lost", page_id=leased.page_id)
        visit = _build_visit(
            leased,
            end.ending,
            why=end.outcome.why,
            published=bool(end.fetches),
            link_count=len(end.links),
        )
        write_log = log.info if end.outcome.state in ("parsed", "fetched") else log.warning
        write_log(
            "page_visited",
            ending=visit.ending,
            page_id=leased.page_id,
            published=visit.published,
            link_count=visit.link_count,
            why=visit.why,
            attempts=end.outcome.attempts,
            next_at=end.outcome.next_at.isoformat(),
        )
        return visit

    async def _fetch(self, leased: LeasedPage) -> _VisitResult:
        """Send the request and map its failures to outcomes."""
        request = sources.request(leased.found)
        if request is None:
            return self._refused(leased, "the site has no request for this page")
        is_stored = leased.sha256 is not None
        fetch_request = FetchRequest(
            source=leased.source,
            request=request,
            etag=leased.etag if is_stored else None,
            last_modified=leased.last_modified if is_stored else None,
        )
        try:
            response = await self._fetcher.fetch(fetch_request)
        except Disallowed as refusal:
            return self._refused(leased, str(refusal), forbidden=True)
        except NotFetchable as refusal:
            return self._refused(leased, str(refusal))
        except SiteUnreachable as failure:
            return _failed(visit_outcomes.for_failure(leased, str(failure), self._clock.now()))
        return await self._handle_response(leased, response)

    async def _handle_response(self, leased: LeasedPage, response: FetchResponse) -> _VisitResult:
        """Return the result of a response, whatever its status."""
        if response.status == visit_outcomes.NOT_MODIFIED:
            return _VisitResult(outcome=visit_outcomes.for_unchanged(leased, response), ending="unchanged")
        if response.status != visit_outcomes.OK:
            return await self._handle_missing_page(leased, response)
        arrival = classify_response(response)
        if arrival.blocked:
            await self._report_block(response, arrival.blocked)
            return _failed(visit_outcomes.for_block(leased, arrival.blocked, response.fetched_at))
        if arrival.page is None:
            return _failed(visit_outcomes.for_failure(leased, arrival.unknown or "", response.fetched_at))
        summary = summarize(arrival.page)
        if summary.failed:
            return _failed(visit_outcomes.for_failure(leased, summary.failed, response.fetched_at))
        try:
            fetch = await self._archive_page(arrival.page)
        except Poison as refusal:
            return self._refused(leased, str(refusal))
        result = _result_of_page(leased, response, arrival.page, summary, fetch)
        if summary.blocked:
            await self._report_block(response, summary.blocked)
            return result
        return await self._withdraw_moved(leased, response, arrival.page, result)

    async def _withdraw_moved(
        self, leased: LeasedPage, response: FetchResponse, target: Page, result: _VisitResult
    ) -> _VisitResult:
        """Archive the redirect of a known set to another set of the site; return the result with it."""
        redirect = moved_page(response, leased.found, target) if leased.sha256 is not None else None
        if redirect is None:
            return result
        try:
            fetch = await self._archive_page(redirect)
        except Poison as refusal:
            return self._refused(leased, str(refusal))
        return _without_validators(replace(result, fetches=(*result.fetches, *_acknowledged(fetch))))

    async def _handle_missing_page(self, leased: LeasedPage, response: FetchResponse) -> _VisitResult:
        """Return the result of a response that is not a page.

        The removal of a known set is archived like a page.
        """
        end = _failed(visit_outcomes.for_status(leased, response.status, response.fetched_at))
        withdrawn = sources.is_removed_set(leased.source, leased.kind, response.status)
        if not withdrawn or leased.sha256 is None:
            return end
        try:
            fetch = await self._archive_page(removed_page(response, leased.found))
        except Poison as refusal:
            return self._refused(leased, str(refusal))
        return _without_validators(replace(end, fetches=_acknowledged(fetch)))

    async def _archive_page(self, page: Page) -> Fetch | None:
        """Archive a page unless its body equals the last one; return what Kafka acknowledged, or None."""
        if await self._frontier.latest_sha256(page["page_id"]) == page["sha256"]:
            return None
        await self._archive.store(page)
        return Fetch.of(page)

    async def _report_block(self, response: FetchResponse, why: str) -> None:
        host = urlsplit(response.url).hostname or ""
        log.error("site_blocked", host=host, why=why)
        await self._fetcher.block(host, why)

    def _refused(self, leased: LeasedPage, why: str, *, forbidden: bool = False) -> _VisitResult:
        return _failed(visit_outcomes.for_refusal(leased, why, self._clock.now(), forbidden=forbidden))


def _result_of_page(
    leased: LeasedPage, response: FetchResponse, page: Page, summary: PageSummary, fetch: Fetch | None
) -> _VisitResult:
    outcome = visit_outcomes.for_page(leased, response, page, summary)
    if outcome.state in ("failed", "blocked"):
        actual_page = sources.by_url(page["url"])
        links = (Link(found=actual_page),) if outcome.state == "failed" and actual_page else ()
        return _VisitResult(outcome=outcome, ending=outcome.state, fetches=_acknowledged(fetch), links=links)
    ending: Ending = "parsed" if outcome.state == "parsed" else "fetched"
    if outcome.unchanged and fetch is None:
        ending = "unchanged"
    return _VisitResult(outcome=outcome, ending=ending, fetches=_acknowledged(fetch), links=summary.links)


def _acknowledged(fetch: Fetch | None) -> tuple[Fetch, ...]:
    return () if fetch is None else (fetch,)


def _without_validators(result: _VisitResult) -> _VisitResult:
    """Return the result without validators: a 304 would keep a page withdrawn that was restored unchanged."""
    return replace(result, outcome=replace(result.outcome, etag=None, last_modified=None))


def _failed(outcome: VisitOutcome) -> _VisitResult:
    ending: Ending = "blocked" if outcome.state == "blocked" else "failed" if outcome.done else "retried"
    return _VisitResult(outcome=outcome, ending=ending)


def _build_visit(
    leased: LeasedPage,
    ending: Ending,
    *,
    why: str | None = None,
    published: bool = False,
    link_count: int = 0,
    until: datetime | None = None,
) -> Visit:
    return Visit(
        page_id=leased.page_id,
        source=leased.source,
        lists=sources.has_links(leased.source, leased.kind),
        ending=ending,
        why=why,
        published=published,
        link_count=link_count,
        until=until,
    )
