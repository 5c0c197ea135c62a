"""Alarms as a table and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from producers import sources
from producers.drift.alarm import Alarm, summary
from songnodes.cli import terminal
from songnodes.cli.terminal import cut

MAX_EXAMPLES = 3  # pages named per alarm in a table
MAX_CELL_CHARS = 300


def state(alarm: Alarm) -> str:
    """Return open, notice (open, but holds nothing), superseded (the parser is newer) or released."""
    if not alarm.open:
        return "released"
    source = sources.SOURCES.get(alarm.subject.source)
    if source is not None and source.card.version(alarm.subject.kind) > alarm.subject.parser_version:
        return "superseded"
    return "open" if alarm.holds else "notice"


def as_dict(alarm: Alarm, held_pages: int) -> dict[str, Any]:
    """Return an alarm for JSON output."""
    return {
        "id": alarm.id,
        **alarm.subject._asdict(),
        "measure": alarm.measure,
        "state": state(alarm),
        "held_pages": held_pages,
        "raised_at": alarm.raised_at.isoformat(),
        "evidence": dict(alarm.evidence),
        "released_at": alarm.released_at.isoformat() if alarm.released_at else None,
        "released_by": alarm.released_by,
        "release_reason": alarm.release_reason,
    }


def show(console: Console, alarms: Sequence[Alarm], held_pages: Mapping[str, int]) -> None:
    """Print a table with one line per alarm and its evidence."""
    table = terminal.table("alarm", "state", "since", "held", "evidence", ids=("alarm",))
    for alarm in alarms:
        cells = (
            alarm.id,
            state(alarm),
            alarm.raised_at.isoformat(sep=" ", timespec="seconds"),
            str(held_pages.get(alarm.id, 0)),
            cut(_evidence(alarm), MAX_CELL_CHARS),
        )
        terminal.add(table, *cells)
    terminal.show(table, console)


def _evidence(alarm: Alarm) -> str:
    evidence = alarm.evidence
    parts = [summary(alarm), f"chance {evidence['chance']:.0e}"]
    parts += evidence["details"]
    if alarm.released_by:
        parts.append(f"released by {alarm.released_by}: {alarm.release_reason}")
    else:
        parts.append("such as " + ", ".join(evidence["examples"][-MAX_EXAMPLES:]))
    return "; ".join(parts)
