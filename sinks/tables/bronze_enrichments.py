"""bronze.enrichments -> bronze_api_enrichments."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import compressed, json_document, json_text

ATTEMPTS_AT_ONCE = 1000


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the row of an attempt, with its response as received, and as JSON where it is JSON."""
    body = value["body"]
    attempt = {
        **value,
        "id": value["event_id"],
        "parameters": json_text(value["parameters"]),
        "body": None if body is None else compressed(body),
        "response": None if body is None else json_document(body),
    }
    return {"attempt": [attempt]}


WRITER = InsertOnly(
    topic="bronze.enrichments",
    tables={"attempt": "bronze_api_enrichments"},
    rows=rows,
    batch=ATTEMPTS_AT_ONCE,
)
