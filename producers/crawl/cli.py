"""`songnodes scrape`: pages of a site into bronze, politely."""

import asyncio
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from producers import saved
from producers.crawl import index, permission
from producers.crawl.progress import SHOWN, left_line, showing
from producers.crawl.scrape import Asked, Outcome, scrape
from producers.frontier import Frontier
from producers.sources import Question
from songnodes import logs
from songnodes.cli.terminal import escaped, say
from songnodes.clock import Clock, SystemClock
from songnodes.errors import NotUsable
from songnodes.servers import reached
from songnodes.settings import Settings, settings

#: How long the command waits for what is due later; the rest is left to the next run, or to the daemon.
PATIENCE = 60.0  # seconds
NOTED = 20  # refusals that a report lists


class OneQuestion(NotUsable):
    """An address, --search, --dj, --category and --from-index are questions of their own: give one"""


def command(
    source: Annotated[str, typer.Argument(help="As `songnodes sources --json` names it.", metavar="SOURCE")],
    url: Annotated[str | None, typer.Argument(help="The address of one page, or of a list.")] = None,
    search: Annotated[str | None, typer.Option(help="Sets by words.")] = None,
    dj: Annotated[str | None, typer.Option(help="Sets of a DJ, named as in the site's addresses.")] = None,
    category: Annotated[str | None, typer.Option(help="Sets of a category, a tag, an area (RA).")] = None,
    since: Annotated[str | None, typer.Option(help="No sets before this day; alone: what is new.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Pages, those that list others aside.")] = None,
    from_index: Annotated[
        list[Path] | None, typer.Option(help="Saved set lists: their sets are noted, none is fetched.")
    ] = None,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for what is due later.")] = PATIENCE,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Fetch pages of a site: one, those a question leads to, or whatever of the site is due.

    The same command again goes on where it was stopped.
    """
    if sum(map(bool, (url, search, dj, category, from_index))) > 1:
        raise OneQuestion
    current, clock = settings(), SystemClock()
    if from_index:
        permission.known(source)
        reached(current, "database_url")
        _tell(asyncio.run(add_index(current, source, from_index, clock)), as_json=as_json)
        return
    permission.check(source, current)
    question = Question(today=clock.now().date(), search=search, dj=dj, category=category, since=_day(since))
    asked = Asked.of(source, url, question, limit)
    _configure_logs(current)
    with showing(Console(stderr=True)) as show:
        work = scrape(reached(current), asked, clock, patience=timedelta(seconds=patience), show=show)
        outcome = asyncio.run(work)
    _tell(plain(outcome), as_json=as_json) if as_json else report(outcome, Console())
    if not outcome.useful:
        raise typer.Exit(1)


async def add_index(current: Settings, source: str, paths: list[Path], clock: Clock) -> dict[str, Any]:
    """Put the sets of saved lists into the frontier; counts of files, entries, distinct and new sets.

    Files and entries that are not read are listed under "not_read" if there are any. Raises NoIndex when no
    file is a set list.
    """
    files = saved.files(paths)
    listed, not_read = [], [f"{file}: {why}" for file, why in saved.skipped(paths)]
    refusal: index.NoIndex | None = None
    for file in files:
        try:
            listed.append(index.read(file, source, clock))
        except index.NoIndex as error:
            refusal = refusal or error
            not_read.append(f"{file}: {error.data['why']}")
    if not listed:
        raise refusal or index.NoIndex("no file", source=source, why="the folder holds none")
    not_read += [f"{each.file}: {entry}" for each in listed for entry in each.unread]
    found = [link for each in listed for link in each.links]
    distinct = index.merged(found)
    async with Frontier.opened(current) as frontier:
        new = await frontier.add(distinct, now=clock.now(), discovered_from="index")
    counts = {"files": len(listed), "entries": len(found), "sets": len(distinct), "new": new}
    return counts | ({"not_read": not_read} if not_read else {})


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome for programs."""
    tally, rest, left = outcome.tally, outcome.rest, outcome.left
    return {
        "source": outcome.asked.source,
        "question": outcome.asked.words,
        "continued": outcome.continued,
        "published": tally.published,
        "visits": dict(tally.endings),
        "ended": rest.why if rest else None,
        "until": rest.until.isoformat() if rest and rest.until else None,
        "left": left.pages if left else 0,
        "refusals": list(outcome.refusals),
    }


def report(outcome: Outcome, console: Console) -> None:
    """Counts, what was refused, and what is left, for people."""
    endings, rest = outcome.tally.endings, outcome.rest
    shown = ", ".join(f"{endings[ending]} {ending}" for ending in SHOWN if endings[ending])
    console.print(f"{shown or 'nothing was due'}; new in bronze: {outcome.tally.published}", highlight=False)
    for refusal in list(outcome.refusals)[:NOTED]:
        console.print(escaped(f"  {refusal}"), highlight=False, markup=False, soft_wrap=True)
    if len(outcome.refusals) > NOTED:
        console.print(f"  and {len(outcome.refusals) - NOTED} more; --json lists all", highlight=False)
    if outcome.left and outcome.left.pages:
        console.print(f"{left_line(outcome.left)}; the same command goes on", highlight=False)
    elif rest and rest.until:
        console.print(f"The site is left alone until {rest.until:%Y-%m-%d %H:%M:%S} UTC", highlight=False)


def _tell(counts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(counts, indent=2, ensure_ascii=False))
    else:
        not_read = counts.pop("not_read", [])
        numbers = [f"{count:,} {name}" for name, count in counts.items()]
        say(", ".join([*numbers, *([f"{len(not_read):,} not read"] if not_read else [])]))
        for entry in not_read[:NOTED]:
            say(f"  {entry}")
        if len(not_read) > NOTED:
            say(f"  and {len(not_read) - NOTED} more; --json lists all")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--since") from error


def _configure_logs(current: Settings) -> None:
    """Retries and refusals are told as they come; on a terminal the line that changes tells them."""
    level = "error" if sys.stderr.isatty() else "warning"
    quiet = current if current.log_level == "debug" else current.model_copy(update={"log_level": level})
    logs.configure(quiet, "scrape")
