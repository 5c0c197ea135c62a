"""`songnodes artist | dj | label`: who makes, plays and releases tracks."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from queries import database, entities, output
from queries.addresses import web_address
from queries.commands import TRACK_COLUMNS, Form, Limit, Name, answer
from queries.database import Row
from queries.output import Format
from songnodes.cli.terminal import say


def artist(name: Name, limit: Limit = 10, form: Form = Format.TABLE) -> None:
    """Show an artist as producer: support, most supported tracks, partners."""
    _show_artist(name, limit, form, ARTIST_LISTS)


def dj(name: Name, limit: Limit = 10, form: Form = Format.TABLE) -> None:
    """Show an artist as DJ: newest sets, tracks in most of them, tracks played among the first."""
    _show_artist(name, limit, form, DJ_LISTS)


#: Parts of an artist as producer and as DJ, with their statements.
ARTIST_LISTS = (("tracks", "tracks_of"), ("partners", "partners"))
DJ_LISTS = (("sets", "sets_of"), ("most_played", "played_by"), ("early", "breaks"))
#: Columns of the parts of an artist's page.
PARTS = {
    "tracks": TRACK_COLUMNS,
    "partners": ("name", "collaboration_count", "shared_playlists", "genre_overlap"),
    "sets": (
        "set_date",
        "title",
        "venue",
        "row_count",
        "identified_share",
        "bpm_mean",
        "shape",
        "playlist_id",
    ),
    "early": ("place", "primary_artist", "track_name", "first_date", "lead_days", "supporters"),
    "most_played": (
        "sets",
        "last_date",
        "primary_artist",
        "track_name",
        "genre",
        "bpm",
        "camelot",
        "dj_support",
    ),
}
#: Source of a value that no provider lends.
PAGES = "pages"
#: Values of an artist's profiles, which name their source.
PROFILE_VALUES = ("country", "artist_type", "life_begin", "life_end", "groups", "genres", "biography")
ARTIST_VALUES = (
    "artist_id", "play_count", "dj_support", "playlist_appearances", "sets_played",
    "popularity_rank", "trending_score", "first_set_date", "last_set_date",
)  # fmt: skip


async def artist_with(
    connection: asyncpg.Connection, artist_id: str, parts: Sequence[tuple[str, str]], limit: int
) -> tuple[Row, dict[str, list[Row]]] | None:
    """Return an artist and the parts of its page; None if there is no artist with this id."""
    row = await database.row(connection, "artists", "artist", artist_id)
    if row is None:
        return None
    lists = {
        part: await database.rows(connection, "artists", statement, artist_id, limit)
        for part, statement in parts
    }
    return row, lists


def profile_values(row: Row) -> list[tuple[str, str]]:
    """Return the values of an artist's profiles as text, each with the providers that it is from."""
    sources = row["value_sources"] or {}
    values: list[tuple[str, Any]] = [(column, row[column]) for column in PROFILE_VALUES]
    values.append(
        ("aliases", [alias["text"] for alias in row["aliases"] or () if alias["text"] != row["name"]])
    )
    shown = []
    for column, value in values:
        if value:
            text = ", ".join(value) if isinstance(value, list) else str(value)
            shown.append((column, f"{text} ({sources.get(column, PAGES).replace(',', ', ')})"))
    for site, address in sorted((row["links"] or {}).items()):
        if web_address(address) is not None:
            shown.append((f"link {site}", f"{address} ({sources.get(f'links.{site}', PAGES)})"))
    return shown


def _show_artist(name: str, limit: int, form: Format, parts: Sequence[tuple[str, str]]) -> None:
    async def ask(connection: asyncpg.Connection) -> tuple[Row, dict[str, list[Row]]]:
        artist_id = await entities.find(connection, "artist", name)
        artist = await artist_with(connection, artist_id, parts, limit)
        if artist is None:
            raise entities.NotFound(name, kind="artist")
        return artist

    row, lists = answer(ask)
    if form is not Format.TABLE:
        output.write([{**row, **lists}], (), form)
        return
    say(row["name"])
    for column in ARTIST_VALUES:
        output.say_value(column, row[column])
    for column, value in profile_values(row):
        output.say_value(column, value)
    for part, rows in lists.items():
        output.write(rows, PARTS[part], form, title=f"\n{part.replace('_', ' ')}", empty="none")


LABEL_VALUES = (
    "spellings", "track_count", "played_tracks", "play_count", "supporter_count", "artist_count",
    "first_date", "last_date", "popularity_rank", "trending_score", "genres",
)  # fmt: skip
LABEL_PARTS = {
    "tracks": (*TRACK_COLUMNS, "release_date"),
    "artists": ("name", "tracks", "dj_support"),
    "supporters": ("name", "sets"),
}


async def label_with(
    connection: asyncpg.Connection, label_id: str, limit: int
) -> tuple[Row, dict[str, list[Row]]]:
    """Return a label and the parts of its page. Raises NotFound."""
    row = await database.row(connection, "labels", "label", label_id)
    if row is None:
        raise entities.NotFound(label_id, kind="label")
    lists = {
        part: await database.rows(connection, "labels", f"{part}_of", label_id, limit) for part in LABEL_PARTS
    }
    return row, lists


def label(name: Name, limit: Limit = 20, form: Form = Format.TABLE) -> None:
    """Show a record label: its spellings, counts, most supported tracks, artists, DJs."""

    async def ask(connection: asyncpg.Connection) -> tuple[Row, dict[str, list[Row]]]:
        label_id = await entities.find(connection, "label", name)
        return await label_with(connection, label_id, limit)

    row, lists = answer(ask)
    if form is not Format.TABLE:
        output.write([{**row, **lists}], (), form)
        return
    say(row["name"])
    for column in LABEL_VALUES:
        value = row[column]
        if isinstance(value, dict):
            value = ", ".join(f"{key} ({count})" for key, count in value.items())
        output.say_value(column, value)
    for part, rows in lists.items():
        output.write(rows, LABEL_PARTS[part], form, title=f"\n{part}", empty="none")
