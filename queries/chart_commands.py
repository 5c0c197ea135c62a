"""`songnodes climbers`: charts of tracks by what changed."""

from enum import IntEnum
from typing import Annotated

import asyncpg
import typer

from queries import database, output
from queries.commands import Form, Genre, Limit, answer, named_genre
from queries.database import Row
from queries.output import Format


class Window(IntEnum):
    """Days over which ranks are compared."""

    WEEK = 7
    MONTH = 28


def climbers(
    days: Annotated[int, typer.Option("--days", help="7 or 28: compare with the ranks so long ago.")] = 7,
    genre: Genre = None,
    limit: Limit = 20,
    form: Form = Format.TABLE,
) -> None:
    """Show the tracks that gained most places within 7 or 28 days; of a genre, places within it."""
    if days not in tuple(Window):
        raise typer.BadParameter(f"{days} is not one of 7, 28", param_hint="--days")

    async def ask(connection: asyncpg.Connection) -> list[Row]:
        named = await named_genre(connection, genre)
        return await database.rows(connection, "charts", "climbers", days, named, limit)

    columns = ("rank", "rank_before", "rise", "primary_artist", "track_name", "genre", "dj_support")
    empty = "no rank rose, or no day so long ago is recorded"
    output.write(answer(ask), (*columns, "new_supporters", "score", "since"), form, empty=empty)
