"""Set lists that somebody saved (JSON): not pages of the site, but sets to be asked for."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from producers import responses, saved, sources
from producers.saved import Given
from producers.sources import Link, Material
from songnodes.clock import Clock
from songnodes.errors import NotUsable, Poison


class NoIndex(NotUsable):
    """The file is no set list of this source"""


def links(files: Iterable[Path], source: str, clock: Clock) -> Iterator[tuple[Path, list[Link]]]:
    """The sets of each file. Raises NoIndex, Refused."""
    given = Given(fetched_at=datetime(1970, 1, 1, tzinfo=UTC))  # the list is not archived, so no time counts
    for file in files:
        read = saved.read(file, given, clock)
        try:
            material = Material(read.body, url=read.url)
            found = sources.recognise(material)
            if found is None or found.source != source or not sources.has_links(source, found.kind):
                raise NoIndex(str(file), source=source)
            page = responses.page(saved.response(read), material, found)
            yield file, sources.discover(page)
        except Poison as refusal:
            raise NoIndex(str(file), why=str(refusal)) from refusal


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
