"""`songnodes replay`: read a process's input again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from operations import database
from operations.replay import view
from operations.replay.backlog import Backlog, Tell
from operations.replay.course import Course, Order
from operations.replay.journal import Journal
from operations.replay.plan import plan
from operations.replay.readers import everyone, named
from operations.replay.start import start_of
from songnodes.cli.terminal import console, show
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import settings


def replay(
    process: Annotated[str, typer.Argument(help="parse, silver, appearances, gold, sink or sink:NAME.")],
    starting_at: Annotated[str, typer.Option("--from", help="earliest, an offset, or a time (UTC).")],
    topic: Annotated[str | None, typer.Option(help="Of its inputs only this one.")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept with the record of the replay.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: the plan for programs.")] = False,
) -> None:
    """Read a process's input again from an earlier offset. Exit code 1 when a count is not what it was.

    Outputs are repeated, totals are not computed again: for new logic raise the version of the stage.
    """
    start = start_of(starting_at)
    current = reached(settings(), "kafka_bootstrap", "database_url")
    admin = clients.admin(current)
    out, progress = console(), Console(stderr=True, highlight=False)
    with database.connected(current) as connection:
        readers = everyone(current, admin, connection)
        chosen = named(process, readers)
        todo = plan(current, admin, chosen, start, topic)
        if as_json and dry_run:
            typer.echo(json.dumps({"records_again": todo.again, "moves": todo.plain()}))
            return
        show(view.plan_table(todo), out)
        _warn_of_open(Journal(connection), progress)
        if not todo.moving:
            out.print("nothing to read again")
        if dry_run or not todo.moving:
            return
        if not yes:
            typer.confirm(f"Read {todo.again} records again?", abort=True)
        with _status(progress) as tell:
            course = Course(
                settings=current,
                admin=admin,
                connection=connection,
                everyone=readers,
                tell=tell,
                say=progress.print,
            )
            outcome = course.run(
                Order(process=process, starting_at=starting_at, reason=reason, readers=chosen, plan=todo)
            )
    view.report(out, outcome)
    if outcome.differences:
        raise typer.Exit(1)


def _warn_of_open(journal: Journal, console: Console) -> None:
    for each in journal.open():
        console.print(
            f"replay {each.number} of {each.process} from {each.starting_at}, begun by {each.operator} at "
            f"{each.requested_at:%Y-%m-%d %H:%M:%S%z}, has no end: it runs, or it was cut off",
            markup=False,
            soft_wrap=True,
        )


@contextmanager
def _status(console: Console) -> Iterator[Tell]:
    """Shows how much is left to read, in one line that changes."""
    with console.status("") as status:

        def tell(left: Backlog) -> None:
            status.update("left to read: " + ", ".join(f"{name} {count}" for name, count in left.items()))

        yield tell
