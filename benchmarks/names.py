"""Query example 1 over many rows, with and without the trigram index on the two names.

    python -m benchmarks.names [--rows 1000000] [--rounds 7]

Names have one to four words of a vocabulary of 20,000, whose frequencies follow Zipf's law, so that patterns
match from none to thousands of rows. The server is an embedded PostgreSQL of its own. Prints a table for
RESULTS.md.
"""

import argparse
import random
import string
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.summary import Summary, table
from infra.embedded.stack import Stack
from sinks import migrations

QUERY = (Path(__file__).parents[1] / "demo" / "queries" / "1_track_history.sql").read_text()
ELSEWHERE = "127.0.0.1:1"
ONLY_POSTGRES = dict.fromkeys(("kafka_bootstrap", "redis_url", "schema_registry_url"), ELSEWHERE)
VOCABULARY_WORDS = 20_000
RECENT_ROWS = 20_000  # loaded through the index and not vacuumed before the queries
EXAMPLE_EVERY_ROWS = 50_000  # one row in as many is the track of the example
SEED = 9
#: Track and artist patterns: the example, a rare word, frequent words, a pattern without a match.
PATTERNS = (
    ("strobe", "deadmau5"),
    ("{rare}", "{frequent}"),
    ("{frequent}", "{frequent}"),
    ("zzqqx", "xqqzz"),
)
COPY = """
    COPY bronze_scraped_tracks (id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id,
        row_key, ordinal, content_hash, page_id, page_sha256, parser_version) FROM STDIN
"""


def vocabulary(chance: random.Random) -> list[str]:
    """Return distinct words of 3 to 10 letters."""
    words: set[str] = set()
    while len(words) < VOCABULARY_WORDS:
        words.add("".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 10))))
    return sorted(words)


def names(chance: random.Random, words: list[str], rows: int) -> Iterator[tuple[str, str]]:
    """Yield a track name and an artist name for each row."""
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number in range(rows):
        if number % EXAMPLE_EVERY_ROWS == 0:
            yield "Strobe (Club Edit)", "deadmau5"
            continue
        track = chance.choices(words, cum_weights=weights, k=chance.randint(1, 4))
        artist = chance.choices(words, cum_weights=weights, k=chance.randint(1, 2))
        yield " ".join(track).title(), " ".join(artist).title()


def fill(connection: psycopg.Connection, words: list[str], rows: int, first: int = 0) -> None:
    """Load this many rows, numbered from `first`."""
    chance = random.Random(SEED + first)
    with connection.cursor().copy(COPY) as copy:
        for number, (track, artist) in enumerate(names(chance, words, rows), first):
            document = Jsonb({"track_name": track, "artist_name": artist, "label": "none"})
            row = (
                f"{number:032x}",
                "test",
                "https://example.org/",
                document,
                "2026-01-01",
                "1",
                f"test:{number}",
            )
            copy.write_row((*row, str(number), number, str(number), "test:1", "0" * 64, 1))


def measure(url: str, patterns: tuple[str, str], rounds: int) -> tuple[Summary, int]:
    """Return the milliseconds of the query, result included, and the rows that it returns."""
    track, artist = patterns
    query = QUERY.replace("%strobe%", f"%{track}%").replace("%deadmau5%", f"%{artist}%").encode()
    milliseconds = []
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(rounds):
            began = time.perf_counter()
            rows = connection.execute(query).fetchall()
            milliseconds.append((time.perf_counter() - began) * 1000)
    return Summary.of(milliseconds), len(rows)


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    stack = Stack(Path(tempfile.mkdtemp(prefix="songnodes-bench-")), outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        migrations.apply(access.owner_url)
        words = vocabulary(random.Random(SEED))
        chosen = {"frequent": words[10], "rare": words[-10]}
        patterns = [(track.format(**chosen), artist.format(**chosen)) for track, artist in PATTERNS]
        with psycopg.connect(access.owner_url, autocommit=True) as connection:
            connection.execute("DROP INDEX bronze_scraped_tracks_names")
            fill(connection, words, arguments.rows)
            connection.execute("VACUUM ANALYZE bronze_scraped_tracks")
            scans = [measure(access.database_url, pair, max(1, arguments.rounds // 3)) for pair in patterns]
            began = time.perf_counter()
            migrations.apply(access.owner_url)
            built = time.perf_counter() - began
            size = connection.execute(
                "SELECT pg_relation_size(%s) / 1e6, pg_table_size('bronze_scraped_tracks') / 1e6",
                (migrations.NAME_INDEX,),
            ).fetchone()
            connection.execute("VACUUM ANALYZE bronze_scraped_tracks")
            began = time.perf_counter()
            fill(connection, words, RECENT_ROWS, arguments.rows)
            inserted = time.perf_counter() - began
        by_index = [measure(access.database_url, pair, arguments.rounds) for pair in patterns]
    finally:
        stack.discard()
    rows = [
        (f"%{track}%, %{artist}%", f"{matches:,}", f"{fast:.1f}", f"{slow:.0f}")
        for (track, artist), (fast, matches), (slow, _) in zip(patterns, by_index, scans, strict=True)
    ]
    print(table(("track, artist", "rows", "ms by index", "ms without"), rows))
    print(f"index of {size[0]:.0f} MB built in {built:.1f} s; table of {size[1]:.0f} MB" if size else "")
    print(f"{RECENT_ROWS:,} rows loaded through the index in {inserted:.1f} s")


if __name__ == "__main__":
    main()
