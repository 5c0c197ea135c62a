"""Tables of refresh for the world of `benchmarks.gold_world`, made in bulk from its numbers.

    python -m benchmarks.gold_refreshed URL [--tracks 100000] [--sets 100000] [--transitions 100000]
        [--after TABLE]

URL is that of the owner of a loaded world. Supporters, counts of parts, transitions, artist network, labels
of tracks and the search index are to have the rows that refresh would make: so questions are measured without
a full rebuild. Only the steps of the network, of the artists of tracks and of labels have been run, and no
rows were compared with those of refresh. Profiles, labels and analytics of sets are left to refresh.
--transitions is the number of sets with transitions; --after continues behind a table.
"""

import argparse
import time
from typing import LiteralString

import psycopg

from benchmarks import bulk_indexes, gold_world
from benchmarks.gold_world import LOADING, World, emptied, vacuum
from songnodes import sql
from songnodes.domain import search_terms

#: Tables, with the statements that fill them.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("track_supports", ("track_supports",)),
    ("gold_track_support", ("gold_track_support",)),
    ("cut_djs", ("cut_djs",)),
    ("cut_track_plays", ("cut_track_plays",)),
    ("network_track_artists", ("network_track_artists",)),
    ("gold_artist_collaboration_network", ("network",)),
    ("track_labels", ("track_labels",)),
    ("gold_search", ("search",)),
)
YEAR, MONTH = "year::text", "year || '-' || lpad(month::text, 2, '0')"
#: Kinds of parts whose counts are made: kind, value and period.
CUTS: tuple[tuple[str, LiteralString, LiteralString], ...] = (
    ("all", "''", YEAR),
    ("all", "''", MONTH),
    ("country", "country", "''"),
    ("country", "country", YEAR),
    ("venue", "venue", "''"),
    ("type", "kind", "''"),
    ("type", "kind", MONTH),
    ("country type", "kind || '|' || country", "''"),
)


def fill(connection: psycopg.Connection, world: World, transitions: int, after: str = "") -> None:
    """Fill the tables of refresh; with `after` those behind this one."""
    for setting in LOADING:
        connection.execute(setting.encode())
    tables = [table for table, _ in STEPS]
    done = tables[: tables.index(after) + 1] if after in tables else []
    if not done:
        connection.execute("DROP TABLE IF EXISTS bench_first_plays")
        _run(connection, world, "first_plays")
    for table, statements in STEPS:
        if table not in done:
            with emptied(connection, (table,)):
                for statement in statements:
                    _run(connection, world, statement)
            vacuum(connection, (table,))
    _words(connection)
    _cuts(connection, world)
    for table, statement in (
        ("gold_transition_sets", "transition_sets"),
        ("gold_transition_pairs", "transition_pairs"),
    ):
        with emptied(connection, (table,)):
            _run(connection, world, statement, from_set=1, to_set=transitions)
        vacuum(connection, (table,))


def _cuts(connection: psycopg.Connection, world: World) -> None:
    connection.execute("DROP TABLE IF EXISTS bench_cut_plays")
    _run(connection, world, "cut_plays")
    statement = sql.query("benchmarks", "gold_refreshed", "gold_cut_counts")
    with emptied(connection, ("gold_cut_counts",)):
        for kind, value, period in CUTS:
            began = time.perf_counter()
            text = statement.replace("{value}", value).replace("{period}", period)
            psycopg.ClientCursor(connection).execute(text.encode(), {"kind": kind})
            print(f"{kind} {period}: {time.perf_counter() - began:.1f} s", flush=True)
    vacuum(connection, ("gold_cut_counts",))


def _words(connection: psycopg.Connection) -> None:
    """Store the words of the search index with their deletions, as refresh does."""
    rows = connection.execute("SELECT word FROM ts_stat('SELECT words FROM gold_search')").fetchall()
    with connection.transaction():
        connection.execute("TRUNCATE gold_search_words")
        dropped = bulk_indexes.drop(connection, ("gold_search_words",))
        with connection.cursor().copy("COPY gold_search_words FROM STDIN") as copy:
            for (word,) in rows:
                if word == word.lower():
                    copy.write_row((word, search_terms.deletions(word)))
        bulk_indexes.make(connection, dropped)
    vacuum(connection, ("gold_search_words",))


def _run(connection: psycopg.Connection, world: World, name: str, **bounds: int) -> None:
    began = time.perf_counter()
    text = sql.query("benchmarks", "gold_refreshed", name)
    psycopg.ClientCursor(connection).execute(text.encode(), world.parameters() | bounds)
    print(f"{name}: {time.perf_counter() - began:.1f} s", flush=True)


def main() -> None:
    """Fill the tables of a loaded world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--transitions", type=int, default=100_000)
    parser.add_argument("--after", default="")
    arguments = parser.parse_args()
    world = World(tracks=arguments.tracks, sets=arguments.sets, last=gold_world.today())
    with psycopg.connect(arguments.url, autocommit=True) as connection:
        fill(connection, world, arguments.transitions, arguments.after)


if __name__ == "__main__":
    main()
