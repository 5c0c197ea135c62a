"""Events of what a list follows, as entries of an Atom 1.0 or JSON Feed 1.1 document."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
from lxml import etree

from queries import database, subscriptions
from queries.addresses import web_address
from queries.database import Row
from songnodes.domain import ids

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
JSON_VERSION = "https://jsonfeed.org/version/1.1"
JSON_TYPE = "application/feed+json"

DAYS = 90  # of sets, ranks and reveals that a feed has
TOP = 10  # places of a genre that a climb enters
MAX_ENTRIES = 200
MAX_TITLE = 300  # characters
#: What XML 1.0 has no form for.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event. `id` is a URN that stays the same; `url` is the page of the set, None without a web address.

    `kind`: support, set, track, reveal or climb. `published` is the time at which the first page that shows
    it was fetched, `day` the day of the set, of the rank, or of the reveal.
    """

    id: str
    kind: str
    title: str
    text: str
    url: str | None
    published: datetime
    day: date
    followed: str
    track_id: str | None
    playlist_id: str | None


async def entries(
    connection: asyncpg.Connection,
    listed: str = subscriptions.DEFAULT_LIST,
    *,
    today: date,
    days: int = DAYS,
    top: int = TOP,
    limit: int = MAX_ENTRIES,
) -> list[Entry]:
    """Return the events of a list within `days` before `today`, newest first. Raises InvalidListName.

    A list that follows nothing has no entries.
    """
    name = subscriptions.list_name(listed)
    rows = await database.rows(
        connection, "feeds", "events", name, today - timedelta(days=days), today, top, limit
    )
    return [entry(row) for row in rows]


def entry(row: Row) -> Entry:
    """Return the entry of a row of the statement `events`."""
    title, text = _words(row)
    return Entry(
        id=f"urn:uuid:{ids.event_id('feed entry', row['kind'], row['event_key'])}",
        kind=row["kind"],
        title=_line(title)[:MAX_TITLE],
        text=_line(text),
        url=web_address(row["source_url"]),
        published=row["published_at"].astimezone(UTC).replace(microsecond=0),
        day=row["day"],
        followed=_line(row["followed"]),
        track_id=row["track_id"],
        playlist_id=row["playlist_id"],
    )


def _words(row: Row) -> tuple[str, str]:
    """Return title and text of an event."""
    track = f"{row['primary_artist']} - {row['track_name']}"
    djs = " & ".join(row["dj_names"] or ()) or "unknown DJ"
    place = f"{djs}: {row['set_title']}, {row['day']}" if row["set_title"] else str(row["day"])
    match row["kind"]:
        case "support":
            return f"{row['dj_name']} played {track}", f"First play by this DJ. {place}"
        case "set":
            return f"New set: {djs}, {row['set_title']}", place
        case "track":
            return f"New track: {track}", f"{row['followed']}: first played on {row['day']}. {place}"
        case "reveal":
            return (
                f"ID revealed: {track}",
                f"The page of {djs}: {row['set_title']} names a track that was an ID.",
            )
        case _:
            return (
                f"{track} is number {row['rank']} in {row['genre']}",
                f"{row['followed']}: rank {row['rank']} of {row['genre']} on {row['day']}",
            )


def _line(text: str) -> str:
    """Return a text on one line, without what XML cannot have."""
    return " ".join(NOT_XML.sub("\ufffd", text).split())


def atom(listed: str, listed_entries: Sequence[Entry], *, address: str | None = None) -> bytes:
    """Return an Atom 1.0 document (RFC 4287). `address`: where the feed itself is served."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    updated = max((item.published for item in listed_entries), default=EPOCH)
    _add(feed, "id", f"urn:uuid:{ids.event_id('feed', listed)}")
    _add(feed, "title", feed_title(listed))
    _add(feed, "updated", updated.isoformat())
    _add(_add(feed, "author"), "name", "SongNodes")
    if address:
        _add(feed, "link", rel="self", type=ATOM_TYPE, href=address)
    for item in listed_entries:
        element = _add(feed, "entry")
        _add(element, "id", item.id)
        _add(element, "title", item.title, type="text")
        _add(element, "updated", item.published.isoformat())
        _add(element, "published", item.published.isoformat())
        if item.url:
            _add(element, "link", rel="alternate", href=item.url)
        _add(element, "category", term=item.kind)
        _add(element, "content", item.text, type="text")
    document: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return document


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element


def json_feed(listed: str, listed_entries: Sequence[Entry], *, address: str | None = None) -> str:
    """Return a JSON Feed 1.1 document. `address`: where the feed itself is served."""
    items = [
        {
            "id": item.id,
            **({"url": item.url} if item.url else {}),
            "title": item.title,
            "content_text": item.text,
            "date_published": item.published.isoformat(),
            "tags": [item.kind],
        }
        for item in listed_entries
    ]
    head = {
        "version": JSON_VERSION,
        "title": feed_title(listed),
        **({"feed_url": address} if address else {}),
    }
    return json.dumps({**head, "items": items}, ensure_ascii=False, indent=1)


def feed_title(listed: str) -> str:
    """Return the title of the feed of a list."""
    return "SongNodes" if listed == subscriptions.DEFAULT_LIST else f"SongNodes: {listed}"
