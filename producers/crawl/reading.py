"""What came, and what stands in it. Pure: what is published and what is counted follow from the answer alone.

A page is archived whether it can be read or not; block pages and errors of an API are no pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from producers import responses, sources
from producers.fetch import FetchResponse
from producers.responses import Response
from producers.sources import Found, Link, Material, Output
from producers.sources.refusals import ApiError, Blocked
from songnodes.domain import ids, rows
from songnodes.domain.dates import is_set_day, read_date
from songnodes.domain.records import Page, Tracklist
from songnodes.errors import Poison

TRACKLISTS = "bronze.tracklists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An answer of status 200: the page it is, or what came in place of one. One of the three is set."""

    page: Page | None = None
    blocked: str | None = None
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the parser finds in a page.

    `problem` says why it cannot be read, `failed` that it is an API's error, whatever its status (a wiki
    whose replicas lag says so with 200), `blocked` that it is a decoy or a limit page after all.
    `content_hash` stays while only counters move. `unidentified` rows; None where the page has no rows to
    identify. `revision` where the site numbers them.
    """

    problem: str | None = None
    failed: str | None = None
    blocked: str | None = None
    content_hash: str | None = None
    unidentified: int | None = None
    set_date: date | None = None
    revision: int | None = None
    links: tuple[Link, ...] = ()


def arrive(answer: FetchResponse) -> Arrival:
    """What an answer is. Block pages come with status 200 and the address of the page they stand for."""
    try:
        material = Material(answer.body, url=answer.url, content_type=answer.content_type)
    except Poison as refusal:
        return Arrival(unknown=str(refusal))
    found = sources.recognise(material)
    if found is None:
        return Arrival(unknown=sources.why_not(material))
    if found.blocked:
        return Arrival(blocked=found.blocked)
    return Arrival(page=responses.page(_response(answer), material, found))


def removed(answer: FetchResponse, found: Found) -> Page:
    """Return the page record of a 404 or 410: parsed, it withdraws what the page said before."""
    return responses.page(_response(answer), None, found)


def _response(answer: FetchResponse) -> Response:
    return Response(
        url=answer.url,
        status=answer.status,
        headers=responses.kept(answer.headers),
        content_type=answer.content_type,
        body=answer.body,
        fetched_at=answer.fetched_at,
        fetcher=answer.fetcher,
        robots=answer.robots,
    )


def read(page: Page) -> Reading:
    """What stands in a page: what the parse stage will make of it, counted."""
    source = sources.SOURCES[page["source"]]
    try:
        outputs = sources.parse(page) if sources.has_parser(page["source"], page["kind"]) else []
        lists = sources.has_links(page["source"], page["kind"])
        links = [*(sources.discover(page) if lists else ()), *source.companions(page)]
        revision = source.revision(page)
    except Blocked as refusal:
        return Reading(blocked=refusal.reason)
    except ApiError as refusal:
        return Reading(failed=str(refusal))
    except Poison as refusal:
        return Reading(problem=f"{refusal.reason}: {refusal}")
    return Reading(
        content_hash=_digest(outputs, links),
        unidentified=_unidentified(outputs),
        set_date=_set_date(outputs),
        revision=revision,
        links=tuple(links),
    )


def _digest(outputs: Sequence[Output], links: Sequence[Link]) -> str:
    said = sorted(output.record["content_hash"] for output in outputs)
    listed = sorted(f"{link.found.page_id} {link.identified}/{link.total} {link.revision}" for link in links)
    return ids.content_hash({"records": said, "links": listed})


def _unidentified(outputs: Sequence[Output]) -> int | None:
    """Rows that do not name their track, of all tracklists of a page."""
    found = [cast(Tracklist, output.record) for output in outputs if output.topic == TRACKLISTS]
    if not found:
        return None
    return sum(rows.read(row).status != "identified" for record in found for row in record["rows"])


def _set_date(outputs: Sequence[Output]) -> date | None:
    """The day of the set or event, where the page is about one."""
    days = {day for output in outputs if (day := _day(output.record))}
    return days.pop() if len(days) == 1 else None


def _day(record: Mapping[str, Any]) -> date | None:
    if "header" not in record:
        return record.get("date")
    parsed = read_date(record["header"]["date_text"])
    if parsed is None or parsed[1] != "day" or not is_set_day(parsed[0], record["observed_at"].date()):
        return None
    return parsed[0]
