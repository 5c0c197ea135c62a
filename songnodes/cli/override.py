"""`songnodes override`: values set by hand, which take precedence over every provider."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from songnodes import catalogue, decisions, yaml_text
from songnodes.cli import terminal
from songnodes.cli.current_user import current_user
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.domain.identity import track_id
from songnodes.domain.keys import ALL
from songnodes.domain.lines import read_line
from songnodes.domain.overrides import InvalidOverride
from songnodes.domain.records import Decision
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

LINE_SEPARATOR = " - "
KEY_COLUMNS = ("key", "key_mode")


class OverrideRejected(UserError):
    """The value cannot be set"""


class InvalidOverrideFile(UserError):
    """The file of overrides is not valid"""

    remedy = "It needs `reason`, and `overrides`: a list of entries with `track` and the fields to set"


Reason = Annotated[str, typer.Option("--reason", help="Why; stored with the value.")]
Who = Annotated[str | None, typer.Option("--author", help="Who decided; default: your user name.")]
Track = Annotated[str, typer.Argument(help='A track id, or a line: "Deadmau5 - Strobe".')]


Force = Annotated[bool, typer.Option("--force", help="Also for a track that does not exist yet.")]


@app.command(name="set")
def set_(
    track: Track, field: str, value: str, reason: Reason, author: Who = None, force: Force = False
) -> None:
    """Set FIELD of TRACK to VALUE. An unknown track is refused, and similar ones are shown."""
    decided = Author(name=author or current_user(), reason=reason, at=datetime.now(UTC))
    _publish(list(decisions_of(track_id_of(track), {field: value}, decided)), force=force)


@app.command()
def withdraw(track: Track, field: str, reason: Reason, author: Who = None, force: Force = False) -> None:
    """Withdraw an override; values of the providers are used again."""
    decided = Author(name=author or current_user(), reason=reason, at=datetime.now(UTC))
    _publish(withdrawals_of(track_id_of(track), field, decided), force=force)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="YAML: reason, author, decided_at, overrides.")],
    force: Force = False,
) -> None:
    """Set all values of a file, which is read completely before any value is set."""
    _publish(read_file(file), force=force)


@app.command(name="list")
def list_(
    track: Annotated[
        str | None, typer.Argument(help="Only this track: an id, a line, or part of an id.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only this field.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Only values set by this author.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the values in effect. Track, field and value can be passed to `override set`."""
    wanted = track_id_of(track) if track else ""
    entries = [
        entry
        for entry in current_values(
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


def current_values(stored_overrides: Iterable[Decision]) -> list[dict[str, str]]:
    """Return the overrides as `override set` takes them, number and mode of a key as one value."""
    entries: dict[tuple[str, str], dict[str, str]] = {}
    key_columns: dict[str, Any] = {}
    for decision in stored_overrides:
        track, column = decision["subject_id"], decision["field"] or ""
        value = _stored(decision["value"])
        if column in KEY_COLUMNS:
            key_columns[track] = key_columns.get(track, {}) | {column: value}
            value = _camelot(key_columns[track]) or value
            column = "key" if len(key_columns[track]) == len(KEY_COLUMNS) else column
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
    """Parse the JSON value of a decision; return text that is not JSON, as of a foreign record, unchanged."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _camelot(columns: Mapping[str, Any]) -> str | None:
    """Return the key as `override set` takes it, None unless number and mode are both set."""
    number, mode = columns.get("key"), columns.get("key_mode")
    matching_keys = [key for key in ALL if (key.number, key.mode) == (number, mode)]
    return matching_keys[0].camelot if matching_keys else None


def track_id_of(track: str) -> str:
    """Return the id of a track from an id or a line. Raises OverrideRejected for a line without a track."""
    if LINE_SEPARATOR not in track:
        return track
    identified = track_id(read_line(track))
    if identified is None:
        raise OverrideRejected(f"{track!r} does not name a track")
    return identified


def read_file(file: Path) -> list[Decision]:
    """Return the decisions of a file. Raises InvalidOverrideFile, OverrideRejected."""
    try:
        content = yaml_text.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidOverrideFile(str(file), cause=str(error)) from error
    entries = content.get("overrides") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not isinstance(content.get("reason"), str):
        raise InvalidOverrideFile(str(file))
    author = Author(
        name=str(content.get("author") or current_user()),
        reason=content["reason"],
        at=_parse_time(content.get("decided_at"), file),
    )
    result: list[Decision] = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("track"), str):
            raise InvalidOverrideFile(str(file), entry=str(entry)[:80])
        fields = {name: value for name, value in entry.items() if name != "track"}
        result += decisions_of(track_id_of(entry["track"]), fields, author)
    return result


def withdrawals_of(track: str, field: str, author: Author) -> list[Decision]:
    """Return the decisions that withdraw the value of a field. Raises OverrideRejected."""
    try:
        columns = overrides.columns(field)
    except InvalidOverride as error:
        raise OverrideRejected(str(error)) from error
    return [decisions.override(track, column, None, author) for column in columns]


def decisions_of(track: str, fields: Mapping[str, Any], author: Author) -> Iterator[Decision]:
    """Yield the decisions that set fields of a track. Raises OverrideRejected."""
    for field, text in fields.items():
        try:
            values = overrides.read(field, text)
        except InvalidOverride as error:
            raise OverrideRejected(f"{field} of {track}: {error}") from error
        for column, value in values.items():
            yield decisions.override(track, column, value, author)


def _parse_time(value: Any, file: Path) -> datetime:
    """Parse the time of the decisions; default: now. A date means its midnight in UTC."""
    if value is None:
        return datetime.now(UTC)
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise InvalidOverrideFile(str(file), decided_at=value)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidOverrideFile(str(file), decided_at=value) from error


def _publish(new_decisions: list[Decision], *, force: bool) -> None:
    count = publish_checked(settings(), new_decisions, force=force)
    tracks = len({decision["subject_id"] for decision in new_decisions})
    typer.echo(f"{count} values of {tracks} tracks decided")


def publish_checked(settings: Settings, new_decisions: list[Decision], *, force: bool = False) -> int:
    """Publish decisions on existing tracks; withdrawals also on tracks with earlier decisions.

    Return their number. Raises UnknownTrack, NotAcknowledged, ServerUnreachable.
    """
    current = reached(settings, "kafka_bootstrap", "database_url", "schema_registry_url")
    withdrawn = all(decision["withdrawn"] for decision in new_decisions)
    catalogue.check(current, (d["subject_id"] for d in new_decisions), force=force, decided=withdrawn)
    return decisions.publish(current, new_decisions)
