"""`songnodes scrape`: fetch pages of a site into bronze."""

import asyncio
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from producers import saved
from producers.crawl import permission, set_lists
from producers.crawl.frontier import Frontier
from producers.crawl.progress import SHOWN_ENDINGS, progress_display, remaining_line
from producers.crawl.scrape import ScrapeReport, ScrapeRequest, scrape
from producers.sources import Question
from songnodes import logs
from songnodes.cli.terminal import escaped, say
from songnodes.clock import Clock, SystemClock
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import Settings, settings

#: Wait for pages that are due later; the remaining pages are left to the next run, or to the daemon.
MAX_WAIT_S = 60.0
MAX_LISTED = 20  # refusals that a report prints


class TooManyQueries(UserError):
    """Use only one of: an address, --search, --dj, --category, --from-index"""


def command(
    source: Annotated[
        str, typer.Argument(help="Name of the site, as in `songnodes sources --json`.", metavar="SOURCE")
    ],
    url: Annotated[str | None, typer.Argument(help="Address of one page or of a list.")] = None,
    search: Annotated[str | None, typer.Option(help="Search for sets.")] = None,
    dj: Annotated[
        str | None, typer.Option(help="Sets of a DJ; spell the name as the site's addresses do.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Sets of a category, a tag or an area (RA).")] = None,
    since: Annotated[str | None, typer.Option(help="Only sets from this day on; alone: new sets.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Fetch at most this many pages; lists do not count.")
    ] = None,
    from_index: Annotated[
        list[Path] | None, typer.Option(help="Saved set lists: add their sets to the frontier, fetch none.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for pages that are due later.")
    ] = MAX_WAIT_S,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Fetch pages of a site: one page, the results of a query, or all pages that are due.

    If you stop it, run the same command again to continue.
    """
    if sum(map(bool, (url, search, dj, category, from_index))) > 1:
        raise TooManyQueries
    current, clock = settings(), SystemClock()
    if from_index:
        permission.check_source(source)
        reached(current, "database_url")
        _print_counts(asyncio.run(add_index(current, source, from_index, clock)), as_json=as_json)
        return
    permission.check_allowed(source, current)
    question = Question(
        today=clock.now().date(), search=search, dj=dj, category=category, since=_parse_day(since)
    )
    request = ScrapeRequest.of(source, url, question, limit)
    _configure_logs(current)
    with progress_display(Console(stderr=True)) as on_progress:
        scraping = scrape(
            reached(current), request, clock, max_wait=timedelta(seconds=patience), on_progress=on_progress
        )
        outcome = asyncio.run(scraping)
    if as_json:
        _print_counts(as_dict(outcome), as_json=True)
    else:
        print_report(outcome, Console())
    if not outcome.useful:
        raise typer.Exit(1)


async def add_index(current: Settings, source: str, paths: list[Path], clock: Clock) -> dict[str, Any]:
    """Add the sets of saved lists to the frontier; return counts of files, entries, distinct and new sets.

    Files and entries that cannot be read are listed under "not_read", if any. Raises NotASetList when no file
    is a set list.
    """
    files = saved.files(paths)
    read_lists, not_read = [], [f"{file}: {why}" for file, why in saved.skipped(paths)]
    first_refusal: set_lists.NotASetList | None = None
    for file in files:
        try:
            read_lists.append(set_lists.read_set_list(file, source, clock))
        except set_lists.NotASetList as error:
            first_refusal = first_refusal or error
            not_read.append(f"{file}: {error.data['why']}")
    if not read_lists:
        raise first_refusal or set_lists.NotASetList("no file", source=source, why="the folder contains none")
    not_read += [f"{set_list.file}: {entry}" for set_list in read_lists for entry in set_list.unread]
    links = [link for set_list in read_lists for link in set_list.links]
    distinct = set_lists.merge_links(links)
    async with Frontier.opened(current) as frontier:
        new = await frontier.enqueue_known(distinct, now=clock.now(), discovered_from="index")
    counts = {"files": len(read_lists), "entries": len(links), "sets": len(distinct), "new": new}
    return counts | ({"not_read": not_read} if not_read else {})


def as_dict(outcome: ScrapeReport) -> dict[str, Any]:
    """Return a report for programs."""
    stats, stop, left = outcome.stats, outcome.stop, outcome.remaining
    return {
        "source": outcome.request.source,
        "question": outcome.request.words,
        "continued": outcome.continued,
        "published": stats.published,
        "visits": dict(stats.endings),
        "ended": stop.why if stop else None,
        "until": stop.until.isoformat() if stop and stop.until else None,
        "left": left.pages if left else 0,
        "refusals": list(outcome.refusals),
    }


def print_report(outcome: ScrapeReport, console: Console) -> None:
    """Print counts, refusals and remaining pages."""
    endings, stop = outcome.stats.endings, outcome.stop
    shown = ", ".join(f"{endings[ending]} {ending}" for ending in SHOWN_ENDINGS if endings[ending])
    console.print(f"{shown or 'no page was due'}; new in bronze: {outcome.stats.published}", highlight=False)
    for refusal in list(outcome.refusals)[:MAX_LISTED]:
        console.print(escaped(f"  {refusal}"), highlight=False, markup=False, soft_wrap=True)
    if len(outcome.refusals) > MAX_LISTED:
        console.print(
            f"  and {len(outcome.refusals) - MAX_LISTED} more; use --json to list all", highlight=False
        )
    if outcome.remaining and outcome.remaining.pages:
        console.print(
            f"{remaining_line(outcome.remaining)}; run the same command to continue", highlight=False
        )
    elif stop and stop.until:
        console.print(f"The site is cooling down until {stop.until:%Y-%m-%d %H:%M:%S} UTC", highlight=False)


def _print_counts(counts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(counts, indent=2, ensure_ascii=False))
    else:
        not_read = counts.pop("not_read", [])
        numbers = [f"{count:,} {name}" for name, count in counts.items()]
        say(", ".join([*numbers, *([f"{len(not_read):,} not read"] if not_read else [])]))
        for entry in not_read[:MAX_LISTED]:
            say(f"  {entry}")
        if len(not_read) > MAX_LISTED:
            say(f"  and {len(not_read) - MAX_LISTED} more; use --json to list all")


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--since") from error


def _configure_logs(current: Settings) -> None:
    """Log retries and refusals as they occur; on a terminal the progress line shows them instead."""
    level = "error" if sys.stderr.isatty() else "warning"
    quiet = current if current.log_level == "debug" else current.model_copy(update={"log_level": level})
    logs.configure(quiet, "scrape")
