"""A generated world in the tables of silver and gold: tracks, artists, and sets of 25 rows over ten years.

Names are of `benchmarks.names` (Zipf's law). Plays follow releases: of the tracks of a week a few get most
plays, and seven of ten plays come within months of the release. DJs, venues and countries follow power laws;
a twelfth of the rows are unidentified.
"""

import random
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import psycopg

from benchmarks import bulk_indexes
from benchmarks.names import names, vocabulary
from songnodes import sql
from songnodes.domain.keys.wheel import ALL

SEED = 13
DAYS = 3650
ROWS_PER_SET = 25
GENRES = [f"genre {number}" for number in range(40)]
SETS_PER_STEP = 250_000
#: A bulk load; not the settings of the server that is measured.
LOADING = (
    "SET synchronous_commit = off",
    "SET work_mem = '1GB'",
    "SET maintenance_work_mem = '2GB'",
    "SET jit = off",
)
COPY_TRACKS = "COPY bench_tracks FROM STDIN"
COPY_ARTISTS = "COPY bench_artists FROM STDIN"
#: Emptied and loaded without their indexes.
LOADED = (
    *("silver_enriched_tracks", "silver_enriched_artists"),
    *("silver_enriched_playlists", "silver_playlist_tracks"),
)
COUNTED = (
    *("gold_track_counts", "gold_track_scores", "gold_track_ranks", "gold_track_matches"),
    *("gold_artist_analytics", "bronze_scraped_tracks"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Sizes of a world. `last` is the last day of a set."""

    tracks: int
    sets: int
    last: date

    @property
    def first(self) -> date:
        """Return the first day of a set."""
        return self.last - timedelta(days=DAYS - 1)

    @property
    def artists(self) -> int:
        """Return the number of artists, DJs included."""
        return max(50, self.tracks // 4)

    @property
    def djs(self) -> int:
        """Return the number of artists that play sets: 30,000 for a million tracks."""
        return max(20, self.tracks * 3 // 100)

    def parameters(self) -> dict[str, object]:
        """Return the parameters of the statements."""
        return {
            "tracks": self.tracks,
            "sets": self.sets,
            "djs": self.djs,
            "venues": max(10, self.tracks // 200),
            "first": self.first,
            "last": self.last,
            "days": DAYS,
            "rows": ROWS_PER_SET,
            "week": max(1, self.tracks * 7 // DAYS),
        }


def today() -> date:
    """Return the day (UTC)."""
    return datetime.now(UTC).date()


def identifier(text: str) -> str:
    """Return an id of the length of real ones: a slug and eight hex digits."""
    return f"{text.lower().replace(' ', '-')}-{zlib.crc32(text.encode()):08x}"


def artists(chance: random.Random, words: list[str], world: World) -> Iterator[tuple[int, str, str]]:
    """Yield number, id and name of each artist."""
    for number, (_, name) in enumerate(names(chance, words, world.artists)):
        unique = f"{name} {number}"
        yield number, identifier(unique), unique


def tracks(
    chance: random.Random, words: list[str], world: World, people: list[tuple[int, str, str]]
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of bench_tracks, in the order of their release."""
    labels = max(10, world.tracks // 50)
    for number, (name, _) in enumerate(names(chance, words, world.tracks), start=1):
        count = 1 + (chance.random() < 0.25)
        makers = [people[int(len(people) * chance.random() ** 2)] for _ in range(count)]
        released = world.first + timedelta(days=DAYS * number // (world.tracks + 1))
        key = chance.choice(ALL)
        yield (
            number,
            f"{identifier(f'{makers[0][2]} {name}')}-{number:x}",
            name,
            [artist_id for _, artist_id, _ in makers],
            [maker for _, _, maker in makers],
            released,
            GENRES[int(len(GENRES) * chance.random() ** 1.5)],
            f"Label {int(labels * chance.random() ** 2)}",
            round(min(180.0, max(70.0, chance.gauss(126, 12))), 2),
            key.number,
            key.mode,
            round(chance.random(), 3),
        )


def load(connection: psycopg.Connection, world: World) -> None:
    """Fill the tables of silver, the counts of gold, and bronze with one row per track.

    The tables are emptied; names that a load before this one made are used again. Indexes are made at the
    end; with `wal_level=minimal` the rows are not in the WAL, because the transaction that stores them has
    emptied their tables.
    """
    for setting in LOADING:
        connection.execute(setting.encode())
    connection.execute("SELECT setseed(0.5)")
    if _is_staged(connection):
        connection.execute("TRUNCATE bench_sets, bench_plays")
    else:
        _stage(connection, world)
    with emptied(connection, LOADED):
        for step in ("tracks", "artists", "sets"):
            _run(connection, world, step)
        for first in range(1, world.sets + 1, SETS_PER_STEP):
            last = min(world.sets, first + SETS_PER_STEP - 1)
            for step in ("store_sets", "plays", "rows"):
                _run(connection, world, step, from_set=first, to_set=last)
    vacuum(connection, ("bench_plays", *LOADED))
    _run(connection, world, "supports")
    with emptied(connection, COUNTED):
        for step in ("gold_tracks", "gold_artists", "bronze"):
            _run(connection, world, step)
    vacuum(connection, COUNTED)
    _run(connection, world, "ready")


@contextmanager
def emptied(connection: psycopg.Connection, tables: tuple[str, ...]) -> Iterator[None]:
    """Empty tables for a transaction that fills them, and make their indexes after it."""
    with connection.transaction():
        connection.execute(_list_of_tables("TRUNCATE {}", tables))
        dropped = bulk_indexes.drop(connection, tables)
        yield
    bulk_indexes.make(connection, dropped)


def is_loaded(connection: psycopg.Connection) -> bool:
    """Return True if a load came to its last tables."""
    return connection.execute("SELECT to_regclass('bench_supporters') IS NOT NULL").fetchone() == (True,)


def _is_staged(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT to_regclass('bench_tracks_number_idx') IS NOT NULL").fetchone() == (
        True,
    )


def _stage(connection: psycopg.Connection, world: World) -> None:
    chance = random.Random(SEED)
    words = vocabulary(chance)
    _run(connection, world, "stage")
    people = list(artists(chance, words, world))
    with connection.cursor().copy(COPY_ARTISTS) as copy:
        for row in people:
            copy.write_row(row)
    with connection.cursor().copy(COPY_TRACKS) as copy:
        for track in tracks(chance, words, world, people):
            copy.write_row(track)
    _run(connection, world, "index_stage")


def _run(connection: psycopg.Connection, world: World, step: str, **bounds: int) -> None:
    began = time.perf_counter()
    # psycopg would bind parameters on the server, which takes one statement at a time
    psycopg.ClientCursor(connection).execute(_statement(step), world.parameters() | bounds)
    print(f"{step}: {time.perf_counter() - began:.1f} s", *bounds.values(), flush=True)


def vacuum(connection: psycopg.Connection, tables: tuple[str, ...]) -> None:
    """Vacuum and analyse tables, as autovacuum does in time."""
    connection.execute(_list_of_tables("VACUUM ANALYZE {}", tables))


def _list_of_tables(statement: LiteralString, tables: tuple[str, ...]) -> psycopg.sql.Composed:
    return psycopg.sql.SQL(statement).format(
        psycopg.sql.SQL(", ").join(psycopg.sql.Identifier(name) for name in tables)
    )


def _statement(name: str) -> bytes:
    return sql.query("benchmarks", "gold", name).encode()
