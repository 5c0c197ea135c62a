"""gold.tracks -> gold_track_counts.

Triggers of the table add, change and remove the rows that refresh writes of each track.
"""

from typing import Any

from sinks.tables.common import support
from sinks.tables.writer import PLAYS_PAUSE_S, Upsert, Value


def row(value: Value) -> dict[str, Any]:
    """Return the row of counts and their evidence."""
    return {**value, **support(value["support_days"])}


WRITER = Upsert(
    topic="gold.tracks",
    table="gold_track_counts",
    key="track_id",
    parent="track",
    row=row,
    refresh="track",
    small_batch_pause_s=PLAYS_PAUSE_S,
)
