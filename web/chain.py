"""A chain of tracks as CSV. Names are hostile: none is a formula of a spreadsheet."""

from collections.abc import Sequence

from queries.database import Row
from queries.output import csv_text

CSV_COLUMNS = (
    "position", "primary_artist", "track_name", "camelot", "bpm", "energy", "genre", "relation",
    "bpm_change", "isrc", "track_id",
)  # fmt: skip


def csv(rows: Sequence[Row]) -> str:
    """Return the chain as CSV with the move of the key and the change of tempo to each track."""
    return csv_text([{column: row.get(column) for column in CSV_COLUMNS} for row in rows])
