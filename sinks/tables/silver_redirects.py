"""silver.redirects -> track_redirects."""

from sinks.tables.writer import Upsert, Value


def row(value: Value) -> Value:
    """The record, field by field."""
    return value


WRITER = Upsert(
    topic="silver.redirects",
    file="silver_redirects",
    key="track_id",
    parent="redirect",
    row=row,
    can_go=False,
)
