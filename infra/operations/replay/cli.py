"""`songnodes replay`: read a process's input again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.operations import database
from infra.operations.replay.backlog import Backlog, Tell
from infra.operations.replay.course import Course, Order, Outcome
from infra.operations.replay.journal import Journal
from infra.operations.replay.plan import Plan, plan
from infra.operations.replay.readers import everyone, named
from infra.operations.replay.start import start_of
from songnodes.messaging import clients
from songnodes.settings import settings


def replay(
    process: Annotated[str, typer.Argument(help="parse, silver, appearances, gold, sink or sink:NAME.")],
    starting_at: Annotated[str, typer.Option("--from", help="earliest, an offset, or a time (UTC).")],
    topic: Annotated[str | None, typer.Option(help="Of its inputs only this one.")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept with the record of the replay.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Read a process's input again from an earlier offset. Exit code 1 when a count is not what it was.

    Outputs are repeated, totals are not computed again: for new logic raise the version of the stage.
    """
    current = settings()
    start = start_of(starting_at)
    admin = clients.admin(current)
    out, progress = Console(highlight=False), Console(stderr=True, highlight=False)
    with database.connected(current) as connection:
        readers = everyone(current, admin, connection)
        chosen = named(process, readers)
        todo = plan(current, admin, chosen, start, topic)
        out.print(_plan_table(todo))
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
    _report(out, outcome)
    if outcome.differences:
        raise typer.Exit(1)


def _plan_table(todo: Plan) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("reader", "topic", "partition", "log", "position", "back to", "records again"):
        table.add_column(column, justify="left" if column in ("reader", "topic") else "right")
    for move in todo.moves:
        table.add_row(
            move.reader,
            move.partition.topic,
            str(move.partition.number),
            f"{move.log.start}-{move.log.end}",
            "none" if move.position is None else str(move.position),
            "stays" if move.target is None else str(move.target),
            f"lost {move.lost}" if move.lost else str(move.again),
        )
    table.add_row("", "", "", "", "", "total", str(todo.again))
    return table


def _warn_of_open(journal: Journal, console: Console) -> None:
    for each in journal.open():
        console.print(
            f"replay {each.number} of {each.process} from {each.starting_at}, begun by {each.operator} at "
            f"{each.requested_at:%Y-%m-%d %H:%M:%S%z}, has no end: it runs, or it was cut off",
            markup=False,
        )


@contextmanager
def _status(console: Console) -> Iterator[Tell]:
    """Shows how much is left to read, in one line that changes."""
    with console.status("") as status:

        def tell(left: Backlog) -> None:
            status.update("left to read: " + ", ".join(f"{name} {count}" for name, count in left.items()))

        yield tell


def _report(console: Console, outcome: Outcome) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("table", "measure", "before", "after"):
        table.add_column(column, overflow="fold")
    changed = {(each.table, each.measure) for each in outcome.differences}
    for name, measures in outcome.before.items():
        for measure, value in measures.items():
            style = "bold red" if (name, measure) in changed else None
            table.add_row(name, measure, str(value), str(outcome.after[name].get(measure)), style=style)
    console.print(table)
    if not changed:
        console.print(f"replay {outcome.number}: all counts are what they were")
        return
    console.print(f"replay {outcome.number}: {len(changed)} counts differ")
    if not outcome.settled:
        console.print("Records were waiting when the first counts were taken; that may be why.")
    if outcome.arrived:
        console.print(f"Producers wrote {outcome.arrived} records meanwhile; that may be why.")
