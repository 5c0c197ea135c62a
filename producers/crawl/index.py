"""Set lists that somebody saved (JSON): not pages of the site, but sets to be asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from producers import responses, saved, sources
from producers.refusals import Refused
from producers.saved import Given
from producers.sources import Link, Material
from producers.sources.tracklists1001 import index as set_list
from songnodes.clock import Clock
from songnodes.errors import NotUsable, Poison


class NoIndex(NotUsable):
    """The file is no set list of this source"""

    remedy = "Pages of a site go to `songnodes ingest`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One file: the sets it leads to, and the entries that lead to none."""

    file: Path
    links: list[Link]
    unread: list[str]


def read(file: Path, source: str, clock: Clock) -> Listed:
    """The sets of a file. Raises NoIndex with the reason."""
    given = Given(fetched_at=datetime(1970, 1, 1, tzinfo=UTC))  # the list is not archived, so no time counts
    try:
        stored = saved.read(file, given, clock)
        material = Material(stored.body, url=stored.url)
        found = sources.recognise(material)
        if found is None:
            raise NoIndex(str(file), source=source, why=sources.why_not(material))
        if found.source != source or not sources.has_links(source, found.kind):
            raise NoIndex(str(file), source=source, why=f"a {found.kind} page of {found.source}")
        page = responses.page(saved.response(stored), material, found)
        unread = set_list.unread(page) if found.kind == set_list.KIND else []
        return Listed(file=file, links=sources.discover(page), unread=unread)
    except (Poison, Refused) as refusal:
        raise NoIndex(str(file), source=source, why=str(refusal)) from refusal


def merged(found: Iterable[Link]) -> list[Link]:
    """Each set once. One set stands in the lists of all its DJs, with counts of different days: the larger
    ones are the later ones."""
    each: dict[str, Link] = {}
    for link in found:
        known = each.get(link.found.page_id)
        if known is None or _counts(link) > _counts(known):
            each[link.found.page_id] = link
    return list(each.values())


def _counts(link: Link) -> tuple[int, int, int]:
    return link.total or 0, link.identified or 0, link.views or 0
