"""Faust made sound and fast: all that knows its inside. The stages see only the names below."""

from stream_processors.runtime.entity import Applied, EntityState, Entries, total_schema
from stream_processors.runtime.poison import DeadLetterLimits
from stream_processors.runtime.records import Record
from stream_processors.runtime.stage import Stage
from stream_processors.runtime.table import Table
from stream_processors.runtime.values import AvroValues, BytesValues, ValueCodec

__all__ = [
    "Applied",
    "AvroValues",
    "BytesValues",
    "DeadLetterLimits",
    "EntityState",
    "Entries",
    "Record",
    "Stage",
    "Table",
    "ValueCodec",
    "total_schema",
]
