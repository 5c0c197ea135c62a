"""bronze.artists -> bronze_scraped_artists."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import json_text


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the row of a profile."""
    profile = {
        **value,
        "id": value["event_id"],
        "source_url": value["url"],
        "links": json_text(value["links"]),
        "raw_data": json_text(
            {
                name: value[name]
                for name in ("name", "native_id", "aliases", "links", "country", "biography", "ids")
            }
        ),
        "scraped_at": value["observed_at"],
        "scraper_version": value["pipeline_version"],
    }
    return {"artist": [profile]}


WRITER = InsertOnly(topic="bronze.artists", tables={"artist": "bronze_scraped_artists"}, rows=rows)
