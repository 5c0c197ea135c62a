"""Values of drawings, read from gold."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from statistics import median_low

import asyncpg

from queries import database
from queries.database import Row
from queries.set_commands import cue
from songnodes.domain.harmonic import fold_tempo
from web.drawings.curve import Moment
from web.drawings.graph import Neighbour
from web.drawings.heat_map import Shares
from web.drawings.matrix import Moves

DAYS_PER_WEEK = 7
MAX_WEEKS = 104
#: Partners read for a graph; those that are not drawn are in the table.
MAX_PARTNERS = 60


#: Rows, or the first one, of a statement in `web/sql`.
rows = partial(database.rows, package="web")
row = partial(database.row, package="web")


async def key_counts(
    connection: asyncpg.Connection, *, genre: str | None = None, dj_id: str | None = None
) -> dict[str, int]:
    """Return the number of tracks by Camelot code: of a DJ, of a primary genre, or all."""
    counts = (
        await rows(connection, "drawings", "keys", genre)
        if dj_id is None
        else await rows(connection, "drawings", "keys_of_dj", dj_id)
    )
    return {count["camelot"]: count["tracks"] for count in counts}


async def key_moves(
    connection: asyncpg.Connection, *, genre: str | None = None, dj_id: str | None = None
) -> Moves:
    """Return the number of moves by Camelot codes: of a DJ, from tracks of a primary genre, or all."""
    moves = (
        await rows(connection, "drawings", "moves", genre)
        if dj_id is None
        else await rows(connection, "drawings", "moves_of_dj", dj_id)
    )
    return {(move["current"], move["following"]): move["times"] for move in moves}


def coverage_shares(coverage: Sequence[Row]) -> tuple[list[str], list[str], Shares]:
    """Return the fields (the best covered first), the providers, and the share of tracks of each pair."""
    fields = list(dict.fromkeys(row["field"] for row in coverage))
    providers = sorted({row["provider"] for row in coverage if row["provider"] is not None})
    return fields, providers, {(row["field"], row["provider"]): float(row["share"] or 0) for row in coverage}


def moments(set_rows: Sequence[Row], places: Sequence[float] | None) -> list[Moment]:
    """Return the moments of a set: the values of the main row of each group, tempo in one octave.

    `places` as gold has them, one per moment; if they are absent or of another version, spread evenly.
    """
    groups = [list(group) for _, group in groupby(set_rows, key=lambda row: row["group_index"])]
    mains = [next((row for row in group if row["role"] == "main"), group[0]) for group in groups]
    if places is None or len(places) != len(mains):
        places = [index / max(1, len(mains) - 1) for index in range(len(mains))]
    tempi = [float(main["bpm"]) for main in mains if main["bpm"]]
    reference = median_low(tempi) if tempi else 0.0
    return [
        Moment(
            place=place,
            name=shown_name(main),
            energy=main["energy"],
            bpm=fold_tempo(float(main["bpm"]), reference) if main["bpm"] else None,
            key=main["camelot"],
            time=cue(main["cue_seconds"]),
            ends_part=following is not None and following["part"] != main["part"],
        )
        for place, main, following in zip(places, mains, [*mains[1:], None], strict=False)
    ]


def shown_name(row: Row) -> str:
    """Return a row of a set as "Artist - Title", or its raw line."""
    if row["track_id"] is None or not row["track_name"]:
        return str(row["raw_text"] or "ID")
    return f"{row['artist_credit']} - {row['track_name']}"


async def neighbours(connection: asyncpg.Connection, artist_id: str) -> list[Neighbour]:
    """Return the artists with tracks in common with an artist."""
    partners = await database.rows(connection, "artists", "partners", artist_id, MAX_PARTNERS)
    return [
        Neighbour(
            artist_id=partner["artist_id"],
            name=partner["name"] or partner["artist_id"],
            tracks=partner["collaboration_count"],
            sets=partner["shared_playlists"] or 0,
            overlap=partner["genre_overlap"],
        )
        for partner in partners
        if partner["artist_id"] is not None
    ]


async def pairs_among(
    connection: asyncpg.Connection, artists: Sequence[Neighbour]
) -> dict[tuple[str, str], int]:
    """Return the tracks in common of these artists among each other."""
    ids = [artist.artist_id for artist in artists]
    pairs = await rows(connection, "drawings", "pairs_among", ids)
    return {(pair["artist_1_id"], pair["artist_2_id"]): pair["collaboration_count"] for pair in pairs}


def support_by_week(
    days: Sequence[date] | None, weights: Sequence[float] | None
) -> list[tuple[date, float | None]]:
    """Return the support by week (its Monday), weeks without support included, the last 104 at most."""
    if not days or not weights:
        return []
    sums: dict[date, float] = {}
    for day, weight in zip(days, weights, strict=False):
        monday = day - timedelta(days=day.weekday())
        sums[monday] = sums.get(monday, 0.0) + weight
    last = max(sums)
    count = min(MAX_WEEKS, (last - min(sums)).days // DAYS_PER_WEEK + 1)
    weeks = [last - timedelta(weeks=count - 1 - index) for index in range(count)]
    return [(week, sums.get(week, 0.0)) for week in weeks]
