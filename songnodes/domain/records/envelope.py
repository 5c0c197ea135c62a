"""Fields of every record, whatever its topic."""

from datetime import datetime
from typing import TypedDict


class Origin(TypedDict):
    """Origin of a record: the input that it was built from."""

    kind: str
    id: str
    parser_version: int | None


class Envelope(TypedDict):
    """Fields of every record."""

    event_id: str
    source: str
    observed_at: datetime
    origin: Origin
    pipeline_version: str
