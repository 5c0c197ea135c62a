"""`songnodes override`: values set by hand. They beat every provider and are events like all others."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.table import Table

from songnodes import decisions
from songnodes.cli.operator import operator
from songnodes.cli.terminal import console
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.domain.overrides import NoOverride
from songnodes.domain.records import Decision
from songnodes.errors import NotUsable
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

LINE = " - "


class BadOverride(NotUsable):
    """This cannot be set by hand"""


class BadFile(NotUsable):
    """The file of overrides is not usable"""

    remedy = "It wants `reason`, and `overrides`: a list of entries with `track` and the fields to set"


Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the value.")]
Who = Annotated[
    str | None, typer.Option("--author", help="Who decided; the user of this shell if not given.")
]
Track = Annotated[str, typer.Argument(help='A track id, or a line: "Deadmau5 - Strobe".')]


@app.command(name="set")
def set_(track: Track, field: str, value: str, reason: Reason, author: Who = None) -> None:
    """Set FIELD of TRACK to VALUE."""
    decided = Author(name=author or operator(), reason=reason, at=datetime.now(UTC))
    _publish(list(_decisions(subject(track), {field: value}, decided)))


@app.command()
def withdraw(track: Track, field: str, reason: Reason, author: Who = None) -> None:
    """Take back what was set; the providers decide again."""
    decided = Author(name=author or operator(), reason=reason, at=datetime.now(UTC))
    try:
        columns = overrides.columns(field)
    except NoOverride as error:
        raise BadOverride(str(error)) from error
    found = subject(track)
    _publish([decisions.override(found, column, None, decided) for column in columns])


@app.command()
def apply(file: Annotated[Path, typer.Argument(help="YAML: reason, author, decided_at, overrides.")]) -> None:
    """Set everything a file says. All of it is read before anything is set."""
    _publish(from_file(file))


@app.command(name="list")
def list_() -> None:
    """Show the values that stand."""
    table = Table("track", "field", "value", "reason", "author", "decided", box=None)
    for entry in decisions.standing(settings()):
        at = entry["decided_at"].isoformat(timespec="seconds")
        table.add_row(
            entry["subject_id"], entry["field"], entry["value"], entry["reason"], entry["author"], at
        )
    console().print(table)


def subject(track: str) -> str:
    """The id of a track given as an id or as a line. Raises BadOverride for a line that names no track."""
    if LINE not in track:
        return track
    found = track_id(read_line(track))
    if found is None:
        raise BadOverride(f"{track!r} does not name a track")
    return found


def from_file(file: Path) -> list[Decision]:
    """The decisions of a file. Raises BadFile, BadOverride."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFile(str(file), cause=str(error)) from error
    entries = content.get("overrides") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not isinstance(content.get("reason"), str):
        raise BadFile(str(file))
    author = Author(
        name=str(content.get("author") or operator()),
        reason=content["reason"],
        at=_at(content.get("decided_at"), file),
    )
    found: list[Decision] = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("track"), str):
            raise BadFile(str(file), entry=str(entry)[:80])
        fields = {name: value for name, value in entry.items() if name != "track"}
        found += _decisions(subject(entry["track"]), fields, author)
    return found


def _decisions(track: str, fields: Mapping[str, Any], author: Author) -> Iterator[Decision]:
    for field, given in fields.items():
        try:
            values = overrides.read(field, given)
        except NoOverride as error:
            raise BadOverride(f"{field} of {track}: {error}") from error
        for column, value in values.items():
            yield decisions.override(track, column, value, author)


def _at(given: Any, file: Path) -> datetime:
    """The time of the decisions; now where the file has none. A date is its midnight, UTC."""
    if given is None:
        return datetime.now(UTC)
    try:
        if isinstance(given, str):
            given = datetime.fromisoformat(given)
        elif isinstance(given, date) and not isinstance(given, datetime):
            given = datetime.combine(given, time())
    except ValueError as error:
        raise BadFile(str(file), decided_at=given) from error
    if not isinstance(given, datetime):
        raise BadFile(str(file), decided_at=given)
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)


def _publish(found: list[Decision]) -> None:
    count = decisions.publish(settings(), found)
    tracks = len({decision["subject_id"] for decision in found})
    typer.echo(f"{count} values of {tracks} tracks decided")
