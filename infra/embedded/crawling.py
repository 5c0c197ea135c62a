"""Progress of the crawl: state of each host, and pages of each source that wait or are done."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from songnodes.errors import TablesMissing
from songnodes.settings import Settings

if TYPE_CHECKING:  # half a second of imports that only `songnodes status` needs: they are in the functions
    from producers.fetch.hosts import HostState

STATES = ("queued", "leased", "fetched", "parsed", "blocked", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePages:
    """Pages of the frontier of one source by state; `due` of them are to be fetched by now."""

    source: str
    due: int
    states: dict[str, int]


def hosts(settings: Settings) -> list["HostState"]:
    """Return all hosts that were ever contacted. Raises RedisUnreachable."""
    from producers.fetch.hosts import host_table

    return asyncio.run(host_table(settings))


def frontier(settings: Settings) -> list[SourcePages]:
    """Return the pages by source; empty before the first crawl. Raises PostgresUnreachable."""
    return asyncio.run(_frontier(settings))


async def _frontier(settings: Settings) -> list[SourcePages]:
    from producers.crawl.frontier import Frontier

    async with Frontier.opened(settings) as opened:
        try:
            counts = await opened.counts(datetime.now(UTC))
        except TablesMissing:  # before the first migration
            return []
    sources = []
    for source in dict.fromkeys(count.source for count in counts):
        own = [count for count in counts if count.source == source]
        states: dict[str, int] = {count.state: count.pages for count in own}
        sources.append(
            SourcePages(
                source=source,
                due=sum(count.due for count in own),
                states={state: states.get(state, 0) for state in STATES},
            )
        )
    return sources
