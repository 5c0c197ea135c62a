"""Answers of Resident Advisor's GraphQL endpoint: a listing of events, the detail of one."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from demo.markup import slug
from demo.world.people import plain
from demo.world.places import CITIES
from demo.world.truth import Happening, Place

ROOT = "https://ra.co"
EVERYWHERE = 1  # the area that has all events
FIRST_AREA = 100


def area(place: Place) -> int:
    """Return the site's number of a city."""
    return FIRST_AREA + [city for city, *_ in CITIES].index(place.city)


def artist_id(name: str) -> str:
    """Return the site's number of an artist."""
    return str(10_000 + sum((place + 1) * ord(letter) for place, letter in enumerate(plain(name))) % 10**7)


def detail(happening: Happening) -> bytes:
    """Render the detail of an event."""
    first = happening.lineup[0]
    tagged = [f'<artist id="{artist_id(first)}">{first}</artist> all night long', *happening.lineup[1:]]
    event = {
        **_short(happening),
        "lineup": "\n".join(tagged),
        "interestedCount": 40 * len(happening.lineup),
        "isFestival": False,
        "promoters": [{"id": "7", "name": happening.promoter}],
        "genres": [{"id": str(len(name)), "name": name, "slug": slug(name)} for name in happening.genres],
    }
    event["venue"] = {
        **_venue(happening.place),
        "address": f"{happening.place.street}; {happening.place.city}; {happening.place.country}",
        "location": {"latitude": happening.place.latitude, "longitude": happening.place.longitude},
    }
    return _json({"data": {"event": event}})


def missing() -> bytes:
    """Render the response for an event that does not exist."""
    return _json({"data": {"event": None}})


def listing(found: Sequence[Happening], total: int) -> bytes:
    """Render a listing of some events, of `total` in all."""
    events = [{"event": _short(happening)} for happening in found]
    return _json({"data": {"eventListings": {"data": events, "totalResults": total}}})


def error(message: str) -> bytes:
    """Render the response to an invalid query; the status is 200."""
    return _json({"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}], "data": None})


def times(happening: Happening) -> tuple[datetime, datetime]:
    """Start and end by the clock of the place."""
    return (
        datetime.combine(happening.day, happening.start),
        datetime.combine(happening.day + timedelta(days=1), happening.end),
    )


def _short(happening: Happening) -> dict[str, Any]:
    start, end = times(happening)
    return {
        "id": happening.native_id,
        "title": happening.title,
        "date": _stamp(datetime.combine(happening.day, time())),
        "startTime": _stamp(start),
        "endTime": _stamp(end),
        "contentUrl": f"/events/{happening.native_id}",
        "attending": 10 * len(happening.lineup),
        "isTicketed": True,
        "cost": "15",
        "venue": _venue(happening.place),
        "artists": [
            {"id": artist_id(name), "name": name, "contentUrl": f"/dj/{slug(name).replace('-', '')}"}
            for name in happening.lineup
        ],
        "genres": [{"name": name} for name in happening.genres],
    }


def _venue(place: Place) -> dict[str, Any]:
    where = {"name": place.city, "ianaTimeZone": place.zone, "country": {"name": place.country}}
    return {"id": place.native_id, "name": place.name, "area": where}


def _stamp(moment: datetime) -> str:
    return f"{moment.isoformat()}.000"


def day(text: str) -> date:
    """Parse the day of a bound of a query: "2026-05-01", with or without a time. Raises ValueError."""
    return date.fromisoformat(text[:10])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
