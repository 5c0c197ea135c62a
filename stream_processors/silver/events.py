"""events: bronze.events -> silver.events. State per event: the newest page, by its order and content.

A listing has fewer fields than the event's own page: it is current only until that page arrives.
"""

from typing import cast

from songnodes import __version__
from songnodes.domain.event_record import event_record
from songnodes.domain.records import Event
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Record, SchemaValues, Stage

PREFIX = b"v|"
OWN_PAGE = "event"


def attach(stage: Stage) -> None:
    """Add the agent and the table to the stage."""
    table = stage.table("events", SchemaValues({b"v": state_schemas("silver.events")}))

    @stage.agent("bronze.events")
    def on_event(record: Record) -> None:
        """Keep the newest page of an event; one of equal content changes only the time of observation."""
        event = cast(Event, record.value)
        key = PREFIX + event["ra_event_id"].encode()
        current = table.get(key)
        is_redelivery = current is not None and current["offset"] == record.offset
        if current is not None and not is_redelivery and _order(event) <= _order(current):
            return
        is_same = current is not None and event["content_hash"] == current["content_hash"]
        offset = current["offset"] if current is not None and is_same else record.offset
        table[key] = {
            "applied": {record.topic: offset},
            "observed_at": event["observed_at"],
            "parser_version": event["parser_version"],
            "content_hash": event["content_hash"],
            "offset": offset,
            "page_kind": event["page_kind"],
        }
        if is_redelivery or not is_same:
            version = table.first_version + offset + 1
            stage.emit("silver.events", event["ra_event_id"], event_record(event, version, __version__))


def _order(event: Event) -> tuple[object, ...]:
    return (
        event["page_kind"] == OWN_PAGE,
        event["observed_at"],
        event["parser_version"],
        event["content_hash"],
    )
