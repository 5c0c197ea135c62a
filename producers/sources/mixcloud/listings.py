"""Listings: shows of a user, feeds, favourites, searches. They have neither sections nor descriptions.

An empty listing is `{"data": [], "name": ...}` with or without `paging`.
"""

from producers.sources import json_values as js
from producers.sources.errors import UnexpectedShape
from producers.sources.mixcloud import addresses, cloudcast
from producers.sources.page import Link
from songnodes.domain.records import Page


def is_listing(value: object) -> bool:
    """Return True if a JSON value is a listing of shows: empty, of shows, or a feed with other entries."""
    fields = js.mapping(value)
    data = fields.get("data")
    if not isinstance(data, list) or not ({"paging", "name"} & fields.keys()):
        return False
    return not data or any(map(_shows, data))


def links(page: Page) -> list[Link]:
    """Return the shows, each once, and the next part of the listing."""
    value = js.load(page)
    cloudcast.refuse_errors(value, page["page_id"])
    response = js.mapping(value)
    if not isinstance(response.get("data"), list):
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, response))[:8])
    found_links: dict[str, Link] = {}
    for show in (show for item in response["data"] for show in _shows(item)):
        link = _link(show)
        if link:
            found_links.setdefault(link.found.page_id, link)
    more = addresses.by_url(js.text(js.mapping(response.get("paging")).get("next")) or "")
    return [*found_links.values(), *([Link(found=more)] if more and response["data"] else [])]


def _shows(item: object) -> list[js.Object]:
    """Return a show itself, or those that an entry of a feed wraps."""
    if cloudcast.is_cloudcast(item):
        return [js.mapping(item)]
    return [show for show in js.mappings(js.mapping(item).get("cloudcasts")) if cloudcast.is_cloudcast(show)]


def _link(show: js.Object) -> Link | None:
    show_ref = addresses.by_url(js.text(show["url"]) or "")
    if show_ref is None or show_ref.kind != cloudcast.CLOUDCAST:
        return None
    return Link(
        found=show_ref,
        title=js.text(show.get("name")),
        date_text=(js.text(show.get("created_time")) or "")[:10] or None,
        duration_seconds=js.whole(show.get("audio_length")),
        views=js.whole(show.get("play_count")),
        styles=tuple(tag for item in js.mappings(show.get("tags")) if (tag := js.text(item.get("name")))),
    )
