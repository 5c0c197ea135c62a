"""Plans and outcomes of replays as tables."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from operations.replay.course import Outcome
from operations.replay.plan import Plan
from songnodes.cli import terminal

#: A hash says whether two are equal, and nothing to a reader.
HASHES = {"content"}


def plan_table(todo: Plan) -> Table:
    """One line per partition, those that stay included."""
    names = ("reader", "topic")
    table = terminal.table(*names, "partition", "log", "position", "back to", "records again", ids=names)
    for column in table.columns[len(names) :]:
        column.justify = "right"
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


def report(console: Console, outcome: Outcome) -> None:
    """All counts before and after, and what to make of a difference."""
    table = terminal.table("table", "before", "after", ids=("table",))
    different = outcome.differences
    changed = {each.table for each in different}
    for name, measures in outcome.before.items():
        after = _line(outcome.after[name]) if name in changed else "the same"
        table.add_row(name, _line(measures), after, style="bold red" if name in changed else None)
    terminal.show(table, console)
    if not different:
        console.print(f"replay {outcome.number}: all counts are what they were")
        return
    names = ", ".join(f"{each.table}.{each.measure}" for each in different)
    console.print(f"replay {outcome.number}: {len(different)} counts differ: {names}")
    if not outcome.settled:
        console.print("Records were waiting when the first counts were taken; that may be why.")
    if outcome.arrived:
        console.print(f"Producers wrote {outcome.arrived} records meanwhile; that may be why.")


def _line(measures: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in measures.items() if name not in HASHES)
