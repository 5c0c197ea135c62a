"""silver.redirects -> track_redirects. A track that is canonical again has no row."""

from sinks.tables.writer import Upsert, Value


def row(value: Value) -> Value:
    """Return the row of a record, field by field."""
    return value


WRITER = Upsert(
    topic="silver.redirects",
    table="track_redirects",
    key="track_id",
    parent="redirect",
    row=row,
    is_gone=lambda value: value["canonical_id"] is None or bool(value.get("gone")),
)
