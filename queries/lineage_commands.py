"""`songnodes lineage`: the rows, pages and answers behind a track, a set or an artist."""

from enum import StrEnum
from typing import Annotated

import asyncpg
import typer

from queries import database, entities, output
from queries import lineage as sources
from queries.commands import Form, Name, answer, heading, track_row
from queries.database import Row
from queries.output import Format
from songnodes.cli.terminal import say

SHA256_DIGITS = 16  # of the hash that a table shows

TRACK_COLUMNS = (
    "counts_as", "set_date", "djs", "playlist_id", "position", "raw_text", "page_id", "page_sha256",
    "parser_version",
)  # fmt: skip
DJ_COLUMNS = ("dj", "sets", *TRACK_COLUMNS[1:])
SET_COLUMNS = (
    "position", "counts_as", "raw_text", "track_id", "claim_id", "page_sha256", "parser_version", "values",
)  # fmt: skip
VERSION_COLUMNS = ("scraped_at", "page_id", "page_sha256", "parser_version", "row_count")
FIELD_COLUMNS = ("provider", "status", "value", "confidence", "chosen", "answered_at", "cached", "note")
ARTIST_COLUMNS = ("counts_as", "set_date", "djs", "playlist_id", "position", "raw_text", "page_id")


class Kind(StrEnum):
    """Kind of the entity."""

    TRACK = "track"
    SET = "set"
    ARTIST = "artist"


def lineage(
    name: Name,
    number: Annotated[
        str | None,
        typer.Option("--of", help="One number or value of a track: dj_support, play_count, bpm, ..."),
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="Kind of the name. Default: that of the id, else a track.")
    ] = None,
    form: Form = Format.TABLE,
) -> None:
    """Show where numbers come from: each row, its page and the SHA-256 of its bytes; a value's providers."""
    kind = kind or answer(lambda connection: kind_of(connection, name))
    if kind is Kind.SET:
        _show_set(name, form)
    elif kind is Kind.ARTIST:
        _show_artist(name, form)
    elif number in sources.FIELDS:
        _show_field(name, number, form)
    else:
        _show_track(name, number, form)


async def kind_of(connection: asyncpg.Connection, text: str) -> Kind:
    """Return the kind of the entity with this id; a track if none has it."""
    if await database.row(connection, "sets", "set", text) is not None:
        return Kind.SET
    if await database.row(connection, "tracks", "canonical", text) is None and (
        await database.row(connection, "artists", "artist", text) is not None
    ):
        return Kind.ARTIST
    return Kind.TRACK


def _show_track(name: str, number: str | None, form: Format) -> None:
    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row]]:
        track = await track_row(connection, name)
        return track, await sources.track_rows(connection, track["track_id"])

    track, rows = answer(ask)
    evidence = sources.evidence(rows, number, track) if number else None
    shown = evidence.rows if evidence else rows
    if form is not Format.TABLE:
        output.write(shown, (), form)
        return
    say(f"{heading(track)}  {track['track_id']}")
    output.write(list(map(_short, shown)), DJ_COLUMNS if "dj" in (shown or [{}])[0] else TRACK_COLUMNS, form)
    if evidence:
        say(f"{number}: {evidence.counted} from these rows; gold has {evidence.stored}")
        return
    plays, sets = len(sources.plays(rows)), len(sources.first_by_set(rows))
    say(f"{plays} plays in {sets} sets; gold has {track['play_count']} in {track['playlist_appearances']}")
    say("The bytes of a page are the record of topic bronze.pages with this key and SHA-256")
    for column, provider in ((track["enrichment_details"] or {}).get("provenance") or {}).items():
        say(f"{column:<22}from {provider}")
    say("`songnodes lineage TRACK --of bpm` shows the answers of the providers")


def _show_field(name: str, field: str, form: Format) -> None:
    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row]]:
        track = await track_row(connection, name)
        return track, await database.rows(
            connection, "lineage", "attempts_for_field", track["track_id"], field
        )

    track, rows = answer(ask)
    output.write(rows, FIELD_COLUMNS, form, title=heading(track), empty="no provider was considered yet")


def _show_set(name: str, form: Format) -> None:
    async def ask(connection: asyncpg.Connection) -> tuple[list[Row], list[Row]]:
        playlist_id = await entities.find(connection, "set", name)
        rows = await database.rows(connection, "lineage", "of_set", playlist_id, sources.MAX_ROWS)
        return await database.rows(connection, "lineage", "versions_of_set", playlist_id), rows

    versions, rows = answer(ask)
    if form is not Format.TABLE:
        output.write(rows if form is Format.CSV else [{"versions": versions, "rows": rows}], (), form)
        return
    output.write(list(map(_short, versions)), VERSION_COLUMNS, form, title="contents of its pages")
    for row in rows:
        row["values"] = [f"{field}: {chosen['provider']}" for field, chosen in (row["chosen"] or {}).items()]
    output.write(list(map(_short, rows)), SET_COLUMNS, form, title="\nrows")


def _show_artist(name: str, form: Format) -> None:
    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row], list[Row]]:
        artist_id = await entities.find(connection, "artist", name)
        artist = await database.row(connection, "artists", "artist", artist_id)
        if artist is None:
            raise entities.NotFound(name, kind="artist")
        rows = await database.rows(connection, "lineage", "of_artist", artist_id, sources.MAX_ROWS)
        sets = await database.rows(connection, "lineage", "sets_of_dj", artist_id, sources.MAX_ROWS)
        return artist, rows, sets

    artist, rows, sets = answer(ask)
    if form is not Format.TABLE:
        output.write(rows if form is Format.CSV else [{**artist, "rows": rows, "sets": sets}], (), form)
        return
    say(f"{artist['name']}  {artist['artist_id']}")
    output.write(
        list(map(_short, rows)), ARTIST_COLUMNS, form, title="rows that credit the artist", empty="none"
    )
    say(f"{sum(row['counts_as'] == 'play' for row in rows)} plays; gold has {artist['play_count']}")
    columns = ("set_date", "set_title", "playlist_id", "page_ids", "parser_version")
    output.write(sets, columns, form, title="\nsets as DJ", empty="none")
    say(f"{len(sets)} sets; gold has {artist['sets_played']}")


def _short(row: Row) -> Row:
    """Return a row as a table shows it."""
    short = {**row, "page_sha256": row["page_sha256"] and row["page_sha256"][:SHA256_DIGITS]}
    if "dj_names" in row:
        short["djs"] = " & ".join(row["dj_names"] or ())
    if row.get("superseded"):
        short["counts_as"] = "superseded"
    return short
