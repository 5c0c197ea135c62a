"""Query API and pages over many tracks, beside Datasette over the same rows; first views in Chromium.

    python -m benchmarks.web [--tracks 100000] [--sets 20000] [--rounds 100] [--home DIRECTORY]

The world is that of `benchmarks.gold_world`, refreshed. The web is a process of its own that reads with the
analyst's role; the clients run beside it on the same processors. With --home the database stays there, and is
taken again. Prints tables.
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import quote

import psycopg

from benchmarks import gold_world
from benchmarks.gold_questions import Samples
from benchmarks.gold_world import World
from benchmarks.names import ONLY_POSTGRES, vocabulary
from benchmarks.peers import python_of
from benchmarks.summary import table
from benchmarks.web_requests import HEAD, Cost, Make, answering, first_views, measure
from infra.embedded import ports
from infra.embedded.stack import Stack
from queries import database
from sinks import database as sink_database
from sinks import migrations
from sinks.refresh.publisher import Publisher
from sinks.refresh.refresher import Refresher
from songnodes.domain.labels import label_id
from songnodes.settings import Settings
from tests.support.unpublished import Unpublished
from web.api import cursors
from web.api.cursors import Place

DATASETTE = Path(__file__).with_name("datasette.txt")
SEED = 12
VIEWS = 3  # of each page in Chromium
#: Tables of the peer, with the columns that both serve, and its indexes.
TABLES: Mapping[str, tuple[str, str]] = {
    "gold_track_analytics": (
        "track_id, track_name, primary_artist, genres[1] AS genre, bpm::float8 AS bpm, camelot, dj_support,"
        " playlist_appearances, play_count, trending_score, popularity_rank",
        "track_id",
    ),
    "silver_playlist_tracks": (
        "playlist_id, row_index, position, role, status, track_id, artist_credit, track_name, raw_text",
        "playlist_id, row_index",
    ),
}
INDEXES = (
    "CREATE INDEX ranked ON gold_track_analytics (popularity_rank)",
    "CREATE INDEX rising ON gold_track_analytics (trending_score)",
)


async def refresh(settings: Settings, world: World) -> None:
    """Compute all that refresh computes."""
    connection = await sink_database.connect(settings)
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    refresher = Refresher(connection, cast(Publisher, Unpublished()))
    await refresher.tick(world.last, pinned=True)
    await refresher.everything(world.last)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def prepare(owner_url: str, settings: Settings, world: World) -> None:
    """Load the world and refresh it, where that was not done."""
    migrations.apply(owner_url)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if connection.execute("SELECT FROM gold_track_analytics LIMIT 1").fetchone() is None:
            gold_world.load(connection, world)
        steps = connection.execute("SELECT FROM refresh_steps WHERE succeeded_at IS NOT NULL")
        is_refreshed = steps.fetchone() is not None
    if not is_refreshed:
        asyncio.run(refresh(settings.model_copy(update={"database_url": owner_url}), world))


def export(owner_url: str, file: Path) -> None:
    """Write the tables of the peer."""
    with psycopg.connect(owner_url) as source, sqlite3.connect(file) as target:
        for name, (columns, key) in TABLES.items():
            cursor = source.execute(f"SELECT {columns} FROM {name}".encode())  # noqa: S608
            names = [column.name for column in cursor.description or ()]
            target.execute(f"CREATE TABLE {name} ({', '.join(names)}, PRIMARY KEY ({key}))")
            marks = ", ".join("?" * len(names))
            target.executemany(f"INSERT INTO {name} VALUES ({marks})", cursor)  # noqa: S608
        for statement in INDEXES:
            target.execute(statement)
        target.execute("ANALYZE")


def ours(samples: Samples, words: list[str], deep: Place) -> dict[str, Make]:
    """Return the paths of the query API by kind."""
    chance = samples.chance

    def of(column: str, path: str) -> Make:
        return lambda: path.format(quote(samples.one(column), safe=""))

    cursor = cursors.encoded(deep, json.dumps(["/api/v1/top", []]))
    parts = ("", "/next", "/harmonic", "/supporters", "/transitions", "/lineage")
    return {
        "top": lambda: "/api/v1/top",
        "top, after half of all tracks": lambda: f"/api/v1/top?cursor={cursor}",
        "top of a genre": lambda: f"/api/v1/top?genre={quote(samples.genre())}",
        "trending": lambda: "/api/v1/trending",
        **{f"tracks/ID{part}": of("track_id", f"/api/v1/tracks/{{}}{part}") for part in parts},
        "sets/ID/rows": of("playlist_id", "/api/v1/sets/{}/rows"),
        "artists/ID": of("artist_id", "/api/v1/artists/{}"),
        "djs/ID": of("dj_id", "/api/v1/djs/{}"),
        "labels/ID": lambda: f"/api/v1/labels/{label_id(samples.one('label'))}",
        "search": lambda: f"/api/v1/search?q={quote(chance.choice(words))}",
        "genres": lambda: "/api/v1/genres",
        "unreleased": lambda: "/api/v1/unreleased",
        "coverage": lambda: "/api/v1/coverage",
    }


def pages(samples: Samples, words: list[str]) -> dict[str, Make]:
    """Return the paths of the pages by kind."""

    def of(column: str, path: str) -> Make:
        return lambda: path.format(quote(samples.one(column), safe=""))

    return {
        "Now": lambda: "/",
        "Search": lambda: f"/search?q={quote(samples.chance.choice(words))}",
        "Track": of("track_id", "/tracks/{}"),
        "Explorer": of("track_id", "/explorer?track={}"),
        "Set": of("playlist_id", "/sets/{}"),
        "Artist": of("artist_id", "/artists/{}"),
        "DJ": of("dj_id", "/artists/{}"),
        "Label": lambda: f"/labels/{label_id(samples.one('label'))}",
        "IDs": lambda: "/ids",
        "Wheel": lambda: "/wheel",
        "Wheel of a genre": lambda: f"/wheel?genre={quote(samples.genre())}",
        "About": lambda: "/about",
    }


def peer(samples: Samples, deep: Place) -> dict[str, Make]:
    """Return the paths of Datasette for the same rows."""
    tracks, plays = (f"/bench/{name}" for name in TABLES)
    options = "_shape=array&_nocount=1&_nofacet=1"
    return {
        "top": lambda: f"{tracks}.json?_sort=popularity_rank&_size=20&{options}",
        "top, after half of all tracks": lambda: (
            f"{tracks}.json?_sort=popularity_rank&popularity_rank__gt={deep.key[0]}&_size=20&{options}"
        ),
        "trending": lambda: f"{tracks}.json?_sort_desc=trending_score&_size=20&{options}",
        "tracks/ID": lambda: f"{tracks}/{samples.one('track_id')}.json?_shape=array",
        "sets/ID/rows": lambda: (
            f"{plays}.json?playlist_id={quote(samples.one('playlist_id'))}&_sort=row_index&_size=100&{options}"
        ),
    }


async def drawn(settings: Settings, world: World) -> tuple[Samples, Place]:
    """Return the samples of a world, and the place after half of its tracks."""
    samples = Samples(world, random.Random(SEED))
    async with database.connected(settings) as connection:
        await samples.draw(connection)
        half = await connection.fetchrow(
            "SELECT popularity_rank, track_id, dj_support, playlist_appearances FROM gold_track_analytics"
            " WHERE popularity_rank >= $1 ORDER BY popularity_rank LIMIT 1",
            world.tracks // 2,
        )
    return samples, Place(tuple(half), half[0])


def report(settings: Settings, world: World, rounds: int, directory: Path) -> None:
    """Measure and print the tables."""
    samples, deep = asyncio.run(drawn(settings, world))
    words = vocabulary(random.Random(gold_world.SEED))
    port = ports.choose(directory, ("web", "datasette"))
    url = f"http://127.0.0.1:{port['web']}"
    environment = {
        **os.environ,
        **settings.environment(),
        "SONGNODES_HOME": str(directory / "web"),
        "SONGNODES_WEB_PORT": str(port["web"]),
    }
    command = [sys.executable, "-m", "songnodes", "run", "web"]
    log = directory / "web.log"
    with answering(command, environment, f"{url}/api/v1/health", log) as process:
        run = partial(measure, url, process, rounds=rounds)
        show("query API", asyncio.run(run(kinds=ours(samples, words, deep))))
        show("page", asyncio.run(run(kinds=pages(samples, words))))
        paths = {name: make() for name, make in pages(samples, words).items()}
        views = asyncio.run(first_views(url, paths, VIEWS))
    print(table(("first view", "largest paint, ms", "longest", "kB received"), views))
    file = directory / "bench.db"
    file.unlink(missing_ok=True)
    export(settings.database_url, file)
    theirs = f"http://127.0.0.1:{port['datasette']}"
    python = str(python_of(DATASETTE))
    command = [python, "-m", "datasette", "serve", "-i", str(file), "--port", str(port["datasette"])]
    with answering(command, dict(os.environ), theirs, directory / "datasette.log") as process:
        kinds = peer(samples, deep)
        show("Datasette", asyncio.run(measure(theirs, process, kinds, rounds)))
    print("load average of 1, 5 and 15 minutes:", *os.getloadavg())


def show(name: str, costs: list[Cost]) -> None:
    """Print a table."""
    print(table((name, *HEAD[1:]), [cost.cells() for cost in costs]), flush=True)


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    world = World(tracks=arguments.tracks, sets=arguments.sets, last=gold_world.today())
    home = arguments.home or Path(tempfile.mkdtemp(prefix="songnodes-bench-"))
    stack = Stack(home, outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        settings = Settings().with_access(access)
        prepare(access.owner_url, settings, world)
        with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
            report(settings, world, arguments.rounds, Path(directory))
    finally:
        if arguments.home:
            stack.stop()
        else:
            stack.discard()


if __name__ == "__main__":
    main()
