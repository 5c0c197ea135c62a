"""Invented Mixcloud responses in two formats: the present one, and one after a change of the site."""

import json
from datetime import UTC, datetime, timedelta

from producers import sources
from producers.responses import Response, page
from producers.sources.page import Material
from songnodes.domain.records import Page

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRACKS = 12


def show(number: int, *, changed: bool = False, again: int = 0) -> Page:
    """Build the page of a show with its tracks. The changed format has no start times of tracks.

    `again`: another fetch of the same show, with another count of plays.
    """
    url = f"https://www.mixcloud.com/somebody/show-{number}/"
    section = [_section(number, position, changed) for position in range(1, TRACKS + 1)]
    body = json.dumps(
        {
            "url": url,
            "key": f"/somebody/show-{number}/",
            "name": f"Show {number}",
            "created_time": "2026-02-27T10:00:00Z",
            "audio_length": 3600,
            "play_count": again,
            "user": {
                "username": "somebody",
                "name": "Some Body",
                "url": "https://www.mixcloud.com/somebody/",
            },
            "tags": [{"name": "House"}],
            "sections": section,
        }
    ).encode()
    page_ref = sources.recognise(material := Material(body, url=url, content_type="application/json"))
    assert page_ref is not None
    response = Response(
        url=url,
        status=200,
        headers={},
        content_type="application/json",
        body=body,
        fetched_at=FIRST + timedelta(minutes=number, days=again),
        fetcher="saved",
    )
    return page(response, material, page_ref)


def _section(number: int, position: int, changed: bool) -> dict[str, object]:
    name = f"Title {number}-{position}"
    track = {"name": name, "key": f"/track/{number}-{position}/", "artist": {"name": f"Artist {position}"}}
    start = {"starts": f"PT{position * 200}S"} if changed else {"start_time": position * 200}
    return {"section_type": "track", "position": position, "track": track, **start}
