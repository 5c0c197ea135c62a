"""silver.artists -> silver_enriched_artists."""

from typing import Any

from sinks.tables.writer import Upsert, Value
from sinks.values import json_text, row_uuid


def row(value: Value) -> dict[str, Any]:
    """Return the row of an artist."""
    return {
        **value,
        "id": row_uuid("artist", value["artist_id"]),
        "aliases": json_text(value["aliases"]),
        "links": json_text(value["links"]),
        "checks": json_text(value["checks"]),
        "value_sources": json_text(value["value_sources"]),
        "id_conflicts": json_text(value["id_conflicts"]),
    }


WRITER = Upsert(
    topic="silver.artists",
    table="silver_enriched_artists",
    key="artist_id",
    parent="artist",
    row=row,
    refresh="artist",
    restores_created=True,
)
