"""bronze.pages -> bronze_pages (a body once) and bronze_page_fetches (every fetch)."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import compressed, json_text
from songnodes.domain import ids

#: Pages are up to 8 MiB each.
PAGES_AT_ONCE = 100


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a page and of its fetch."""
    fetch = ids.fetch_id(value["page_id"], value["sha256"], value["fetched_at"])
    page = {
        **value,
        "id": ids.page_event_id(value["page_id"], value["sha256"]),
        "headers": json_text(value["headers"]),
        "body": compressed(value["body"]),
        "body_size": len(value["body"]),
    }
    return {"page": [page], "fetch": [{**value, "id": fetch}]}


WRITER = InsertOnly(
    topic="bronze.pages",
    tables={"page": "bronze_pages", "fetch": "bronze_page_fetches"},
    rows=rows,
    batch=PAGES_AT_ONCE,
)
