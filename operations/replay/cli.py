"""`songnodes replay`: read a process's input again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from operations import database
from operations.replay import view
from operations.replay.backlog import Backlog, OnProgress
from operations.replay.journal import Journal
from operations.replay.plan import plan
from operations.replay.readers import all_readers, enrichment_readers, select_readers
from operations.replay.run import ReplayRequest, ReplayRun
from operations.replay.start import parse_start
from songnodes.cli.terminal import console, show
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import settings


def replay(
    process: Annotated[str, typer.Argument(help="parse, silver, gold, enrich, sink or sink:NAME.")],
    starting_at: Annotated[str, typer.Option("--from", help="earliest, an offset, or a time (UTC).")],
    topic: Annotated[str | None, typer.Option(help="Only this input topic.")] = None,
    reason: Annotated[str, typer.Option(help="Reason; stored with the replay.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: print the plan as JSON.")] = False,
) -> None:
    """Read a process's input again from an earlier offset. The exit code is 1 if a count changed.

    Outputs are emitted again, totals are not recomputed. To apply new logic, increase the stage's version.
    """
    start = parse_start(starting_at)
    current = reached(settings(), "kafka_bootstrap", "database_url")
    admin = clients.admin(current)
    out, progress = console(), Console(stderr=True, highlight=False)
    with database.connected(current) as connection:
        readers = all_readers(current, admin, connection)
        chosen = select_readers(process, [*readers, *enrichment_readers(current, admin)])
        replay_plan = plan(current, admin, chosen, start, topic)
        if as_json and dry_run:
            typer.echo(json.dumps({"records_again": replay_plan.to_reread, "moves": replay_plan.as_list()}))
            return
        show(view.plan_table(replay_plan), out)
        _warn_of_open(Journal(connection), progress)
        if not replay_plan.moving:
            out.print("nothing to read again")
        if dry_run or not replay_plan.moving:
            return
        if not yes:
            typer.confirm(f"Read {replay_plan.to_reread} records again?", abort=True)
        with _status(progress) as on_progress:
            replay_run = ReplayRun(
                settings=current,
                admin=admin,
                connection=connection,
                all_readers=readers,
                on_progress=on_progress,
                log_step=progress.print,
            )
            result = replay_run.run(
                ReplayRequest(
                    process=process, starting_at=starting_at, reason=reason, readers=chosen, plan=replay_plan
                )
            )
    view.report(out, result)
    if result.differences:
        raise typer.Exit(1)


def _warn_of_open(journal: Journal, console: Console) -> None:
    for open_replay in journal.open():
        started = f"{open_replay.requested_at:%Y-%m-%d %H:%M:%S%z}"
        console.print(
            f"replay {open_replay.number} of {open_replay.process} from {open_replay.starting_at}, "
            f"started by {open_replay.operator} at {started}, has no end: it is running, or was interrupted",
            markup=False,
            soft_wrap=True,
        )


@contextmanager
def _status(console: Console) -> Iterator[OnProgress]:
    """Show how many records are unread, in a live line."""
    with console.status("") as status:

        def on_progress(left: Backlog) -> None:
            status.update("left to read: " + ", ".join(f"{name} {count}" for name, count in left.items()))

        yield on_progress
