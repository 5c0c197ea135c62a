"""Saved set lists (JSON): not archived as pages, but sources of sets to fetch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from producers import responses, saved, sources
from producers.errors import FileRefused
from producers.saved import SidecarOverrides
from producers.sources import Link, Material
from producers.sources.tracklists1001 import index as set_list
from songnodes.clock import Clock
from songnodes.errors import Poison, UserError

#: Lists are not archived, so their time does not matter.
ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class NotASetList(UserError):
    """The file is not a set list of this source"""

    remedy = "To import pages of a site, use `songnodes ingest`"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetList:
    """One file: its sets, and the entries without a readable set."""

    file: Path
    links: list[Link]
    unread: list[str]


def read_set_list(file: Path, source: str, clock: Clock) -> SetList:
    """Return the sets of a file. Raises NotASetList with the reason."""
    overrides = SidecarOverrides(fetched_at=ANY_TIME)
    try:
        stored = saved.read(file, overrides, clock)
        material = Material(stored.body, url=stored.url)
        page_ref = sources.recognise(material)
        if page_ref is None:
            raise NotASetList(str(file), source=source, why=sources.why_not(material))
        if page_ref.source != source or not sources.has_links(source, page_ref.kind):
            raise NotASetList(str(file), source=source, why=f"a {page_ref.kind} page of {page_ref.source}")
        page = responses.page(saved.response(stored), material, page_ref)
        unread = set_list.unread(page) if page_ref.kind == set_list.KIND else []
        return SetList(file=file, links=sources.discover(page), unread=unread)
    except (Poison, FileRefused) as refusal:
        raise NotASetList(str(file), source=source, why=str(refusal)) from refusal


def merge_links(links: Iterable[Link]) -> list[Link]:
    """Return each set once, with the largest counts.

    The lists of all its DJs contain a set, with counts of different days; larger counts are later ones.
    """
    links_by_page: dict[str, Link] = {}
    for link in links:
        current = links_by_page.get(link.found.page_id)
        if current is None or _counts(link) > _counts(current):
            links_by_page[link.found.page_id] = link
    return list(links_by_page.values())


def _counts(link: Link) -> tuple[int, int, int]:
    return link.total or 0, link.identified or 0, link.views or 0
