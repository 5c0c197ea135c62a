"""Records of `enrichment.requests` for a numbered catalogue."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from songnodes import __version__
from songnodes.domain import identity, ids
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings


def track_id(number: int) -> str:
    """Return the id of a track of the catalogue."""
    return f"artist-{number}-title-{number}-{number:08x}"


def request(number: int) -> dict[str, Any]:
    """Return a request for one track of the catalogue."""
    track = track_id(number)
    request_id = ids.event_id("request", track)
    return {
        "event_id": request_id,
        "source": "silver",
        "observed_at": datetime(2026, 11, 1, tzinfo=UTC),
        "origin": {"kind": "record", "id": track, "parser_version": None},
        "pipeline_version": __version__,
        "track_id": track,
        "request_id": request_id,
        "artist_name": f"Artist {number}",
        "track_title": f"Title {number}",
        "base_title": f"Title {number}",
        "version_text": None,
        "version_artists": [],
        "duration_ms": None,
        "known_ids": {"isrc": f"GBTDG09{number:05}"},
        "missing": ["bpm", "key", "genres", "label", "release_date", "duration_ms"],
        "recheck": 0,
        "text": f"Artist {number} - Title {number}",
        "plays": 1,
        "first_set_date": date(2026, 1, 1),
        "artist_id": None,
    }


def send_requests(settings: Settings, codec: Codec, numbers: Iterable[int]) -> None:
    """Publish the requests for these tracks."""
    send_records(settings, codec, map(request, numbers))


def artist_request(name: str, **known_ids: str) -> dict[str, Any]:
    """Return a request for an artist."""
    artist = identity.artist_id(name)
    return {
        **request(0),
        "track_id": "",
        "request_id": ids.event_id("artist request", artist),
        "artist_id": artist,
        "artist_name": name,
        "text": name,
        "track_title": "",
        "base_title": "",
        "known_ids": known_ids,
        "missing": [],
        "first_set_date": None,
    }


def send_records(settings: Settings, codec: Codec, records: Iterable[Mapping[str, Any]]) -> None:
    """Publish requests for tracks and artists."""
    delivery = Delivery(clients.producer(settings), timeout_s=30.0)
    for record in records:
        topic = "enrichment.artist_requests" if record["artist_id"] else "enrichment.requests"
        key = record["artist_id"] or record["track_id"]
        delivery.send(topics.physical(topic, settings), key, codec.encode("enrichment.requests", record))
    delivery.finish()
