"""gold.artists -> gold_artist_analytics, without the columns of refresh."""

from typing import Any

from sinks.tables.common import support
from sinks.tables.writer import Upsert, Value


def row(value: Value) -> dict[str, Any]:
    """Return the row of counts and their evidence."""
    return {**value, **support(value["support_days"])}


#: Columns that refresh computes.
COMPUTED = frozenset({"trending_score", "popularity_rank", "genre_distribution"})

WRITER = Upsert(
    topic="gold.artists",
    table="gold_artist_analytics",
    key="artist_id",
    parent="artist",
    row=row,
    refresh="artist",
    computed=COMPUTED,
)
