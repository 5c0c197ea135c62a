"""Questions of the command line over many tracks: milliseconds of each, and what the search index costs.

    python -m benchmarks.queries [--tracks 1000000] [--rounds 40]

Names are of `benchmarks.names` (Zipf's law); support follows a power law, keys, tempi and 40 genres are drawn
at random. Each round has another name, track, key or genre. The server is an embedded PostgreSQL of its own.
Prints tables for RESULTS.md.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import psycopg

from benchmarks.names import ONLY_POSTGRES, names, vocabulary
from benchmarks.summary import table
from infra.embedded.stack import Stack
from queries import database, entities
from queries.harmony import fitting_keys, partners
from queries.search import search
from sinks import migrations
from sinks.database import connect
from sinks.refresh import search as index
from songnodes.domain.keys.wheel import ALL
from songnodes.settings import Settings

SEED = 12
GENRES = [f"genre {number}" for number in range(40)]
CHUNK = 1000
COPY = """
    COPY gold_track_analytics (track_id, track_name, base_title, version_artists, primary_artist, all_artists,
        bpm, key, key_mode, energy, genres, play_count, component_plays, self_plays, playlist_appearances,
        dj_support, support_dates, support_weights, last_observed_at, version, pipeline_version, event_id,
        trending_score, popularity_rank)
    FROM STDIN
"""
RANK = """
    UPDATE gold_track_analytics AS held SET genre_rank = place
    FROM (SELECT track_id, row_number() OVER (PARTITION BY genres[1] ORDER BY popularity_rank) AS place
          FROM gold_track_analytics) AS ranked
    WHERE ranked.track_id = held.track_id
"""
Question = Callable[[asyncpg.Connection], Awaitable[object]]


def fill(connection: psycopg.Connection, words: list[str], tracks: int) -> None:
    """Load this many tracks with their ranks."""
    chance = random.Random(SEED)
    with connection.cursor().copy(COPY) as copy:
        for rank, (track, artist) in enumerate(names(chance, words, tracks), start=1):
            support = max(1, round(tracks**0.5 / rank**0.6))
            key = chance.choice(ALL)
            names_of: tuple[object, ...] = (f"track-{rank}", track, track, [], artist, [artist])
            values = (round(chance.gauss(126, 12), 2), key.number, key.mode, chance.random())
            counts: tuple[object, ...] = ([chance.choice(GENRES)], support, 0, 0, support, support, [], [])
            trending = chance.random() ** 9
            record = ("2026-01-01", 1, "1", f"{rank:032x}", trending, rank)
            copy.write_row((*names_of, *values, *counts, *record))
    connection.execute(RANK)
    connection.execute("VACUUM ANALYZE gold_track_analytics")


async def build(settings: Settings, tracks: int) -> float:
    """Index all names as refresh does; return the microseconds per track."""
    connection = await connect(settings)
    began = time.perf_counter()
    for first in range(1, tracks + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, tracks + 1))
        async with connection.transaction():
            await index.renew(connection, "track", [f"track-{number}" for number in numbers])
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds / tracks * 1e6


def questions(chance: random.Random, words: list[str], tracks: int) -> dict[str, Callable[[], Question]]:
    """Return by name functions that make the question of a round."""

    def of_name(make: Callable[[], str]) -> Callable[[], Question]:
        def question() -> Question:
            text = make()
            return lambda connection: search(connection, text)

        return question

    def of_rows(name: str, make: Callable[[], tuple[object, ...]]) -> Callable[[], Question]:
        def question() -> Question:
            arguments = make()
            return lambda connection: database.rows(connection, "tracks", name, *arguments)

        return question

    def fitting() -> tuple[object, ...]:
        bpm = chance.uniform(118, 134)
        return fitting_keys(chance.choice(ALL)), bpm * 0.97, bpm * 1.03, chance.choice(GENRES), 20

    def track() -> str:
        return f"track-{chance.randint(1, tracks)}"

    return {
        "search, one of the 20 most frequent words": of_name(lambda: chance.choice(words[:20])),
        "search, a word of any frequency": of_name(lambda: chance.choice(words)),
        "search, two words": of_name(lambda: f"{chance.choice(words[:200])} {chance.choice(words[:2000])}"),
        "search, the beginning of a word": of_name(lambda: chance.choice(words)[:3]),
        "search, a misspelled word": of_name(lambda: misspelled(chance, chance.choice(words))),
        "top of a genre": of_rows("top_of_genre", lambda: (20, chance.choice(GENRES))),
        "trending of a genre": of_rows("trending_of_genre", lambda: (20, chance.choice(GENRES))),
        "key, tempo and genre": of_rows("fitting", fitting),
        "key only": of_rows("fitting", lambda: (fitting_keys(chance.choice(ALL)), None, None, None, 20)),
        "genres": of_rows("genres", tuple),
        "harmonic matches of a track": lambda: (lambda wanted: lambda c: partners(c, wanted))(track()),
        "track by id": lambda: (lambda wanted: lambda c: entities.find(c, "track", wanted))(track()),
    }


def misspelled(chance: random.Random, word: str) -> str:
    """Return the word with one letter replaced."""
    place = chance.randrange(len(word))
    return word[:place] + chance.choice("aeiou") + word[place + 1 :]


async def measure(settings: Settings, words: list[str], tracks: int, rounds: int) -> list[tuple[str, ...]]:
    """Return a row per question: its name, and milliseconds: median, 95th percentile, most."""
    rows = []
    async with database.connected(settings) as connection:
        for name, make in questions(random.Random(SEED), words, tracks).items():
            milliseconds = []
            for _ in range(rounds + 1):
                question = make()
                began = time.perf_counter()
                await question(connection)
                milliseconds.append((time.perf_counter() - began) * 1000)
            ordered = sorted(milliseconds[1:])  # the first loads the caches
            shown = ordered[rounds // 2], ordered[int(rounds * 0.95)], ordered[-1]
            rows.append((name, *(f"{value:.1f}" for value in shown)))
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    stack = Stack(Path(tempfile.mkdtemp(prefix="songnodes-bench-")), outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        migrations.apply(access.owner_url)
        words = vocabulary(random.Random(SEED))
        settings = Settings().with_access(access)
        with psycopg.connect(access.owner_url, autocommit=True) as connection:
            fill(connection, words, arguments.tracks)
            per_track = asyncio.run(build(settings, arguments.tracks))
            connection.execute("VACUUM ANALYZE gold_search")
            connection.execute("VACUUM ANALYZE gold_search_words")
            sizes = connection.execute(
                "SELECT pg_total_relation_size('gold_search') / 1e6, "
                "pg_total_relation_size('gold_search_words') / 1e6"
            ).fetchone()
        rows = asyncio.run(measure(settings, words, arguments.tracks, arguments.rounds))
    finally:
        stack.discard()
    print(table(("question", "ms, median", "95th percentile", "most"), rows))
    print(
        f"search index: {per_track:.0f} us per new track",
        "of {:.0f} MB and words of {:.0f} MB".format(*sizes or ()),
    )


if __name__ == "__main__":
    main()
