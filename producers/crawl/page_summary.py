"""Classify responses and summarise pages, as pure functions of the response.

A page is archived whether it can be parsed or not; block pages and API errors are not pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from producers import responses, sources
from producers.crawl.pages import set_day
from producers.fetch import FetchResponse
from producers.responses import Response
from producers.sources import Found, Link, Material, Output
from producers.sources.errors import ApiError, Blocked
from songnodes.domain import ids, rows
from songnodes.domain.records import Page, Tracklist
from songnodes.errors import Poison

TRACKLISTS = "bronze.tracklists"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPage:
    """A response of status 200: a page, or the reason why it is none. One of the three is set."""

    page: Page | None = None
    blocked: str | None = None
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSummary:
    """Summary of a parsed page.

    `problem` is the reason why it cannot be parsed; `failed` an API error, whatever the status (a wiki with
    lagging replicas responds with 200); `blocked` the reason why it is a decoy or a limit page.
    `content_hash` does not change when only counters do. `unidentified` counts rows; None where the page has
    no rows to identify. `revision` is set where the site numbers revisions.
    """

    problem: str | None = None
    failed: str | None = None
    blocked: str | None = None
    content_hash: str | None = None
    unidentified: int | None = None
    set_date: date | None = None
    revision: int | None = None
    links: tuple[Link, ...] = ()


def classify_response(response: FetchResponse) -> ReceivedPage:
    """Classify a response of status 200.

    Block pages have that status, and the address of the page they replace.
    """
    try:
        material = Material(response.body, url=response.url, content_type=response.content_type)
    except Poison as refusal:
        return ReceivedPage(unknown=str(refusal))
    page_ref = sources.recognise(material)
    if page_ref is None:
        return ReceivedPage(unknown=sources.why_not(material))
    if page_ref.blocked:
        return ReceivedPage(blocked=page_ref.blocked)
    return ReceivedPage(page=responses.page(_response(response), material, page_ref))


def removed_page(response: FetchResponse, page_ref: Found) -> Page:
    """Return the page record of a 404 or 410, which withdraws the earlier content when parsed."""
    return responses.page(_response(response), None, page_ref)


def moved_page(response: FetchResponse, page_ref: Found, target: Page) -> Page | None:
    """Return the page record of a redirect from a set to another set of the site, which withdraws the earlier
    content when parsed; None for any other response. `target` is the page that the redirect led to."""
    if response.redirect_status is None or not sources.moved_to(page_ref, target["url"]):
        return None
    redirect = replace(
        _response(response),
        url=page_ref.url,
        status=response.redirect_status,
        headers={"location": target["url"]},
        content_type=None,
        body=b"",
    )
    return responses.page(redirect, None, page_ref)


def _response(response: FetchResponse) -> Response:
    return Response(
        url=response.url,
        status=response.status,
        headers=responses.kept(response.headers),
        content_type=response.content_type,
        body=response.body,
        fetched_at=response.fetched_at,
        fetcher=response.fetcher,
        robots=response.robots,
    )


def summarize(page: Page) -> PageSummary:
    """Parse a page as the parse stage will, and return a summary."""
    source = sources.SOURCES[page["source"]]
    try:
        outputs = sources.parse(page) if sources.has_parser(page["source"], page["kind"]) else []
        lists = sources.has_links(page["source"], page["kind"])
        links = [*(sources.discover(page) if lists else ()), *source.companions(page)]
        revision = source.revision(page)
    except Blocked as refusal:
        return PageSummary(blocked=refusal.reason)
    except ApiError as refusal:
        return PageSummary(failed=str(refusal))
    except Poison as refusal:
        return PageSummary(problem=f"{refusal.reason}: {refusal}")
    return PageSummary(
        content_hash=_digest(outputs, links),
        unidentified=_unidentified(outputs),
        set_date=_set_date(outputs),
        revision=revision,
        links=tuple(links),
    )


def _digest(outputs: Sequence[Output], links: Sequence[Link]) -> str:
    record_hashes = sorted(output.record["content_hash"] for output in outputs)
    link_states = sorted(
        f"{link.found.page_id} {link.identified}/{link.total} {link.revision}" for link in links
    )
    return ids.content_hash({"records": record_hashes, "links": link_states})


def _unidentified(outputs: Sequence[Output]) -> int | None:
    """Count rows without an identified track, over all tracklists of a page."""
    tracklists = [cast(Tracklist, output.record) for output in outputs if output.topic == TRACKLISTS]
    if not tracklists:
        return None
    return sum(rows.read(row).status != "identified" for tracklist in tracklists for row in tracklist["rows"])


def _set_date(outputs: Sequence[Output]) -> date | None:
    """Return the day of the set or event; None for pages about several or none."""
    days = {day for output in outputs if (day := _day(output.record))}
    return days.pop() if len(days) == 1 else None


def _day(record: Mapping[str, Any]) -> date | None:
    if "header" not in record:
        return record.get("date")
    return set_day(record["header"]["date_text"], record["observed_at"].date())
