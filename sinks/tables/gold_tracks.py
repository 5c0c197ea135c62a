"""gold.tracks -> gold_track_analytics, without the columns of refresh."""

from typing import Any

from sinks.tables.common import support
from sinks.tables.writer import PLAYS_PAUSE_S, Upsert, Value


def row(value: Value) -> dict[str, Any]:
    """Return the row of counts and their evidence."""
    return {**value, **support(value["support_days"])}


#: Columns that refresh computes.
COMPUTED = frozenset(
    {"trending_score", "popularity_rank", "genre_rank"}
    | {"harmonic_matches", "harmonic_floor", "harmonic_basis"}
)

WRITER = Upsert(
    topic="gold.tracks",
    table="gold_track_analytics",
    key="track_id",
    parent="track",
    row=row,
    refresh="track",
    computed=COMPUTED,
    small_batch_pause_s=PLAYS_PAUSE_S,
)
