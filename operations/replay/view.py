"""Plans and results of replays as tables."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from operations.replay.plan import Plan
from operations.replay.run import ReplayResult
from songnodes.cli import terminal

#: Hashes serve comparison only and are not shown.
HASHES = {"content"}


def plan_table(replay_plan: Plan) -> Table:
    """Return a table with one line per partition, including those that stay."""
    names = ("reader", "topic")
    table = terminal.table(*names, "partition", "log", "position", "back to", "records again", ids=names)
    for column in table.columns[len(names) :]:
        column.justify = "right"
    for move in replay_plan.moves:
        table.add_row(
            move.reader,
            move.partition.topic,
            str(move.partition.number),
            f"{move.log.start}-{move.log.end}",
            "none" if move.position is None else str(move.position),
            "stays" if move.target is None else str(move.target),
            f"lost {move.lost}" if move.lost else str(move.to_reread),
        )
    table.add_row("", "", "", "", "", "total", str(replay_plan.to_reread))
    return table


def report(console: Console, result: ReplayResult) -> None:
    """Print all counts before and after, and the likely reasons of a difference."""
    table = terminal.table("table", "before", "after", ids=("table",))
    differences = result.differences
    changed_tables = {difference.table for difference in differences}
    for name, measures in result.before.items():
        after = _line(result.after[name]) if name in changed_tables else "unchanged"
        table.add_row(name, _line(measures), after, style="bold red" if name in changed_tables else None)
    terminal.show(table, console)
    if not differences:
        console.print(f"replay {result.number}: no count changed")
        return
    names = ", ".join(f"{difference.table}.{difference.measure}" for difference in differences)
    console.print(f"replay {result.number}: {len(differences)} counts changed: {names}")
    if not result.settled:
        console.print("Records were unread when the first counts were taken; that may be the reason.")
    if result.arrived:
        console.print(f"Producers wrote {result.arrived} records during the replay; that may be the reason.")


def _line(measures: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in measures.items() if name not in HASHES)
