"""events: bronze.events -> silver.events. State per event: the newest page, by its order and content.

A listing says less than the event's own page: it stands only until that comes.
"""

from typing import cast

from songnodes import __version__
from songnodes.domain.event_record import event_record
from songnodes.domain.records import Event
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import AvroValues, Record, Stage

PREFIX = b"v|"
OWN_PAGE = "event"


def attach(stage: Stage) -> None:
    """Add the agent and the table."""
    table = stage.table("events", AvroValues({b"v": state_schemas("silver.events")}))

    @stage.agent("bronze.events")
    def validate(record: Record) -> None:
        """The newest page of an event stands; one of equal content moves nothing but its time."""
        event = cast(Event, record.value)
        key = PREFIX + event["ra_event_id"].encode()
        held = table.get(key)
        repeat = held is not None and held["offset"] == record.offset
        if held is not None and not repeat and _order(event) <= _order(held):
            return
        same = held is not None and event["content_hash"] == held["content_hash"]
        offset = held["offset"] if held is not None and same else record.offset
        table[key] = {
            "applied": {record.topic: offset},
            "observed_at": event["observed_at"],
            "parser_version": event["parser_version"],
            "content_hash": event["content_hash"],
            "offset": offset,
            "page_kind": event["page_kind"],
        }
        if repeat or not same:
            stage.emit("silver.events", event["ra_event_id"], event_record(event, offset + 1, __version__))


def _order(event: Event) -> tuple[object, ...]:
    return (
        event["page_kind"] == OWN_PAGE,
        event["observed_at"],
        event["parser_version"],
        event["content_hash"],
    )
