"""`songnodes override`: values set by hand. They beat every provider and are events like all others."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from songnodes import catalogue, decisions
from songnodes.cli import terminal
from songnodes.cli.operator import operator
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.domain.identity import track_id
from songnodes.domain.keys import ALL
from songnodes.domain.lines import read_line
from songnodes.domain.overrides import NoOverride
from songnodes.domain.records import Decision
from songnodes.errors import NotUsable
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

LINE = " - "
KEY_COLUMNS = ("key", "key_mode")


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


Force = Annotated[bool, typer.Option("--force", help="Also for a track that is still to come.")]


@app.command(name="set")
def set_(
    track: Track, field: str, value: str, reason: Reason, author: Who = None, force: Force = False
) -> None:
    """Set FIELD of TRACK to VALUE. A track that nothing was read of is refused, with the nearest ones."""
    decided = Author(name=author or operator(), reason=reason, at=datetime.now(UTC))
    _publish(list(_decisions(subject(track), {field: value}, decided)), force=force)


@app.command()
def withdraw(track: Track, field: str, reason: Reason, author: Who = None, force: Force = False) -> None:
    """Take back what was set; the providers decide again."""
    decided = Author(name=author or operator(), reason=reason, at=datetime.now(UTC))
    try:
        columns = overrides.columns(field)
    except NoOverride as error:
        raise BadOverride(str(error)) from error
    found = subject(track)
    _publish([decisions.override(found, column, None, decided) for column in columns], force=force)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="YAML: reason, author, decided_at, overrides.")],
    force: Force = False,
) -> None:
    """Set everything a file says. All of it is read before anything is set."""
    _publish(from_file(file), force=force)


@app.command(name="list")
def list_(
    track: Annotated[
        str | None, typer.Argument(help="Only of this track: an id, a line, or part of an id.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only of this field.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Only what this author decided.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the values that stand. Track, field and value are what `override set` takes."""
    wanted = subject(track) if track else ""
    entries = [
        entry
        for entry in standing(
            decisions.current_overrides(reached(settings(), "kafka_bootstrap", "schema_registry_url"))
        )
        if wanted in entry["track"] and field in (None, entry["field"]) and author in (None, entry["author"])
    ]
    if as_json:
        typer.echo(json.dumps(entries, ensure_ascii=False))
        return
    table = terminal.table(
        "track", "field", "value", "reason", "author", "decided", ids=("track", "field", "value")
    )
    for entry in entries:
        terminal.add(table, *entry.values())
    terminal.show(table)


def standing(found: Iterable[Decision]) -> list[dict[str, str]]:
    """Return the overrides as a person sets them: a key in one, values as `override set` takes them."""
    entries: dict[tuple[str, str], dict[str, str]] = {}
    numbers: dict[str, Any] = {}
    for decision in found:
        track, column = decision["subject_id"], decision["field"] or ""
        value = _stored(decision["value"])
        if column in KEY_COLUMNS:
            numbers[track] = numbers.get(track, {}) | {column: value}
            value = _camelot(numbers[track]) or value
            column = "key" if len(numbers[track]) == len(KEY_COLUMNS) else column
            entries.pop((track, "key"), None)
        entries[track, column] = {
            "track": track,
            "field": column,
            "value": overrides.shown(value),
            "reason": decision["reason"],
            "author": decision["author"],
            "decided_at": decision["decided_at"].isoformat(timespec="seconds"),
        }
    return list(entries.values())


def _stored(text: str | None) -> Any:
    """Return the value of a decision's JSON; a text that is none, as a foreign record may hold, as it is."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _camelot(columns: Mapping[str, Any]) -> str | None:
    """Return the key as `override set` takes it, None unless number and mode are both set."""
    number, mode = columns.get("key"), columns.get("key_mode")
    found = [key for key in ALL if (key.number, key.mode) == (number, mode)]
    return found[0].camelot if found else None


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
        if not isinstance(given, datetime):
            raise BadFile(str(file), decided_at=given)
        return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadFile(str(file), decided_at=given) from error


def _publish(found: list[Decision], *, force: bool) -> None:
    """Publish decisions on tracks that exist; a withdrawal also where something was decided before."""
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    withdrawn = all(decision["withdrawn"] for decision in found)
    catalogue.check(current, (d["subject_id"] for d in found), force=force, decided=withdrawn)
    count = decisions.publish(current, found)
    tracks = len({decision["subject_id"] for decision in found})
    typer.echo(f"{count} values of {tracks} tracks decided")
