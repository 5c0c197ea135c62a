"""`songnodes demo`: from nothing to gold tables on real servers, by a crawl of invented sites."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo import crawl, drain, found, overrides, present, score, tables
from demo.crawl import StatsBySource
from demo.drain import Look
from demo.present import Present
from demo.sites import Library, Sites
from demo.sites.faults import USUAL
from demo.world.world import World
from infra.embedded import cli as embedded
from producers.crawl.visit import Ending
from sinks import refresh
from sinks.tables import WRITERS
from songnodes import decisions, logs
from songnodes.cli.override import read_file
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.servers import reached
from songnodes.settings import Settings, load

STAGES = ("parse", "silver", "appearances", "gold")
WIDTH = 150  # characters, where the output goes to no terminal
#: Outcomes of pages, in the order of the columns of the progress display.
ENDINGS: tuple[Ending, ...] = ("parsed", "fetched", "unchanged", "retried", "failed")
ROWS = 10  # shown of each query


class NoAnswer(UserError):
    """A query example has no answer in the demo's world"""

    remedy = "`songnodes dlq list` shows what could not be read, `songnodes logs` what went wrong"


class NoWorld(UserError):
    """There is nothing to score: the demo's world was not crawled"""

    remedy = "Run `songnodes demo` first"


def demo(
    only_score: Annotated[bool, typer.Option("--score", help="Only score the tables as they are.")] = False,
) -> None:
    """Start everything, crawl an invented world on local sites, show the gold tables, score them.

    Safe to repeat while it runs: pages that are not due are not fetched again. From the second start on the
    sites show later versions, in which further tracks are identified.
    """
    # names of tracks have brackets, which are no markup
    console = Console(markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH)
    if only_score:
        _score(reached(load(), "database_url"), console)
        return
    embedded.up(servers_only=False, wait=True)
    settings = load().require()
    logs.configure(settings.model_copy(update={"log_level": "error"}), "demo")  # the sites fail on purpose
    _crawl(settings, console)
    _wait(settings, console)
    refresh.run(settings)
    empty = _show(settings, console)
    _score(settings, console)
    _further(console)
    if empty:
        raise NoAnswer(", ".join(empty))


def _crawl(settings: Settings, console: Console) -> None:
    """Publish the values set by hand, then crawl the sites; all dates follow from that of the first start."""
    today = datetime.now(UTC).date()
    now = (present.load(settings.home) or Present(day=today.isoformat())).later()
    world = now.world
    _by_hand(settings, world, console)
    with Sites(Library(world), faults=USUAL, delay=crawl.REQUEST_INTERVAL_S).running() as sites:
        sites.edition = now.edition
        present.save(settings.home, now)
        console.print(
            f"{world.size.sets} invented sets on four local sites, edition {now.edition}: {sites.base}"
        )
        with Live(console=console, transient=True, refresh_per_second=4) as live:
            tallies = crawl.everything(sites, settings, lambda now: live.update(_tallies(now)))
    console.print(_tallies(tallies))


def _by_hand(settings: Settings, world: World, console: Console) -> None:
    file = settings.home / "demo-overrides.yaml"
    overrides.write(file, world.as_of, world.seed, world.catalogue.tracks)
    count = decisions.publish(settings, read_file(file))
    console.print(f"\n{count} demo values by hand from {_short(file)}", highlight=False)


def _tallies(tallies: StatsBySource) -> Table:
    table = Table("site", "queued", "parsed", "listed", "unchanged", "tried again", "failed", box=None)
    for source, stats in tallies.items():
        table.add_row(source, str(stats.queued), *(str(stats.endings[ending]) for ending in ENDINGS))
    return table


def _score(settings: Settings, console: Console) -> None:
    """Print precision and recall of the tables against the world of this data directory."""
    now = present.load(settings.home)
    if now is None:
        raise NoWorld
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        measures = score.score(score.of_world(now.world, now.edition), found.read(connection))
    table = Table(title="against the truth", title_justify="left", box=None)
    for name in ("measure", "right", "given", "true", "precision", "recall"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for measure in measures:
        shares = ("-" if share is None else f"{share:.4f}" for share in (measure.precision, measure.recall))
        table.add_row(measure.name, str(measure.right), str(measure.given), str(measure.true), *shares)
    console.print(table)


def _wait(settings: Settings, console: Console) -> None:
    """Wait until no stage or sink has records left; show the counts meanwhile."""
    names = {topics.app_id(stage, settings): stage for stage in STAGES}
    names[topics.group("resolver", settings)] = "resolver"
    names |= {topics.group(f"sink-{topic}", settings): f"sink {topic}" for topic in WRITERS}
    with Live(console=console, transient=True, refresh_per_second=4) as live:
        drain.wait(settings.access(), list(names), lambda look: live.update(_progress(look, names)))
    console.print("everything is through", style="green")


def _progress(look: Look, names: dict[str, str]) -> Table:
    table = Table("waiting for", "records left", box=None)
    for group, name in names.items():
        left = look.left[group]
        if left != 0:
            table.add_row(name, "starting" if left is None else str(left))
    return table


def _show(settings: Settings, console: Console) -> list[str]:
    """Show the gold tables, then the four query examples; return the names of examples without an answer."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        console.rule("gold tables")
        for query in tables.queries("overview"):
            tables.show(connection, query, console, ROWS)
        console.rule("the four query examples")
        return [
            query.name
            for query in tables.queries("queries")
            if tables.show(connection, query, console, ROWS) == 0
        ]


def _further(console: Console) -> None:
    command = _short(Path(sys.argv[0]).absolute())
    console.rule("to look further")
    lines = Table.grid(padding=(0, 3))
    for line, what in (
        (f'eval "$({command} env)"; psql "$DATABASE_URL"', "result tables and views"),
        (f"{command} status", "servers, processes, lag, rows per table"),
        (f"{command} logs silver --follow", "what a process does"),
        (f"{command} ingest PATH...", "your own saved pages"),
        (f"{command} demo --score", "precision and recall against the truth"),
        (f"{command} override list", "values set by hand"),
        (f"{command} replay gold --from earliest --dry-run", "read a stage's input again"),
        (f"{command} dlq list", "what could not be read, and why"),
        (f"{command} reconcile", "gold counts against silver, pair by pair"),
        (f"{command} down", "stop everything; the data stay"),
    ):
        lines.add_row(Text(line, style="bold"), what)
    console.print(lines)


def _short(path: Path) -> str:
    """Return the path relative to the working directory, if it is below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
