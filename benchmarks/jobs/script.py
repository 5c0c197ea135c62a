"""Pages into sets, rows and plays: `python -m benchmarks.jobs.script INTO PAGES TARGET OUTPUT`.

The same pure functions as the stages, and nothing else: no Kafka, no second version of a page, no state that
outlives the process. INTO is postgres, duckdb or none; TARGET an address or a file. OUTPUT gets CPU seconds
and counts as JSON.
"""

import csv
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import psycopg
from psycopg import sql

from benchmarks.pipeline_pages import samples
from producers import sources
from songnodes.domain import analytics, facts, playlists
from songnodes.domain.gold_inputs import TrackPlays
from songnodes.domain.records import Page, Playlist, Tracklist
from songnodes.messaging.codec import Codec
from tests.support import codecs

SCHEMA = Path(__file__).with_name("script.sql")
TABLES = ("sets", "set_rows", "plays")
BATCH_PAGES = 100
VERSION = "benchmark"

Row = tuple[object, ...]


class Target(Protocol):
    """A database that takes rows of a table."""

    def load(self, table: str, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class Nothing:
    """No database: the share of the functions alone."""

    def load(self, table: str, rows: Sequence[Row]) -> None:
        return

    def close(self) -> None:
        return


class Postgres:
    """COPY, one transaction per batch."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)
        self._connection.execute(SCHEMA.read_bytes())
        self._connection.commit()

    def load(self, table: str, rows: Sequence[Row]) -> None:
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with self._connection.transaction(), self._connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def close(self) -> None:
        self._connection.close()


class DuckDb:
    """COPY of a file per batch: a statement per row takes a hundred times as long."""

    def __init__(self, file: str) -> None:
        import duckdb  # type: ignore[import-not-found]

        self._connection = duckdb.connect(file, config={"threads": 1})
        self._connection.execute(SCHEMA.read_text())

    def load(self, table: str, rows: Sequence[Row]) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
            csv.writer(file).writerows(rows)
            file.flush()
            self._connection.execute(f"COPY {table} FROM '{file.name}' (HEADER false)")

    def close(self) -> None:
        self._connection.close()


def pages(count: int, codec: Codec) -> list[Page]:
    """Return the pages of the benchmark of the pipeline."""
    return [
        cast(Page, codec.decode("bronze.pages", sample.value)) for sample in samples(codec, count, "full")
    ]


def playlist_of(page: Page) -> Playlist | None:
    """Return the playlist of a page alone."""
    for topic, _, value in sources.parse(page):
        if topic == "bronze.tracklists":
            state, _ = playlists.apply_tracklist(playlists.empty(), cast(Tracklist, value), 0)
            return playlists.build_playlist(state, VERSION)[1]
    return None


def plays_of(playlist: Playlist) -> Iterator[tuple[str, str, int]]:
    """Yield track, DJ and plays of a playlist, as `gold` counts them: for the leading DJ."""
    for fact in facts.PlaylistFacts(playlist, VERSION).of_tracks():
        for dj in fact["djs_live"]:
            entry = analytics.track_entry(cast(TrackPlays, fact), dj)
            if entry["lead"] and entry["plays"]:
                yield fact["track_id"], dj, entry["plays"]


def write(target: Target, batch: Iterable[Playlist]) -> None:
    """Write sets and rows."""
    sets: list[Row] = []
    rows: list[Row] = []
    for playlist in batch:
        djs = ", ".join(dj["name"] for dj in playlist["djs"])
        sets.append(
            (playlist["playlist_id"], playlist["title"], playlist["set_date"], djs, len(playlist["rows"]))
        )
        for row in playlist["rows"]:
            claim = row["claim"]
            names = ", ".join(claim["artist_names"]) if claim else None
            title = claim["base_title"] if claim else None
            rows.append(
                (
                    *(playlist["playlist_id"], row["position"], row["role"], row["track_id"]),
                    *(names, title, row["cue_seconds"]),
                )
            )
    target.load("sets", sets)
    target.load("set_rows", rows)


def work(records: Sequence[Page], target: Target) -> Counter[tuple[str, str]]:
    """Parse all pages and write them; return the plays per track and DJ, which are written at the end."""
    plays: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(records), BATCH_PAGES):
        batch = [playlist for page in records[start : start + BATCH_PAGES] if (playlist := playlist_of(page))]
        for playlist in batch:
            for track, dj, count in plays_of(playlist):
                plays[track, dj] += count
        write(target, batch)
    target.load("plays", [(track, dj, count) for (track, dj), count in plays.items()])
    return plays


def open_target(into: str, place: str) -> Target:
    """Return the database, with its tables created."""
    if into == "postgres":
        return Postgres(place)
    return DuckDb(place) if into == "duckdb" else Nothing()


def main() -> None:
    """Run once and write the report."""
    into, count, place, output = sys.argv[1:]
    records = pages(int(count), codecs.offline())
    target = open_target(into, place)
    begun = time.process_time()
    plays = work(records, target)
    target.close()
    report: dict[str, Any] = {
        "cpu": time.process_time() - begun,
        "plays": sorted((track, dj, number) for (track, dj), number in plays.items()),
    }
    Path(output).write_text(json.dumps(report))


if __name__ == "__main__":
    main()
