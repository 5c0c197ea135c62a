"""`songnodes search | top | trending | harmonic | next | unreleased | track`: tracks as gold has them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import asyncpg
import typer

from queries import cuts, database, entities, output
from queries.cuts import Cut
from queries.database import Row
from queries.harmony import fitting, fitting_keys, parse_key, partners, tempo_range
from queries.output import Format
from queries.search import KINDS, Kind, search
from songnodes.cli.terminal import say
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import settings

MAX_ROWS = 1000
Answer = TypeVar("Answer")

Name = Annotated[str, typer.Argument(help="An id, or a name; misspelled ones are found too.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=MAX_ROWS, help="Most rows to show.")]
Form = Annotated[Format, typer.Option("--format", "-f", help="Form of the output.")]
Genre = Annotated[str | None, typer.Option("--genre", help="Primary genre, in any case.")]

TRACK_COLUMNS = (
    "rank",
    "primary_artist",
    "track_name",
    "genre",
    "bpm",
    "camelot",
    "dj_support",
    "play_count",
)

TRACK_VALUES = (
    "track_id", "genres", "label", "release_date", "median_age_days", "isrc", "play_count",
    "playlist_appearances", "dj_support", "popularity_rank", "year_rank", "trending_score",
    "first_seen_date", "last_seen_date",
)  # fmt: skip
TRACK_PARTS = {
    "rank_history": (
        "day",
        "popularity_rank",
        "genre",
        "genre_rank",
        "score",
        "dj_support",
        "is_before_rebuild",
    ),
    "supporters": ("place", "dj_name", "first_date", "lead_days", "playlist_id"),
    "sets": ("set_date", "djs", "title", "position", "role", "playlist_id"),
}
#: Recorded days of a track that are shown.
MAX_DAYS = 84


class UnknownGenre(UserError):
    """No track has this primary genre"""


class NothingAsked(UserError):
    """A search needs a text, or a key, tempo or genre"""

    remedy = "`songnodes search strobe`, or `songnodes search --fits 8A --bpm 126 --genre techno`"


def answer(ask: Callable[[asyncpg.Connection], Awaitable[Answer]]) -> Answer:
    """Return what a function returns for a connection. Raises its errors, and those of the server."""
    current = reached(settings(), "database_url")

    async def run() -> Answer:
        async with database.connected(current) as connection:
            return await ask(connection)

    return asyncio.run(run())


def find(
    text: Annotated[
        list[str] | None, typer.Argument(help="Words of a name; the last may be incomplete.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="track, artist, set or label; repeat for more. Default: all."),
    ] = None,
    fits: Annotated[
        str | None, typer.Option("--fits", help="Tracks whose key mixes after this one: 8A, Am, A minor.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="Tracks in this key.")] = None,
    bpm: Annotated[
        float | None, typer.Option("--bpm", min=20, max=400, help="Tempo; half and double fit.")
    ] = None,
    within: Annotated[float, typer.Option("--within", min=0, max=50, help="Percent around --bpm.")] = 3.0,
    genre: Genre = None,
    limit: Limit = 20,
    form: Form = Format.TABLE,
) -> None:
    """Find tracks, artists, sets and labels by name, or tracks by key, tempo and genre."""
    name = " ".join(text or ())
    if not name and not (fits or key or bpm or genre):
        raise NothingAsked
    if not name:
        keys = fitting_keys(parse_key(fits)) if fits else [parse_key(key).camelot] if key else None
        rows = answer(lambda connection: _fitting(connection, keys, bpm, within, genre, limit))
        output.write(rows, TRACK_COLUMNS[:-1], form)
        return
    hits = answer(lambda connection: search(connection, name, kinds=_kinds(kind), limit=limit))
    if hits and hits[0].corrected and form is Format.TABLE:
        say(f"nothing has all words of {name!r}; with similar words:", error=True)
    rows = [hit.as_dict() for hit in hits]
    output.write(rows, ("kind", "name", "detail", "support", "id"), form, ids=("id",))


async def _fitting(
    connection: asyncpg.Connection,
    keys: Sequence[str] | None,
    bpm: float | None,
    within: float,
    genre: str | None,
    limit: int,
) -> list[Row]:
    tempi = tempo_range(bpm, within) if bpm else None
    return await fitting(connection, keys, tempi, await named_genre(connection, genre), limit)


def _kinds(names: Sequence[str] | None) -> tuple[Kind, ...]:
    unknown = set(names or ()) - set(KINDS)
    if unknown:
        raise typer.BadParameter(
            f"{sorted(unknown)[0]!r} is not one of {', '.join(KINDS)}", param_hint="--kind"
        )
    return tuple(kind for kind in KINDS if not names or kind in names)


async def named_genre(connection: asyncpg.Connection, genre: str | None) -> str | None:
    """Return the genre as the data write it. Raises UnknownGenre."""
    if genre is None:
        return None
    genres = [row["genre"] for row in await database.rows(connection, "tracks", "genres")]
    for written in genres:
        if written.casefold() == genre.casefold():
            return str(written)
    remedy = (
        f"Genres with the most tracks: {', '.join(genres[:12])}" if genres else "No track has a genre yet"
    )
    raise UnknownGenre(genre, remedy=remedy)


def top(
    genre: Genre = None,
    country: Annotated[str | None, typer.Option("--country", help="Country of the sets.")] = None,
    venue: Annotated[str | None, typer.Option("--venue", help="Venue of the sets.")] = None,
    set_type: Annotated[
        str | None, typer.Option("--type", help="Type of the sets: radio, podcast, festival, b2b.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the plays.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the plays.")
    ] = None,
    limit: Limit = 20,
    form: Form = Format.TABLE,
) -> None:
    """Show the most supported tracks, by distinct DJs, then sets: of all plays, or of a part of them."""
    days = [day.date() if day else None for day in (first, last)]
    cut = Cut(country=country, venue=venue, set_type=set_type, first=days[0], last=days[1])

    async def ask(connection: asyncpg.Connection) -> list[Row]:
        if cut.is_whole:
            return await ranked(connection, "top", genre, limit)
        named = await named_genre(connection, genre)
        return await cuts.top(connection, cut, named, limit)

    output.write(answer(ask), TRACK_COLUMNS, form)


def trending(genre: Genre = None, limit: Limit = 20, form: Form = Format.TABLE) -> None:
    """Show the tracks that rise, with their support in each of the last 12 weeks."""
    rows = answer(lambda connection: ranked(connection, "trending", genre, limit))
    today = datetime.now(UTC).date()
    for row in rows:
        days, weights = row.pop("support_dates"), row.pop("support_weights")
        row["weekly_support"] = output.weekly_support(days, weights, today)
    if form is Format.TABLE:
        rows = [{**row, "weekly_support": output.sparkline(row["weekly_support"])} for row in rows]
    output.write(rows, (*TRACK_COLUMNS[:-1], "trending_score", "weekly_support"), form)


async def ranked(connection: asyncpg.Connection, name: str, genre: str | None, limit: int) -> list[Row]:
    """Return the rows of `top` or `trending`, of one primary genre if one is given. Raises UnknownGenre."""
    return await ranked_of(connection, name, await named_genre(connection, genre), limit)


async def ranked_of(connection: asyncpg.Connection, name: str, genre: str | None, limit: int) -> list[Row]:
    """Return the same of a primary genre as the data write it; of all tracks for None."""
    if genre is None:
        return await database.rows(connection, "tracks", name, limit)
    return await database.rows(connection, "tracks", f"{name}_of_genre", limit, genre)


def harmonic(track: Name, genre: Genre = None, limit: Limit = 20, form: Form = Format.TABLE) -> None:
    """Show the tracks that mix with a track by key and tempo, best first."""

    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row]]:
        source = await track_row(connection, track)
        named = await named_genre(connection, genre)
        return source, await partners(connection, source["track_id"], named, limit)

    source, rows = answer(ask)
    columns = (
        "camelot",
        "move",
        "bpm",
        "bpm_difference",
        "primary_artist",
        "track_name",
        "genre",
        "dj_support",
        "score",
    )
    missing = [
        name for name, value in (("key", source["camelot"]), ("tempo", source["bpm"])) if value is None
    ]
    empty = f"{' and '.join(missing)} unknown" if missing else "no track fits"
    output.write(rows, columns, form, title=heading(source), empty=empty)


async def track_row(connection: asyncpg.Connection, text: str) -> Row:
    """Return the gold row, with values of silver, of the track with this id or name. Raises NotFound."""
    track_id = await entities.find(connection, "track", text)
    row = await database.row(connection, "tracks", "track", track_id)
    if row is None:
        raise entities.NotFound(text, kind="track")
    return row


def heading(track: Row) -> str:
    """Return artist and title of a track, with key and tempo where they are known."""
    facts = [track["camelot"], f"{track['bpm']:.1f} BPM" if track["bpm"] else None]
    values = ", ".join(fact for fact in facts if fact)
    return f"{track['primary_artist']} - {track['track_name']}" + (f" ({values})" if values else "")


def next_tracks(track: Name, genre: Genre = None, limit: Limit = 20, form: Form = Format.TABLE) -> None:
    """Show what to play after a track: what DJs played next or with it, and what fits; with the sets."""

    async def ask(connection: asyncpg.Connection) -> tuple[Row, list[Row]]:
        source = await track_row(connection, track)
        named = await named_genre(connection, genre)
        return source, await database.rows(connection, "tracks", "next", source["track_id"], named, limit)

    source, rows = answer(ask)
    for row in rows if form is Format.TABLE else ():
        row["sets"] = [*(row["followed_in"] or ()), *(row["together_in"] or ())][:2]
        row["djs"] = f"{row['followed_djs']} next, {row['together_djs']} together"
    columns = (
        "score",
        "primary_artist",
        "track_name",
        "djs",
        "camelot",
        "key_relation",
        "bpm",
        "bpm_change",
        "sets",
    )
    output.write(
        rows, columns, form, title=heading(source), empty="no DJ played on, and key or tempo unknown"
    )


def unreleased(limit: Limit = 20, form: Form = Format.TABLE) -> None:
    """Show unidentified tracks that several DJs played between the same two tracks."""
    rows = answer(lambda connection: database.rows(connection, "tracks", "unreleased", limit))
    for row in rows if form is Format.TABLE else ():
        row["between"] = f"{row['before_artist']} - {row['before_track_name']}"
        row["and"] = f"{row['after_artist']} - {row['after_track_name']}"
    columns = ("between", "and", "named_as", "dj_count", "set_count", "first_date", "last_date", "first_set")
    output.write(rows, columns, form, empty="no unidentified track was played by two DJs at the same place")


def show_track(track: Name, limit: Limit = 10, form: Form = Format.TABLE) -> None:
    """Show a track: values, support by week, ranks by day, DJs in the order of their first play, sets."""

    async def ask(connection: asyncpg.Connection) -> tuple[Row, dict[str, list[Row]]]:
        row = await track_row(connection, track)
        track_id = row["track_id"]
        lists = {
            "supporters": await database.rows(connection, "tracks", "supporters", track_id, limit),
            "sets": await database.rows(connection, "tracks", "sets_with", track_id, limit),
            "rank_history": await database.rows(connection, "charts", "rank_history", track_id, MAX_DAYS),
        }
        return {**row, **(await database.row(connection, "charts", "year", track_id) or {})}, lists

    row, lists = answer(ask)
    if form is not Format.TABLE:
        output.write([{**row, **lists}], (), form)
        return
    curve = output.weekly_support(row["support_dates"], row["support_weights"], datetime.now(UTC).date())
    say(heading(row))
    for name in TRACK_VALUES:
        output.say_value(name, row[name])
    say(f"{'weekly support':<22}{output.sparkline(curve)}  (12 weeks)")
    ranks = [day["popularity_rank"] for day in lists["rank_history"]]
    if ranks:
        first = lists["rank_history"][-1]["day"]
        curve = [-rank for rank in reversed(ranks)]
        say(f"{'rank by day':<22}{output.sparkline(curve)}  (since {first}; best {min(ranks)})")
    for name, columns in TRACK_PARTS.items():
        if lists[name]:
            output.write(lists[name][:limit], columns, form, title=f"\n{name.replace('_', ' ')}")


def of_kind(kind: Kind, text: str) -> str:
    """Return the id of the entity with this id or name. Raises as `entities.find`."""
    return answer(lambda connection: entities.find(connection, kind, text))
