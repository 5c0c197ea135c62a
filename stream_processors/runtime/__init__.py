"""Runtime of the stages: exactly-once state on Faust. Stages import only the names below."""

from songnodes.messaging.dead_letter_budget import DeadLetterLimits
from stream_processors.runtime.records import Record
from stream_processors.runtime.stage import Stage
from stream_processors.runtime.state.codecs import BytesValues, SchemaValues, ValueCodec
from stream_processors.runtime.state.entity import (
    Applied,
    EntityState,
    Entries,
    Subtotals,
    total_schema,
)
from stream_processors.runtime.state.table import Table

__all__ = [
    "Applied",
    "BytesValues",
    "DeadLetterLimits",
    "EntityState",
    "Entries",
    "Record",
    "SchemaValues",
    "Stage",
    "Subtotals",
    "Table",
    "ValueCodec",
    "total_schema",
]
