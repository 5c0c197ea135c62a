"""Responses of Resident Advisor's GraphQL endpoint: a listing of events, the detail of one."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32

from demo.markup import slug
from demo.world.people import normalize
from demo.world.places import CITIES
from demo.world.truth import TrueEvent, Venue

ROOT = "https://ra.co"
EVERYWHERE = 1  # the area that has all events
FIRST_AREA = 100


def area(venue: Venue) -> int:
    """Return the site's number of a city."""
    return FIRST_AREA + [city for city, *_ in CITIES].index(venue.city)


def artist_id(name: str) -> str:
    """Return the site's number of an artist: a checksum of 32 bits, as no two of a world may be equal."""
    return str(10_000 + crc32(normalize(name).encode()))


def detail(event: TrueEvent) -> bytes:
    """Render the detail of an event."""
    first = event.lineup[0]
    tagged = [f'<artist id="{artist_id(first)}">{first}</artist> all night long', *event.lineup[1:]]
    record = {
        **_short(event),
        "lineup": "\n".join(tagged),
        "interestedCount": 40 * len(event.lineup),
        "isFestival": False,
        "promoters": [{"id": "7", "name": event.promoter}],
        "genres": [{"id": str(len(name)), "name": name, "slug": slug(name)} for name in event.genres],
    }
    record["venue"] = {
        **_venue(event.venue),
        "address": f"{event.venue.street}; {event.venue.city}; {event.venue.country}",
        "location": {"latitude": event.venue.latitude, "longitude": event.venue.longitude},
    }
    return _json({"data": {"event": record}})


def missing() -> bytes:
    """Render the response for an event that does not exist."""
    return _json({"data": {"event": None}})


def listing(shown_events: Sequence[TrueEvent], total: int) -> bytes:
    """Render a listing of some events, of `total` in all."""
    events = [{"event": _short(shown_event)} for shown_event in shown_events]
    return _json({"data": {"eventListings": {"data": events, "totalResults": total}}})


def error(message: str) -> bytes:
    """Render the response to an invalid query; the status is 200."""
    return _json({"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}], "data": None})


def times(event: TrueEvent) -> tuple[datetime, datetime]:
    """Return start and end in the local time of the venue."""
    return (
        datetime.combine(event.day, event.start),
        datetime.combine(event.day + timedelta(days=1), event.end),
    )


def _short(event: TrueEvent) -> dict[str, Any]:
    start, end = times(event)
    return {
        "id": event.native_id,
        "title": event.title,
        "date": _stamp(datetime.combine(event.day, time())),
        "startTime": _stamp(start),
        "endTime": _stamp(end),
        "contentUrl": f"/events/{event.native_id}",
        "attending": 10 * len(event.lineup),
        "isTicketed": True,
        "cost": "15",
        "venue": _venue(event.venue),
        "artists": [
            {"id": artist_id(name), "name": name, "contentUrl": f"/dj/{slug(name).replace('-', '')}"}
            for name in event.lineup
        ],
        "genres": [{"name": name} for name in event.genres],
    }


def _venue(venue: Venue) -> dict[str, Any]:
    where = {"name": venue.city, "ianaTimeZone": venue.zone, "country": {"name": venue.country}}
    return {"id": venue.native_id, "name": venue.name, "area": where}


def _stamp(moment: datetime) -> str:
    return f"{moment.isoformat()}.000"


def day(text: str) -> date:
    """Parse the day of a bound of a query: "2026-05-01", with or without a time. Raises ValueError."""
    return date.fromisoformat(text[:10])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
