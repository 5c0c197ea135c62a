"""`songnodes demo`: from nothing to gold tables on real servers, with invented sets."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo import drain, overrides, pages, tables
from demo.drain import Look
from infra.embedded import cli as embedded
from producers import cli as producers
from producers import saved
from producers.ingest import undelivered
from sinks import refresh
from sinks.tables import WRITERS
from songnodes import decisions
from songnodes.cli.override import from_file
from songnodes.errors import NotUsable
from songnodes.messaging import topics
from songnodes.settings import Settings, load

STAGES = ("parse", "silver", "appearances", "gold")
WIDTH = 150  # characters, where the output goes to no terminal
ROWS = 10  # of each query; the queries themselves may give more


class NoAnswer(NotUsable):
    """A query example has no answer on the demo pages"""

    remedy = "`songnodes dlq list` shows what could not be read, `songnodes logs` what went wrong"


def demo() -> None:
    """Start everything, ingest the demo pages, wait until they are through, show the gold tables.

    Harmless when it runs already: the same day publishes nothing new, another day the same sets moved by it.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    embedded.up(servers_only=False, wait=True)
    settings = load().require()
    _publish(settings, console)
    _wait(settings, console)
    refresh.run(settings)
    empty = _show(settings, console)
    _further(console)
    if empty:
        raise NoAnswer(", ".join(empty))


def _publish(settings: Settings, console: Console) -> None:
    """Pages and values set by hand; all dates hang on the day of the run."""
    today = datetime.now(UTC).date()
    files = pages.write(settings.home / "demo-pages", today)
    console.print(f"\n{len(files)} demo pages in {_short(settings.home / 'demo-pages')}", highlight=False)
    report = producers.run(settings, saved.files(files), console=console)
    producers.show(report, console)
    error = undelivered(report)
    if error:
        raise error
    by_hand = overrides.write(settings.home / "demo-overrides.yaml", today, pages.SEED)
    count = decisions.publish(settings, from_file(by_hand))
    console.print(f"{count} demo values by hand from {_short(by_hand)}\n", highlight=False)


def _wait(settings: Settings, console: Console) -> None:
    """Wait for all stages and sinks, with what each has left."""
    names = {topics.app_id(stage, settings): stage for stage in STAGES}
    names |= {topics.group(f"sink-{topic}", settings): f"sink {topic}" for topic in WRITERS}
    with Live(console=console, transient=True, refresh_per_second=4) as live:
        drain.wait(settings.kafka_bootstrap, list(names), lambda look: live.update(_progress(look, names)))
    console.print("everything is through", style="green")


def _progress(look: Look, names: dict[str, str]) -> Table:
    table = Table("waiting for", "records left", box=None)
    for group, name in names.items():
        left = look.left[group]
        if left != 0:
            table.add_row(name, "starting" if left is None else str(left))
    return table


def _show(settings: Settings, console: Console) -> list[str]:
    """Gold tables, then the four query examples; returns the names of examples without an answer."""
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
        (f'eval "$({command} env)"; psql "$DATABASE_URL"', "all tables and views"),
        (f"{command} status", "servers, processes, lag, rows per table"),
        (f"{command} logs silver --follow", "what a process does"),
        (f"{command} ingest PATH...", "your own saved pages"),
        (f"{command} override list", "values set by hand"),
        (f"{command} replay gold --from earliest --dry-run", "read a stage's input again"),
        (f"{command} dlq list", "what could not be read, and why"),
        (f"{command} reconcile", "gold counts against silver, pair by pair"),
        (f"{command} down", "stop everything; the data stay"),
    ):
        lines.add_row(Text(line, style="bold"), what)
    console.print(lines)


def _short(path: Path) -> str:
    """The path from here, where it is below here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
