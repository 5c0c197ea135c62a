"""Query API and pages over many tracks, beside Datasette over the same rows; first views in Chromium.

    python -m benchmarks.web [--tracks 100000] [--sets 20000] [--rounds 100]
        [--home DIRECTORY | --database URL] [--parts api pages views peer]

The world is that of `benchmarks.gold_world`, refreshed. The web is a process of its own that reads with the
analyst's role; the clients run beside it on the same processors. With --home the database stays there, and is
taken again; with --database one that runs is read. Ours and Datasette are asked in turn. Prints tables.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import cast
from urllib.parse import quote

import psycopg

from benchmarks import gold_world, web_peer
from benchmarks.gold_questions import Samples
from benchmarks.gold_world import World
from benchmarks.names import ONLY_POSTGRES, vocabulary
from benchmarks.summary import table
from benchmarks.web_requests import HEAD, Cost, Make, Server, answering, first_views, measure
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

SEED = 12
VIEWS = 3  # of each page in Chromium
PARTS = ("api", "pages", "views", "peer")


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


def report(settings: Settings, world: World, rounds: int, directory: Path, parts: Container[str]) -> None:
    """Measure and print the tables."""
    samples, deep = asyncio.run(drawn(settings, world))
    words = vocabulary(random.Random(gold_world.SEED))
    port = ports.choose(directory, ("web",))["web"]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        **settings.environment(),
        "SONGNODES_HOME": str(directory / "web"),
        "SONGNODES_WEB_PORT": str(port),
    }
    command = [sys.executable, "-m", "songnodes", "run", "web"]
    with answering(command, environment, f"{url}/api/v1/health", directory / "web.log") as process:
        if "api" in parts:
            show("query API", asyncio.run(measure(url, process, ours(samples, words, deep), rounds)))
        if "pages" in parts:
            show("page", asyncio.run(measure(url, process, pages(samples, words), rounds)))
        if "views" in parts:
            paths = {name: make() for name, make in pages(samples, words).items()}
            views = asyncio.run(first_views(url, paths, VIEWS))
            print(table(("first view", "largest paint, ms", "longest", "kB received"), views))
        if "peer" in parts:
            own = (Server(url, process), ours(samples, words, deep))
            costs = web_peer.beside(own, samples, deep, settings.database_url, directory, rounds)
            head = ("server", *HEAD)
            print(table(head, [(name, *cost.cells()) for name, cost in costs]), flush=True)
    print("load average of 1, 5 and 15 minutes:", *os.getloadavg())


def show(name: str, costs: list[Cost]) -> None:
    """Print a table."""
    print(table((name, *HEAD[1:]), [cost.cells() for cost in costs]), flush=True)


def main() -> None:
    """Measure on a PostgreSQL of its own, or on a database that has the world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--database", help="address of a database with this world, which is only read")
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS)
    arguments = parser.parse_args()
    world = World(tracks=arguments.tracks, sets=arguments.sets, last=gold_world.today())
    if arguments.database:
        addresses = dict.fromkeys(("database_url", "database_analyst_url"), arguments.database)
        with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
            settings = Settings().model_copy(update=addresses)
            report(settings, world, arguments.rounds, Path(directory), arguments.parts)
        return
    home = arguments.home or Path(tempfile.mkdtemp(prefix="songnodes-bench-"))
    stack = Stack(home, outside=ONLY_POSTGRES)
    try:
        access = stack.start(on_progress=print)
        settings = Settings().with_access(access)
        prepare(access.owner_url, settings, world)
        with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
            report(settings, world, arguments.rounds, Path(directory), arguments.parts)
    finally:
        if arguments.home:
            stack.stop()
        else:
            stack.discard()


if __name__ == "__main__":
    main()
