"""Gold over many tracks: disk, a rebuild and a refresh, and milliseconds of queries, views and commands.

    python -m benchmarks.gold [--tracks 100000] [--sets 100000] [--rounds 20] [--no-refresh]
        [--home DIRECTORY [--load-only]] [--groups GROUP ...]

The world is that of `benchmarks.gold_world`: sets of 25 rows. Without the refresh only the tables that the
sink writes are filled. With --home the data are kept there and used again; with --load-only the world is
loaded into it by a server without WAL and without fsync, and nothing is measured. --groups measures only
questions of groups whose names begin so. The server is an embedded PostgreSQL of its own. Prints tables.
"""

import argparse
import asyncio
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psycopg

from benchmarks import gold_questions, gold_refresh, gold_world
from benchmarks.gold_questions import Questions, Samples
from benchmarks.gold_world import World
from benchmarks.names import ONLY_POSTGRES, vocabulary
from benchmarks.server_time import HEAD, timed
from benchmarks.summary import table
from infra.embedded import postgres
from infra.embedded.stack import Stack
from queries import database
from sinks import migrations
from songnodes.settings import Settings

SEED = 12
#: Settings of the server of --load-only. What it writes is safe once it has stopped.
LOADING = {
    **{"wal_level": "minimal", "max_wal_senders": "0", "fsync": "off", "full_page_writes": "off"},
    **{"max_wal_size": "8GB", "shared_buffers": "1GB", "autovacuum": "off"},
}
SIZES = """
    SELECT relname, pg_table_size(oid)::double precision / 1e6,
           pg_indexes_size(oid)::double precision / 1e6
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'bench_%'
    ORDER BY pg_total_relation_size(oid) DESC LIMIT 24
"""


async def measure(
    settings: Settings, world: World, rounds: int, chosen: tuple[str, ...] = ("",)
) -> dict[str, list[tuple[str, ...]]]:
    """Return by group a row per question: its name and its times."""
    words = vocabulary(random.Random(gold_world.SEED))
    groups: dict[str, Callable[[Samples], Questions]] = {
        "printed query": gold_questions.printed,
        "view": gold_questions.views,
        "search": lambda samples: gold_questions.searches(samples, words),
        "command": gold_questions.commands,
        "ranking of a part": gold_questions.cut_questions,
    }
    answers: dict[str, list[tuple[str, ...]]] = {}
    async with database.connected(settings) as connection:
        for group, questions in groups.items():
            if not group.startswith(chosen):
                continue
            samples = Samples(world, random.Random(SEED))
            await samples.draw(connection)
            answers[group] = []
            for name, make in questions(samples).items():
                try:
                    cells = (await timed(connection, make, rounds)).cells()
                except (TimeoutError, asyncpg.QueryCanceledError):
                    cells = ("over 10 s", "", "", "")
                answers[group].append((name, *cells))
                print(answers[group][-1], flush=True)
    return answers


def sizes(connection: psycopg.Connection, world: World) -> list[tuple[str, ...]]:
    """Return a row per table: megabytes of it and its indexes, and of both per million rows of sets."""
    millions = world.sets * gold_world.ROWS_PER_SET / 1e6
    return [
        (name, f"{own:,.0f}", f"{indexes:,.0f}", f"{(own + indexes) / millions:,.1f}")
        for name, own, indexes in connection.execute(SIZES).fetchall()
    ]


def report(
    owner_url: str,
    settings: Settings,
    world: World,
    *,
    rounds: int,
    refresh: bool,
    groups: tuple[str, ...],
) -> None:
    """Measure a loaded world and print the tables."""
    if refresh:
        costs, (own, server) = gold_refresh.run(
            settings.model_copy(update={"database_url": owner_url}), world.last
        )
        print(table(gold_refresh.HEAD, [cost.cells() for cost in costs]))
        print(f"peak of memory: refresh {own:.0f} MB, its server process {server:.0f} MB with shared buffers")
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        shown = sizes(connection, world)
    print(table(("table", "MB", "MB of indexes", "MB per million appearances"), shown))
    for group, rows in asyncio.run(measure(settings, world, rounds, groups)).items():
        print(table((group, *HEAD), rows))
    print("load average of 1, 5 and 15 minutes:", *os.getloadavg())


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-refresh", action="store_true")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--load-only", action="store_true")
    parser.add_argument("--groups", nargs="*", default=[""])
    arguments = parser.parse_args()
    if arguments.load_only:
        postgres.SETTINGS.update(LOADING)
    world = World(tracks=arguments.tracks, sets=arguments.sets, last=gold_world.today())
    home: Path | None = arguments.home
    stack = Stack(home or Path(tempfile.mkdtemp(prefix="songnodes-bench-")), outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        migrations.apply(access.owner_url)
        with psycopg.connect(access.owner_url, autocommit=True) as connection:
            if not gold_world.is_loaded(connection):
                gold_world.load(connection, world)
        if arguments.load_only:
            return
        settings = Settings().with_access(access)
        report(
            access.owner_url,
            settings,
            world,
            rounds=arguments.rounds,
            refresh=not arguments.no_refresh,
            groups=tuple(arguments.groups),
        )
    finally:
        if home is None:
            stack.discard()
        else:
            stack.stop()


if __name__ == "__main__":
    main()
