"""`songnodes set` and `songnodes check`: a set row by row, and what is wrong with a planned one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from queries import database, entities, output
from queries.commands import Form, Name, answer
from queries.database import Row
from queries.harmony import Transition, between, transition
from queries.output import Format
from queries.search import search
from songnodes.cli.terminal import say
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.errors import UserError

MAX_LINES = 2000

ROW_COLUMNS = (
    "position",
    "cue",
    "artist_credit",
    "track_name",
    "bpm",
    "camelot",
    "energy",
    "relation",
    "bpm_change",
)
CHECK_COLUMNS = (
    "position", "artist_credit", "track_name", "bpm", "camelot", "relation", "bpm_percent", "energy_step",
    "warnings", "better",
)  # fmt: skip
#: Columns of a row that `check` repeats.
KEPT_COLUMNS = ("position", "track_id", "artist_credit", "track_name", "bpm", "camelot", "energy")


class NoTracklist(UserError):
    """The file has no lines"""

    remedy = 'A tracklist is a text file with one "Artist - Title" per line'


async def set_rows(connection: asyncpg.Connection, playlist_id: str) -> list[Row]:
    """Return the rows of a set, with the transition of each moment to the next."""
    return await database.rows(connection, "sets", "rows", playlist_id)


def show_set(name: Name, form: Form = Format.TABLE) -> None:
    """Show a set: rows with cues, keys and tempi, curves, and how much of it is known."""

    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row]]:
        playlist_id = await entities.find(connection, "set", name)
        row = await database.row(connection, "sets", "set", playlist_id)
        if row is None:
            raise entities.NotFound(name, kind="set")
        return row, await set_rows(connection, playlist_id)

    summary, rows = answer(ask)
    if form is not Format.TABLE:
        output.write(rows if form is Format.CSV else [{**summary, "rows": rows}], (), form)
        return
    say(f"{' & '.join(summary['dj_names'])} - {summary['title'] or summary['mix_name'] or ''}")
    for column in (
        "playlist_id",
        "set_date",
        "event_name",
        "venue",
        "country",
        "source_url",
        "shape",
        "coverage",
    ):
        if summary[column] is not None:
            say(f"{column.replace('_', ' '):<22}{output.shown(summary[column])}")
    say(f"{'identified':<22}{summary['identified_rows']} of {summary['row_count']} rows")
    moments = [row for row in rows if row["role"] == "main"]
    for title, column in (("tempo", "bpm"), ("energy", "energy")):
        values = [None if row[column] is None else float(row[column]) for row in moments]
        say(f"{title:<22}{output.sparkline(values)}")
    shown = [{**row, "cue": cue(row["cue_seconds"]), "relation": row["key_relation"]} for row in rows]
    for row in shown:
        row["track_name"] = row["track_name"] or row["raw_text"]
    output.write(shown, ROW_COLUMNS, form, title="")


def cue(seconds: int | None) -> str | None:
    """Return seconds as H:MM:SS."""
    return None if seconds is None else f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def check(
    tracklist: Annotated[
        str, typer.Argument(help="A file with one track per line, or the id or name of a set.")
    ],
    form: Form = Format.TABLE,
) -> None:
    """Check each transition: relation of the keys, change of tempo and energy, a better track between."""
    path = Path(tracklist)

    async def ask(connection: asyncpg.Connection) -> list[Row]:
        if path.is_file():
            rows = await tracks_of_lines(connection, read_lines(path))
        else:
            playlist_id = await entities.find(connection, "set", tracklist)
            rows = [row for row in await set_rows(connection, playlist_id) if row["role"] == "main"]
        return await checked(connection, rows)

    rows = answer(ask)
    output.write(rows, CHECK_COLUMNS, form)
    if form is Format.TABLE:
        unknown = sum(row["track_id"] is None for row in rows)
        partial = sum(row["track_id"] is not None and None in (row["bpm"], row["camelot"]) for row in rows)
        warned = sum(bool(row["warnings"]) for row in rows)
        say(
            f"{len(rows)} tracks, {warned} transitions with a warning; "
            f"{unknown} unknown tracks, {partial} without key or tempo"
        )


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file that are not empty. Raises NoTracklist."""
    text = path.read_bytes()[: 1 << 20].decode("utf-8-sig", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#EXT")]
    if not lines:
        raise NoTracklist(str(path))
    return lines[:MAX_LINES]


async def tracks_of_lines(connection: asyncpg.Connection, lines: Sequence[str]) -> list[Row]:
    """Return a row per line: the track that it names, by identity, else by a search that corrects nothing."""
    rows = []
    for position, text in enumerate(lines, start=1):
        line = read_line(text)
        row = await _known(connection, track_id(line), text)
        name = {"artist_credit": " & ".join(line.artists), "track_name": line.track_name or text}
        blank: Row = {"track_id": None, **name, "bpm": None, "camelot": None, "energy": None}
        if row is not None:
            blank |= {
                column: row[column] for column in ("track_id", "track_name", "bpm", "camelot", "energy")
            }
            blank["artist_credit"] = row["primary_artist"]
        rows.append({"position": position, **blank, "raw_text": text})
    return rows


async def _known(connection: asyncpg.Connection, identity: str | None, text: str) -> Row | None:
    if identity is not None:
        canonical = await database.row(connection, "tracks", "canonical", identity)
        if canonical is not None:
            return await database.row(connection, "tracks", "track", canonical["track_id"])
    hits = await search(connection, text, kinds=("track",), limit=1)
    if hits and not hits[0].corrected:
        return await database.row(connection, "tracks", "track", hits[0].id)
    return None


async def checked(connection: asyncpg.Connection, rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the transition to each next one; where it has a warning, with a track between."""
    result: list[Row] = []
    pairs: dict[int, tuple[str, str]] = {}
    for place, (current, following) in enumerate(zip(rows, [*rows[1:], None], strict=True)):
        step = transition(current, following) if following is not None else None
        row: dict[str, Any] = {name: current[name] for name in KEPT_COLUMNS}
        row |= step.as_dict() if step else {name: None for name in Transition.__dataclass_fields__}
        row.pop("class_", None)
        row["warnings"] = list(row["warnings"] or ())
        row["better"] = None
        if following is not None and row["warnings"] and current["track_id"] and following["track_id"]:
            pairs[place] = current["track_id"], following["track_id"]
        result.append(row)
    for place, better in zip(pairs, await between(connection, list(pairs.values())), strict=True):
        if better is not None:
            result[place]["better"] = f"{better['primary_artist']} - {better['track_name']}"
    return result
