"""bronze.decisions -> bronze_decisions."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import json_document, json_text


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the row of a decision; a value that is not JSON is kept as text."""
    raw = value["value"]
    document = None if raw is None else json_document(raw) or json_text(raw)
    return {"decision": [{**value, "id": value["event_id"], "value": document}]}


WRITER = InsertOnly(topic="bronze.decisions", tables={"decision": "bronze_decisions"}, rows=rows)
