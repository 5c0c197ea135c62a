"""silver.tracks -> silver_enriched_tracks."""

from typing import Any

from sinks.tables.writer import Upsert, Value
from sinks.values import json_fit, json_text, row_uuid


def row(value: Value) -> dict[str, Any]:
    """Return the row of a track."""
    return {
        **value,
        "id": row_uuid("track", value["track_id"]),
        "spellings": json_text(value["spellings"]),
        "checks": json_text(value["checks"]),
        "enrichment_metadata": json_fit(value["enrichment_metadata"]),
        "enrichment_details": json_fit(value["enrichment_details"]),
    }


WRITER = Upsert(
    topic="silver.tracks",
    table="silver_enriched_tracks",
    key="track_id",
    parent="track",
    row=row,
    refresh="track",
    restores_created=True,
)
