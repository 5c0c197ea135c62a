"""The site's media answer: ids of one track at shops and services, the way to `beatport_id` without a search.

It is requested by the numeric id that a row carries (`.mediaRow[data-trackid]`). The answer has that id
and not the set, so the set is in the page's id, `<set>/<media id>`, and in its address behind "#".
"""

import re
from urllib.parse import parse_qs, urlencode

from producers.sources import json_values as js
from producers.sources import outputs
from producers.sources.errors import ApiError, QueryUnknown, UnexpectedShape, WrongPage
from producers.sources.page import Found, Output, split_url
from producers.sources.tracklists1001 import addresses
from songnodes.domain.records import MediaLinks, Page

KIND = "medialink"
PARSER_VERSION = 1
READER = outputs.Reader(source=addresses.NAME, version=PARSER_VERSION)
PATH = "/ajax/get_medialink.php"
TRACK = "5"  # the value of idObject for a track
NATIVE = re.compile(r"^([A-Za-z0-9]+)/(\d{1,12})$")
#: The site's numbers for services, and the form of their ids.
SERVICES = {
    "1": ("beatport_id", re.compile(r"^\d{1,12}$")),
    "2": ("apple_music_id", re.compile(r"^\d{1,15}$")),
    "10": ("soundcloud_id", re.compile(r"^\d{1,15}$")),
    "13": ("youtube_id", re.compile(r"^[A-Za-z0-9_-]{11}$")),
    "36": ("spotify_id", re.compile(r"^[A-Za-z0-9]{22}$")),
}


def found(media_id: str, set_id: str | None = None) -> Found:
    """Return the page of a media response about a track of a set."""
    query = urlencode({"idObject": TRACK, "idItem": media_id})
    behind = f"#{set_id}" if set_id else ""
    return Found(
        source=addresses.NAME,
        kind=KIND,
        native_id=f"{set_id}/{media_id}" if set_id else media_id,
        url=f"{addresses.ROOT}{PATH}?{query}{behind}",
    )


def by_url(url: str) -> Found | None:
    """Return the media response at an address."""
    parts = split_url(url, addresses.HOSTS)
    if parts is None:
        return None
    item = parse_qs(parts.query).get("idItem", [""])[0]
    if parts.path != PATH or not (item.isascii() and item.isdigit()):
        return None
    set_id = parts.fragment if parts.fragment.isascii() and parts.fragment.isalnum() else None
    return found(item, set_id)


def by_answer(value: object) -> str | None:
    """Return the media id that a response is about; None for any other body."""
    answer = js.mapping(value)
    listed = js.mappings(answer.get("data"))
    if answer.get("success") is not True or not listed:
        return None
    if not all({"source", "playerId"} <= item.keys() for item in listed):
        return None
    return next((item for entry in listed if (item := js.text(entry.get("idItem")))), "")


def parse(page: Page) -> list[Output]:
    """Return the links as a record of the set without rows: `validate` joins them to the row.

    Of several ids at one service the first is the site's own choice. A deleted link is none.
    """
    place = NATIVE.match(page["native_id"])
    if place is None:
        raise QueryUnknown(page["page_id"])
    answer = js.mapping(js.load(page))
    if answer.get("success") is False:
        raise ApiError(page["page_id"], info=js.text(answer.get("message")))
    if answer.get("success") is not True or not isinstance(answer.get("data"), list):
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, answer))[:8])
    media_id = by_answer(answer)
    if media_id and media_id != place[2]:
        raise WrongPage(page["page_id"], says=media_id)
    links = MediaLinks(media_id=place[2], ids={}, durations={})
    for entry in [*js.mappings(answer["data"]), *js.mappings(answer.get("more"))]:
        _take(links, entry)
    return [
        outputs.tracklist(
            page,
            READER,
            native_id=place[1],
            kind=f"{KIND}/{place[2]}",
            url=addresses.tracklist_url(place[1]),
            header=outputs.header(""),
            media=[links],
        )
    ]


def _take(links: MediaLinks, entry: js.Object) -> None:
    service, form = SERVICES.get(js.text(entry.get("source")) or "", (None, None))
    native = js.text(entry.get("playerId") or entry.get("idLink"))
    if (
        service is None
        or form is None
        or not native
        or not form.match(native)
        or entry.get("isDeleted") is True
    ):
        return
    if service not in links["ids"]:
        links["ids"][service] = native
        seconds = js.whole(entry.get("duration"))
        if seconds:
            links["durations"][service] = seconds
