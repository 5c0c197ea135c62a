"""silver.events -> silver_events and its acts in silver_event_lineups."""

from collections.abc import Iterator
from typing import Any

from sinks.tables.common import scores
from sinks.tables.writer import Child, Upsert, Value
from sinks.values import row_uuid


def row(value: Value) -> dict[str, Any]:
    """Return the row of an event."""
    venue = value["venue"] or {}
    return {
        **value,
        **scores(value),
        "id": row_uuid("event", value["ra_event_id"]),
        "source_url": value["url"],
        "event_date": value["date"],
        "venue": venue.get("name"),
        "venue_native_id": venue.get("native_id"),
        "address": venue.get("address"),
        "latitude": venue.get("latitude"),
        "longitude": venue.get("longitude"),
        "last_observed_at": value["observed_at"],
    }


def acts(value: Value) -> Iterator[dict[str, Any]]:
    """Return the rows of the line-up, in order."""
    for ordinal, act in enumerate(value["lineup"]):
        yield {**act, "ra_event_id": value["ra_event_id"], "ordinal": ordinal}


WRITER = Upsert(
    topic="silver.events",
    table="silver_events",
    key="ra_event_id",
    parent="event",
    row=row,
    children={"act": Child(table="silver_event_lineups", rows=acts)},
    restores_created=True,
)
