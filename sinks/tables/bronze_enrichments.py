"""bronze.enrichments -> bronze_api_enrichments; a tombstone deletes the row of its attempt."""

from typing import Any
from uuid import UUID

from sinks.tables.writer import InsertOnly, Value
from sinks.values import compressed, json_document, json_text
from songnodes.domain import enrichments

ATTEMPTS_AT_ONCE = 1000


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the row of an attempt, with its response as received, and as JSON where it is JSON."""
    body = value["body"]
    attempt = {
        **value,
        "id": row_id(value),
        "parameters": json_text(value["parameters"]),
        "body": None if body is None else compressed(body),
        "response": None if body is None else json_document(body),
        "claim": None if value["claim"] is None else json_text(value["claim"]),
    }
    return {"attempt": [attempt]}


def row_id(value: Value) -> str:
    """Return the id of the row of an attempt; those of early versions have none of their own."""
    return str(UUID(value["attempt_id"] or value["event_id"]))


def withdrawn_id(key: str) -> str:
    """Return the id of the row that a tombstone deletes. Raises ValueError."""
    return str(UUID(enrichments.split_key(key)[1]))


WRITER = InsertOnly(
    topic="bronze.enrichments",
    tables={"attempt": "bronze_api_enrichments"},
    rows=rows,
    withdrawn_id=withdrawn_id,
    row_id=row_id,
    batch=ATTEMPTS_AT_ONCE,
)
