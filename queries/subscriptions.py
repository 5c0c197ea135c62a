"""Subscriptions of lists to tracks, artists, labels and DJs: the only table that these commands write."""

import re
from enum import StrEnum

import asyncpg

from queries import database, entities
from queries.database import Row
from songnodes.errors import UserError

DEFAULT_LIST = "default"
LIST_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class InvalidListName(UserError):
    """A name of a list has 1 to 64 lower-case letters, digits, _ and -, and begins with a letter or digit"""


class NotWritable(UserError):
    """This login may not change what a list follows"""

    remedy = "Use the writer's address: `songnodes env --writer`"


class Kind(StrEnum):
    """Kind of what is followed; an artist as producer, a DJ for the sets."""

    TRACK = "track"
    ARTIST = "artist"
    LABEL = "label"
    DJ = "dj"


def list_name(text: str) -> str:
    """Return the name of a list. Raises InvalidListName."""
    if not LIST_NAME.fullmatch(text):
        raise InvalidListName(text)
    return text


async def target(connection: asyncpg.Connection, kind: Kind, text: str) -> tuple[str, str]:
    """Return id and name of what a name means. Raises NotFound and Ambiguous."""
    if kind is Kind.LABEL:
        label_id = await entities.find(connection, "label", text)
        label = await database.row(connection, "labels", "label", label_id)
        return label_id, str(label["name"]) if label else label_id
    if kind is Kind.TRACK:
        track_id = await entities.find(connection, "track", text)
        track = await database.row(connection, "tracks", "track", track_id)
        return track_id, f"{track['primary_artist']} - {track['track_name']}" if track else track_id
    artist_id = await entities.find(connection, "artist", text)
    artist = await database.row(connection, "artists", "artist", artist_id)
    return artist_id, str(artist["name"]) if artist else artist_id


async def follow(connection: asyncpg.Connection, listed: str, kind: Kind, text: str) -> tuple[str, bool]:
    """Add what a name means to a list. Return its name, and False if the list followed it already."""
    target_id, name = await target(connection, kind, text)
    row = await _write(connection, "follow", list_name(listed), kind, target_id, name)
    return name, row is not None


async def unfollow(connection: asyncpg.Connection, listed: str, kind: Kind, text: str) -> bool:
    """Remove an id or what a name means from a list. Return False if the list did not follow it."""
    stored = await following(connection, list_name(listed))
    for row in stored:  # a name may have changed, or have gone, since
        if row["kind"] == kind and text.casefold() in (row["target_id"].casefold(), row["name"].casefold()):
            return await _write(connection, "unfollow", listed, kind, row["target_id"]) is not None
    target_id, _ = await target(connection, kind, text)
    return await _write(connection, "unfollow", listed, kind, target_id) is not None


async def following(connection: asyncpg.Connection, listed: str | None = None) -> list[Row]:
    """Return what a list follows; of all lists for None."""
    return await database.rows(connection, "feeds", "following", listed)


async def _write(connection: asyncpg.Connection, statement: str, *arguments: str) -> Row | None:
    try:
        async with connection.transaction():
            await connection.execute("SET TRANSACTION READ WRITE")
            return await database.row(connection, "feeds", statement, *arguments)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError) as error:
        raise NotWritable(str(error)) from error
