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

from demo import (
    artist_score,
    crawl,
    drain,
    enrichment,
    field_score,
    pipeline_playlists,
    score,
    tables,
    world_state,
)
from demo.crawl import StatsBySource
from demo.drain import LagSnapshot
from demo.providers import CALM, Holdings, Providers
from demo.sites import Library, Sites
from demo.sites.faults import USUAL
from demo.world_state import WorldState
from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS, group_of
from infra.embedded import cli as embedded
from infra.embedded import web_address
from infra.embedded.stack import Stack
from producers.crawl.visit import Ending
from sinks import refresh
from sinks.tables import WRITERS
from songnodes import logs
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.servers import reached
from songnodes.settings import STAGES, Settings, load

WIDTH = 150  # characters, where the output goes to no terminal
#: Outcomes of pages, in the order of the columns of the progress display.
ENDINGS: tuple[Ending, ...] = ("parsed", "fetched", "unchanged", "retried", "failed")
ROWS = 10  # shown of each query


class ExampleEmpty(UserError):
    """An example query returns no rows from the demo's data"""

    remedy = "`songnodes dlq list` shows records that failed, `songnodes logs` shows errors"


class DemoNotCrawled(UserError):
    """The demo's sites were not crawled, so there is nothing to score"""

    remedy = "Run `songnodes demo` first"


def demo(
    only_score: Annotated[bool, typer.Option("--score", help="Only score the current tables.")] = False,
) -> None:
    """Start everything, crawl an invented world on local sites, show and score the gold tables.

    You can repeat it while it runs: pages that are not due are not fetched again. From the second start on
    the sites show later versions, in which more tracks are identified.
    """
    # names of tracks have brackets, which are no markup
    console = Console(markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH)
    if only_score:
        _score(reached(load(), "database_url"), console)
        return
    home = Settings().home
    Stack(home).check_outside()
    today = datetime.now(UTC).date()
    state = (world_state.load(home) or WorldState(day=today.isoformat())).next_edition()
    with Providers(Holdings(state.world), faults=CALM).running() as providers:
        embedded.start_and_wait(home, enrichment.workers(providers, Settings()), record=False)
        settings = load().require()
        logs.configure(settings.model_copy(update={"log_level": "error"}), "demo")  # they fail on purpose
        _crawl(settings, state, console)
        _wait(settings, console)
        refresh.run(settings)
        empty = _show_tables(settings, console)
        _score(settings, console)
        Stack(home).stop_process(enrichment.PROCESS)  # its providers end with the demo
    _print_next_steps(console, web_address.url(settings) if settings.web_on else None)
    if empty:
        raise ExampleEmpty(", ".join(empty))


def _crawl(settings: Settings, state: WorldState, console: Console) -> None:
    """Crawl the sites; all dates follow from that of the first start."""
    world = state.world
    with Sites(Library(world), faults=USUAL, delay=crawl.REQUEST_INTERVAL_S).running() as sites:
        sites.edition = state.edition
        world_state.save(settings.home, state)
        console.print(
            f"{world.size.sets} invented sets on four local sites, edition {state.edition}: {sites.base}"
        )
        with Live(console=console, transient=True, refresh_per_second=4) as live:
            stats_by_source = crawl.crawl_all(sites, settings, lambda state: live.update(_stats_table(state)))
    console.print(_stats_table(stats_by_source))


def _stats_table(stats_by_source: StatsBySource) -> Table:
    table = Table("site", "queued", "parsed", "listed", "unchanged", "retried", "failed", box=None)
    for source, stats in stats_by_source.items():
        table.add_row(source, str(stats.queued), *(str(stats.endings[ending]) for ending in ENDINGS))
    return table


def _score(settings: Settings, console: Console) -> None:
    """Print precision and recall of the tables against the world of this data directory."""
    now = world_state.load(settings.home)
    if now is None:
        raise DemoNotCrawled
    with psycopg.connect(
        settings.database_url, autocommit=True, application_name="songnodes-demo"
    ) as connection:
        true, playlists = score.of_world(now.world, now.edition), pipeline_playlists.read(connection)
        measures = score.score(true, playlists)
        measures += field_score.score(
            Holdings(now.world),
            field_score.read(connection),
            score.tracks_of_recordings(true, playlists),
            enrichment.ENABLED,
        )
        measures += artist_score.score(Holdings(now.world), artist_score.read(connection), enrichment.ENABLED)
    table = Table(title="score against the true world", title_justify="left", box=None)
    for name in ("measure", "correct", "returned", "expected", "precision", "recall"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for measure in measures:
        shares = ("-" if share is None else f"{share:.4f}" for share in (measure.precision, measure.recall))
        table.add_row(
            measure.name, str(measure.correct), str(measure.returned), str(measure.expected), *shares
        )
    console.print(table)


def _wait(settings: Settings, console: Console) -> None:
    """Wait until no stage or sink has records left; show the counts meanwhile."""
    names = {topics.app_id(stage, settings): stage for stage in STAGES}
    names[topics.group("resolver", settings)] = "resolver"
    requests = (REQUESTS, ARTIST_REQUESTS)
    names |= {topics.group(group_of(topic), settings): group_of(topic) for topic in requests}
    names |= {topics.group(f"sink-{topic}", settings): f"sink {topic}" for topic in WRITERS}
    with Live(console=console, transient=True, refresh_per_second=4) as live:
        drain.wait(settings.access(), list(names), lambda snapshot: live.update(_progress(snapshot, names)))
    console.print("all records are processed", style="green")


def _progress(snapshot: LagSnapshot, names: dict[str, str]) -> Table:
    table = Table("waiting for", "records left", box=None)
    for group, name in names.items():
        left = snapshot.left[group]
        if left != 0:
            table.add_row(name, "starting" if left is None else str(left))
    return table


def _show_tables(settings: Settings, console: Console) -> list[str]:
    """Show the gold tables, then the four query examples; return the names of examples without an answer."""
    with psycopg.connect(
        settings.database_url, autocommit=True, application_name="songnodes-demo"
    ) as connection:
        console.rule("gold tables")
        for query in tables.queries("overview"):
            tables.show(connection, query, console, ROWS)
        console.rule("the four query examples")
        return [
            query.name
            for query in tables.queries("queries")
            if tables.show(connection, query, console, ROWS) == 0
        ]


def _print_next_steps(console: Console, web: str | None) -> None:
    command = _short(Path(sys.argv[0]).absolute())
    console.rule("next steps")
    lines = Table.grid(padding=(0, 3))
    if web:
        lines.add_row(Text(web, style="bold"), "dashboard and query API, in a browser")
    for line, what in (
        (f'eval "$({command} env)"; psql "$DATABASE_URL"', "result tables and views"),
        (f"{command} status", "servers, processes, lag, rows per table"),
        (f"{command} logs silver --follow", "log of a process"),
        (f"{command} ingest PATH...", "your own saved pages"),
        (f"{command} demo --score", "precision and recall of the tables"),
        (f"{command} providers", "providers of music data, and why each is off"),
        (f"{command} replay gold --from earliest --dry-run", "read a stage's input again"),
        (f"{command} dlq list", "records that could not be processed, and why"),
        (f"{command} reconcile", "gold counts against silver, pair by pair"),
        (f"{command} start enrich", "enrichment again, with your providers: those of the demo have ended"),
        (f"{command} down", "stop everything; data are kept"),
    ):
        lines.add_row(Text(line, style="bold"), what)
    console.print(lines)


def _short(path: Path) -> str:
    """Return the path relative to the working directory, if it is below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
