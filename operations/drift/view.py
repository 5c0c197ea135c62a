"""Alarms as an operator sees them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from producers import sources
from producers.drift.alarm import Alarm, summary
from songnodes.cli import terminal
from songnodes.cli.terminal import cut

EXAMPLES = 3  # pages named per alarm in a table
TEXT = 300  # characters of one cell


def state(alarm: Alarm) -> str:
    """open, notice (open, but holds nothing), superseded (the parser is newer) or released."""
    if not alarm.open:
        return "released"
    source = sources.SOURCES.get(alarm.subject.source)
    if source is not None and source.card.version(alarm.subject.kind) > alarm.subject.parser_version:
        return "superseded"
    return "open" if alarm.holds else "notice"


def plain(alarm: Alarm, held: int) -> dict[str, Any]:
    """An alarm for programs."""
    return {
        "id": alarm.id,
        **alarm.subject._asdict(),
        "measure": alarm.measure,
        "state": state(alarm),
        "held_pages": held,
        "raised_at": alarm.raised_at.isoformat(),
        "evidence": dict(alarm.evidence),
        "released_at": alarm.released_at.isoformat() if alarm.released_at else None,
        "released_by": alarm.released_by,
        "release_reason": alarm.release_reason,
    }


def show(console: Console, alarms: Sequence[Alarm], held: Mapping[str, int]) -> None:
    """One line per alarm, and its evidence below."""
    table = terminal.table("alarm", "state", "since", "held", "evidence", ids=("alarm",))
    for alarm in alarms:
        cells = (
            alarm.id,
            state(alarm),
            alarm.raised_at.isoformat(sep=" ", timespec="seconds"),
            str(held.get(alarm.id, 0)),
            cut(_evidence(alarm), TEXT),
        )
        terminal.add(table, *cells)
    terminal.show(table, console)


def _evidence(alarm: Alarm) -> str:
    seen = alarm.evidence
    said = [summary(alarm), f"chance {seen['chance']:.0e}"]
    said += seen["details"]
    if alarm.released_by:
        said.append(f"released by {alarm.released_by}: {alarm.release_reason}")
    else:
        said.append("such as " + ", ".join(seen["examples"][-EXAMPLES:]))
    return "; ".join(said)
