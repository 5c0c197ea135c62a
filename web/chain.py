"""A chain of tracks as a file: M3U8 or CSV. Names are hostile: no line break, no formula of a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence

from queries.database import Row
from queries.output import csv_text
from songnodes.cli.terminal import escaped

CSV_COLUMNS = (
    "position", "primary_artist", "track_name", "camelot", "bpm", "energy", "genre", "relation",
    "bpm_change", "isrc", "track_id",
)  # fmt: skip


def m3u8(rows: Iterable[Row], address: str) -> str:
    """Return an extended M3U in UTF-8; each entry's location is the page of the track."""
    return "".join(f"{line}\n" for line in _m3u8_lines(rows, address))


def _m3u8_lines(rows: Iterable[Row], address: str) -> Iterator[str]:
    yield "#EXTM3U"
    for row in rows:
        seconds = round(row["duration_ms"] / 1000) if row.get("duration_ms") else -1
        yield f"#EXTINF:{seconds},{escaped(row['primary_artist'] or '')} - {escaped(row['track_name'] or '')}"
        yield f"{address}{row['address']}"


def csv(rows: Sequence[Row]) -> str:
    """Return the chain as CSV with the move of the key and the change of tempo to each track."""
    return csv_text([{column: row.get(column) for column in CSV_COLUMNS} for row in rows])
