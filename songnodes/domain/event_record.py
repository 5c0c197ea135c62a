"""The silver record of an event, from the newest page about it."""

from songnodes.domain import ids, quality
from songnodes.domain.records import Event, SilverEvent


def event_record(event: Event, version: int, code: str) -> SilverEvent:
    """Return the event with its checks and quality."""
    judged = quality.event_quality(event, latest_date=event["observed_at"].date())
    return {
        **event,
        "event_id": ids.event_id("event", event["ra_event_id"], event["event_id"]),
        "origin": {
            "kind": "record",
            "id": event["event_id"],
            "parser_version": event["parser_version"],
        },
        "pipeline_version": code,
        "version": version,
        "gone": False,
        "checks": [check for check in judged.checks if not check["passed"]],
        "quality": judged.quality,
        "validation_status": judged.status,
    }
