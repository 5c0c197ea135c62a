"""Datasette over the rows that the query API shows, asked in turn with it."""

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from benchmarks.gold_questions import Samples
from benchmarks.peers import python_of
from benchmarks.web_requests import Cost, Make, Server, answering, side_by_side
from infra.embedded import ports
from web.api.cursors import Place

DATASETTE = Path(__file__).with_name("datasette.txt")
OURS, PEER = "ours", "Datasette"
MAX_ROWS = 1_000_000  # of a table of the peer
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


def export(database_url: str, file: Path, sets: list[str]) -> None:
    """Write the tables of the peer: all tracks, and of plays those of these sets and a million others."""
    conditions = {"silver_playlist_tracks": ("playlist_id = ANY (%(sets)s)", "playlist_id <> ALL (%(sets)s)")}
    with psycopg.connect(database_url) as source, sqlite3.connect(file) as target:
        for name, (columns, key) in TABLES.items():
            for number, condition in enumerate(conditions.get(name, ("true",))):
                statement = f"SELECT {columns} FROM {name} WHERE {condition} LIMIT {MAX_ROWS}"  # noqa: S608
                cursor = source.execute(statement.encode(), {"sets": sets})
                names = [column.name for column in cursor.description or ()]
                if not number:
                    target.execute(f"CREATE TABLE {name} ({', '.join(names)}, PRIMARY KEY ({key}))")
                marks = ", ".join("?" * len(names))
                target.executemany(f"INSERT INTO {name} VALUES ({marks})", cursor)  # noqa: S608
        for statement in INDEXES:
            target.execute(statement)
        target.execute("ANALYZE")


def kinds(samples: Samples, deep: Place) -> dict[str, Make]:
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


def beside(
    own: tuple[Server, Mapping[str, Make]],
    samples: Samples,
    deep: Place,
    database_url: str,
    directory: Path,
    rounds: int,
) -> list[tuple[str, Cost]]:
    """Return the costs of the kinds of requests that both have, with the server."""
    file = directory / "bench.db"
    export(database_url, file, sorted({row["playlist_id"] for row in samples.rows}))
    port = ports.choose(directory, ("datasette",))["datasette"]
    url = f"http://127.0.0.1:{port}"
    command = [str(python_of(DATASETTE)), "-m", "datasette", "serve", "-i", str(file), "--port", str(port)]
    with answering(command, dict(os.environ), url, directory / "datasette.log") as process:
        server, requests = own
        servers = {OURS: server, PEER: Server(url, process)}
        return asyncio.run(side_by_side(servers, {OURS: requests, PEER: kinds(samples, deep)}, rounds))
