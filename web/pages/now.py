"""The first page: what rises, what was revealed, what is new."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from queries import database
from queries.commands import ranked_of
from queries.database import Row
from queries.output import weekly_support
from web.database import Database
from web.genres import genres
from web.rendering import page

router = APIRouter(include_in_schema=False)

TRENDING = 20
CLIMBERS = 8
#: Tracks with the highest trending score among which those with growing support are.
CANDIDATES = 100
REVEALS = 8
#: The newest sets in which reveals are searched.
REVEAL_SETS = 300
SETS = 10
#: The newest sets among which those of a genre are sought first.
GENRE_SETS = 2000
WEEKS_SHOWN = 12
WEEKS = 4  # that support is compared over
CLIMBER_DAYS = 28
MAX_NAME = 200  # characters of a genre or country


@router.get("/")
async def now(request: Request, genre: str = "", country: str = "") -> Response:
    """Show the tracks that rise, by genre and country; reveals; the newest sets."""
    genre, country = genre[:MAX_NAME], country[:MAX_NAME]
    pool: Database = request.app.state.database
    async with pool.connection() as connection:
        state = await database.row(connection, "api", "refreshed") or {"refreshed_at": None, "as_of": None}
        refreshed, day = state["refreshed_at"], state["as_of"] or datetime.now(UTC).date()
        version = (refreshed, day) if refreshed else None
        names = await genres(pool, connection, refreshed)
        countries = await pool.kept.get("countries", version, partial(_countries, connection, day))
        chosen = genre if genre in names else None
        place = country if country in countries else None
        read = partial(_parts, connection, day, chosen, place)
        context = await pool.kept.get(("now", chosen, place), version, read)
    return page(
        request,
        "now.html",
        as_of=day,
        genres=names,
        genre=chosen,
        unknown_genre=genre if genre and not chosen else None,
        countries=countries,
        country=place,
        **context,
    )


async def _countries(connection: asyncpg.Connection, day: date) -> list[str]:
    rows = await database.rows(connection, "pages", "countries", day - timedelta(weeks=WEEKS_SHOWN), day)
    return [row["country"] for row in rows]


async def _parts(
    connection: asyncpg.Connection, day: date, genre: str | None, country: str | None
) -> dict[str, Any]:
    first_day = day - timedelta(weeks=WEEKS_SHOWN)
    rising = await _trending(connection, genre, day)
    ranked = await database.rows(connection, "charts", "climbers", CLIMBER_DAYS, genre, CLIMBERS)
    return {
        "local": await _supported(connection, country, first_day, day, genre) if country else [],
        "trending": rising[:TRENDING],
        "climbers": [row for row in ranked if row["rise"]],
        "growing": growing(rising)[:CLIMBERS],
        "reveals": await database.rows(connection, "pages", "reveals", day, REVEAL_SETS, REVEALS),
        "sets": await _newest_sets(connection, day, genre, country),
    }


async def _newest_sets(
    connection: asyncpg.Connection, day: date, genre: str | None, country: str | None
) -> list[Row]:
    if genre is None:
        return await database.rows(connection, "pages", "newest_sets", day, SETS, country)
    arguments = (day, SETS, genre, country, GENRE_SETS)
    return await database.rows(connection, "pages", "newest_sets_of_genre", *arguments)


async def _supported(
    connection: asyncpg.Connection, country: str, first: date, last: date, genre: str | None
) -> list[Row]:
    """Return the tracks of most DJs in a country."""
    cut = (country, None, None, first, last, genre, TRENDING)
    return await database.rows(connection, "charts", "top_of_cut", *cut)


async def _trending(connection: asyncpg.Connection, genre: str | None, day: date) -> list[Row]:
    rows = await ranked_of(connection, "trending", genre, CANDIDATES)
    for row in rows:
        row["weekly_support"] = weekly_support(row["support_dates"], row["support_weights"], day)
    return rows


def growing(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with more support in the last 4 weeks than in the 4 before, the largest rise first."""
    compared = [
        {**row, "rise": sum(row["weekly_support"][-WEEKS:]) - sum(row["weekly_support"][-2 * WEEKS : -WEEKS])}
        for row in rows
    ]
    return sorted((row for row in compared if row["rise"] > 0), key=lambda row: (-row["rise"], row["rank"]))
