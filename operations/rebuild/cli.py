"""`songnodes rebuild silver|gold [--beside]`: compute the tables of stages again, with the current code."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from operations import database
from operations.rebuild.drop import drop_replaced, drop_unfinished
from operations.rebuild.plan import next_step
from operations.rebuild.run import Rebuild, RebuildResult
from operations.rebuild.scopes import SCOPES
from songnodes.cli.terminal import add, console, say, show, table
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import settings

LOCK = "rebuild"


class RebuiltStage(StrEnum):
    """Stages that can be rebuilt."""

    SILVER = "silver"
    GOLD = "gold"


class Source(StrEnum):
    """Records of which silver is computed."""

    TRACKLISTS = "tracklists"
    PAGES = "pages"


#: Sums of counts of tasks that are printed, and those that are printed if there are any.
COUNTS = {
    "pages": "pages",
    "tracklists": "tracklists",
    "enrichments": "answers",
    "playlists": "playlists",
    "facts": "facts",
    "silver_records": "silver records",
    "outputs": "gold records",
}
PROBLEMS = {
    "dead_letters": "input records are dead letters",
    "refused": "records have no row and are dead letters",
}


def rebuild(
    stage: Annotated[RebuiltStage, typer.Argument(help="silver (with gold on top) or gold.")],
    beside: Annotated[bool, typer.Option("--beside", help="Build and compare, do not swap.")] = False,
    source: Annotated[
        Source, typer.Option("--from", help="Of silver: parse the pages again, too, or read what is parsed.")
    ] = Source.TRACKLISTS,
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop an unfinished rebuild, or replaced data.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the swap.")] = False,
    accept_differences: Annotated[
        bool, typer.Option("--accept-differences", help="Swap though counts differ from silver.")
    ] = False,
    accept_dead_letters: Annotated[
        bool, typer.Option("--accept-dead-letters", help="Accept any number of bad records.")
    ] = False,
    processes: Annotated[int | None, typer.Option(min=1, help="Default: one per core.")] = None,
) -> None:
    """Compute silver or gold again from stored records, in bulk, as the next version beside the pipeline.

    Then compare with the current tables and with silver, and swap the tables. The pipeline runs meanwhile.
    After an interruption the same command continues. The exit code is 1 when the new counts differ from
    silver: the tables are not swapped then.
    """
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    admin = clients.admin(current)
    owner = current.model_copy(update={"database_url": current.owner_url})
    with database.connected(owner) as connection, Console(stderr=True, highlight=False).status("") as status:
        database.acquire_lock(connection, LOCK)
        scope = SCOPES[stage]
        progress = _Progress(status.update)
        run = Rebuild(current, admin, connection, scope, progress.count, progress.begin)
        if drop:
            drop_version = drop_unfinished if run.workspace.has_plan else drop_replaced
            names = drop_version(current, admin, connection, scope)
            say(f"{len(names)} topics dropped, and their tables")
            return
        from_pages = stage is RebuiltStage.SILVER and source is Source.PAGES
        plan = run.plan(from_pages=from_pages)
        result = run.build(plan, processes, accept_dead_letters=accept_dead_letters)
        status.stop()
        _print(result)
        if result.silver.differences and not accept_differences:
            raise typer.Exit(1)
        if beside:
            say(
                f"version {plan.version} of {stage} is complete; `songnodes rebuild {stage}` swaps the tables"
            )
            return
        if not yes:
            typer.confirm("Replace the tables?", abort=True)
        stopped = run.swap(plan)
        say(
            f"The tables are swapped. Processes stopped: {', '.join(stopped) or 'none'}. "
            f"{next_step(plan.versions)}"
        )


class _Progress:
    """Shows the step in progress, the tasks finished and the estimate of the time left."""

    def __init__(self, show_text: Callable[[str], None]) -> None:
        self._show_text = show_text
        self._step = self._tasks = ""

    def begin(self, step: str) -> None:
        self._step = step
        self._show_text(f"{self._step}{self._tasks}")

    def count(self, finished: int, total: int, seconds_left: float | None) -> None:
        left = "" if seconds_left is None else f", about {max(1, round(seconds_left / 60))} min left"
        self._tasks = f": {finished} of {total} tasks{left}"
        self.begin(self._step)


def _print(result: RebuildResult) -> None:
    counts = result.counts
    say(", ".join(f"{counts[name]} {what}" for name, what in COUNTS.items() if name in counts))
    for name, what in PROBLEMS.items():
        if counts.get(name):
            say(f"{counts[name]} {what}")
    out = console()
    summary = table("table", "rows now", "rows new", "added", "missing", "changed")
    for comparison in result.tables:
        kinds = [comparison.kinds.get(kind, 0) for kind in ("added", "missing", "changed")]
        add(summary, comparison.table, comparison.current_rows, comparison.new_rows, *kinds)
    show(summary, out)
    samples = [(comparison.table, row) for comparison in result.tables for row in comparison.sample]
    if samples:
        sample_table = table("table", "id", "difference", "columns", ids=("id",))
        for name, row in samples:
            add(sample_table, name, row.id, row.kind, ", ".join(row.columns))
        show(sample_table, out)
    say(f"{result.silver.compared} tracks compared with silver, {len(result.silver.differences)} differences")
