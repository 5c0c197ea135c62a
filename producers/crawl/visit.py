"""One visit: a page is fetched, archived, read, and what follows from it is written down."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urlsplit

from producers import sources
from producers.crawl import verdicts
from producers.crawl.archive import Archive
from producers.crawl.pages import Leased, Verdict
from producers.crawl.reading import Reading, arrive, read, removed
from producers.fetch import (
    Disallowed,
    FetchRequest,
    FetchResponse,
    HostCoolingDown,
    NotFetchable,
    Unreachable,
)
from producers.ledger import Fetch
from producers.sources import Link
from songnodes import logs, metrics
from songnodes.clock import Clock
from songnodes.domain.records import Page
from songnodes.errors import Poison, Transient

#: How a visit ended, as it is shown: parsed, or archived and not readable, or unchanged; the site sent
#: something else; given up; to be tried again; the host is held, so that nobody was asked.
Ending = Literal["parsed", "fetched", "unchanged", "blocked", "failed", "retried", "held"]

log = logs.get(__name__)


class Frontier(Protocol):
    """What a visit needs of `producers.frontier.Frontier`."""

    async def finish(
        self,
        leased: Leased,
        verdict: Verdict,
        *,
        now: datetime,
        fetch: Fetch | None = None,
        links: Sequence[Link] = (),
    ) -> bool: ...

    async def give_back(self, leased: Leased, next_at: datetime) -> None: ...

    async def newest(self, page_id: str) -> str | None: ...


class Fetcher(Protocol):
    """What a visit needs of `producers.fetch.Fetcher`."""

    async def fetch(self, ask: FetchRequest) -> FetchResponse: ...

    async def block(self, host: str, why: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What became of one page. `until`: the host is held so long; `seconds` from the claim to the end."""

    page_id: str
    source: str
    lists: bool
    ending: Ending
    why: str | None = None
    published: bool = False
    found: int = 0
    until: datetime | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """A verdict with what goes into the same transaction."""

    verdict: Verdict
    ending: Ending
    fetch: Fetch | None = None
    links: Sequence[Link] = ()


class Visitor:
    """Visits pages, one at a time per caller."""

    def __init__(self, frontier: Frontier, fetching: Fetcher, archive: Archive, clock: Clock) -> None:
        self._frontier = frontier
        self._fetching = fetching
        self._archive = archive
        self._clock = clock

    async def visit(self, leased: Leased) -> Visit:
        """Fetch a leased page and settle it. Raises what says that going on is of no use: Kafka, Redis or
        PostgreSQL away, no contact, no browser. The page is given back first."""
        begun = time.monotonic()
        try:
            visit = await self._visit(leased)
        except BaseException:
            with suppress(Transient):  # where PostgreSQL is away, the lease ends with the session
                await asyncio.shield(self._frontier.give_back(leased, self._clock.now()))
            raise
        metrics.CRAWL_VISITS.labels(leased.source, visit.ending).inc()
        metrics.CRAWL_SECONDS.labels(leased.source).observe(time.monotonic() - begun)
        return visit

    async def _visit(self, leased: Leased) -> Visit:
        try:
            end = await self._ask(leased)
        except HostCoolingDown as held:
            until: datetime = held.until
            await self._frontier.give_back(leased, until)
            return _told(leased, "held", why=str(held.why), until=until)
        kept = await self._frontier.finish(
            leased, end.verdict, now=self._clock.now(), fetch=end.fetch, links=end.links
        )
        if not kept:
            log.warning("lease lost", page_id=leased.page_id)
        visit = _told(
            leased,
            end.ending,
            why=end.verdict.why,
            published=end.fetch is not None,
            found=len(end.links),
        )
        level = log.info if end.verdict.state in ("parsed", "fetched") else log.warning
        level(
            f"page {visit.ending}",
            page_id=leased.page_id,
            published=visit.published,
            found=visit.found,
            why=visit.why,
            attempts=end.verdict.attempts,
            next_at=end.verdict.next_at.isoformat(),
        )
        return visit

    async def _ask(self, leased: Leased) -> _End:
        """The request, and what its failure means."""
        request = sources.request(leased.found)
        if request is None:
            return self._refused(leased, "the site cannot be asked for this page")
        known = leased.sha256 is not None
        ask = FetchRequest(
            source=leased.source,
            request=request,
            etag=leased.etag if known else None,
            last_modified=leased.last_modified if known else None,
        )
        try:
            answer = await self._fetching.fetch(ask)
        except Disallowed as refusal:
            return self._refused(leased, str(refusal), forbidden=True)
        except NotFetchable as refusal:
            return self._refused(leased, str(refusal))
        except Unreachable as failure:
            return _failed(verdicts.of_failure(leased, str(failure), self._clock.now()))
        return await self._take(leased, answer)

    async def _take(self, leased: Leased, answer: FetchResponse) -> _End:
        """An answer of whatever status."""
        if answer.status == verdicts.UNCHANGED:
            return _End(verdict=verdicts.of_unchanged(leased, answer), ending="unchanged")
        if answer.status != verdicts.OK:
            return await self._without_page(leased, answer)
        arrival = arrive(answer)
        if arrival.blocked:
            await self._hold(answer, arrival.blocked)
            return _failed(verdicts.of_block(leased, arrival.blocked, answer.fetched_at))
        if arrival.page is None:
            return _failed(verdicts.of_failure(leased, arrival.unknown or "", answer.fetched_at))
        reading = read(arrival.page)
        if reading.failed:
            return _failed(verdicts.of_failure(leased, reading.failed, answer.fetched_at))
        try:
            fetch = await self._keep(arrival.page)
        except Poison as refusal:
            return self._refused(leased, str(refusal))
        if reading.blocked:
            await self._hold(answer, reading.blocked)
        return _read(leased, answer, arrival.page, reading, fetch)

    async def _without_page(self, leased: Leased, answer: FetchResponse) -> _End:
        """An answer that is no page, by its status. That a known set is removed is archived, as a page is."""
        end = _failed(verdicts.of_status(leased, answer.status, answer.fetched_at))
        withdrawn = sources.is_removed_set(leased.source, leased.kind, answer.status)
        if not withdrawn or leased.sha256 is None:
            return end
        try:
            fetch = await self._keep(removed(answer, leased.found))
        except Poison as refusal:
            return self._refused(leased, str(refusal))
        # Without validators: a 304 would leave a page withdrawn that has come back as it was.
        return replace(end, fetch=fetch, verdict=replace(end.verdict, etag=None, last_modified=None))

    async def _keep(self, page: Page) -> Fetch | None:
        """Archive a page, unless its body is the one that was archived last; what Kafka acknowledged."""
        if await self._frontier.newest(page["page_id"]) == page["sha256"]:
            return None
        await self._archive.keep(page)
        return Fetch.of(page)

    async def _hold(self, answer: FetchResponse, why: str) -> None:
        host = urlsplit(answer.url).hostname or ""
        log.error("site blocks", host=host, why=why)
        await self._fetching.block(host, why)

    def _refused(self, leased: Leased, why: str, *, forbidden: bool = False) -> _End:
        return _failed(verdicts.of_refusal(leased, why, self._clock.now(), forbidden=forbidden))


def _read(leased: Leased, answer: FetchResponse, page: Page, reading: Reading, fetch: Fetch | None) -> _End:
    verdict = verdicts.of_page(leased, answer, page, reading)
    if verdict.state in ("failed", "blocked"):
        other = sources.by_url(page["url"])
        links = (Link(found=other),) if verdict.state == "failed" and other else ()
        return _End(verdict=verdict, ending=verdict.state, fetch=fetch, links=links)
    ending: Ending = "parsed" if verdict.state == "parsed" else "fetched"
    if verdict.unchanged and fetch is None:
        ending = "unchanged"
    return _End(verdict=verdict, ending=ending, fetch=fetch, links=reading.links)


def _failed(verdict: Verdict) -> _End:
    ending: Ending = "blocked" if verdict.state == "blocked" else "failed" if verdict.done else "retried"
    return _End(verdict=verdict, ending=ending)


def _told(
    leased: Leased,
    ending: Ending,
    *,
    why: str | None = None,
    published: bool = False,
    found: int = 0,
    until: datetime | None = None,
) -> Visit:
    return Visit(
        page_id=leased.page_id,
        source=leased.source,
        lists=sources.has_links(leased.source, leased.kind),
        ending=ending,
        why=why,
        published=published,
        found=found,
        until=until,
    )
