"""bronze.events -> bronze_events."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import json_text
from songnodes.domain.records import Envelope

ENVELOPE = frozenset(Envelope.__annotations__)


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the row of an event."""
    event = {
        **value,
        "id": value["event_id"],
        "source_url": value["url"],
        "event_date": value["date"],
        "raw_data": json_text({name: part for name, part in value.items() if name not in ENVELOPE}),
        "scraped_at": value["observed_at"],
        "scraper_version": value["pipeline_version"],
    }
    return {"event": [event]}


WRITER = InsertOnly(topic="bronze.events", tables={"event": "bronze_events"}, rows=rows)
