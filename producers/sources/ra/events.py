"""From GraphQL answers to records of events and of the artists on their line-ups."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from producers.sources import json_values as js
from producers.sources import outputs
from producers.sources.errors import ApiError, MissingPage, UnexpectedShape, WrongPage
from producers.sources.outputs import EventFacts
from producers.sources.page import Found, Link, Output
from producers.sources.ra import times
from songnodes.domain.identity import artist_id
from songnodes.domain.records import LineupEntry, Page, Venue

NAME = "ra"
ROOT = "https://ra.co"
PARSER_VERSION = 3
READER = outputs.Reader(source=NAME, version=PARSER_VERSION)
EVENT, LISTING = "event", "event-listing"
#: Names in the free text of a line-up that have a page; any text may be between them.
TAGGED = re.compile(r'<artist\s+id="(\d{1,12})"\s*>([^<]{1,300})</artist>', re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,300}>")
MAX_TEXT_CHARS = 20_000  # of free text that are kept


def data(answer: object, page_id: str) -> js.Object:
    """Return the data of an answer, alone or stored beside its request. Raises ApiError, UnexpectedShape."""
    response = js.mapping(answer)
    response = js.mapping(response.get("response")) or response
    payload = response.get("data")
    errors = js.mappings(response.get("errors"))
    if errors and not (isinstance(payload, dict) and any(payload.values())):
        extensions = js.mapping(errors[0].get("extensions"))
        raise ApiError(page_id, code=js.text(extensions.get("code")), info=js.text(errors[0].get("message")))
    if not isinstance(payload, dict):
        raise UnexpectedShape(page_id, keys=sorted(map(str, response))[:8])
    return payload


def parse_event(page: Page) -> list[Output]:
    """Return the event of a detail answer, and its artists."""
    answer = data(js.load(page), page["page_id"])
    if "event" not in answer:
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, answer))[:8])
    event = js.mapping(answer["event"])
    if not event:
        raise MissingPage(page["page_id"])
    native = js.text(event.get("id"))
    if native != page["native_id"]:
        raise WrongPage(page["page_id"], says=native)
    return list(_outputs(page, event, EVENT))


def parse_listing(page: Page) -> list[Output]:
    """Return all events of a listing, each once, and their artists.

    A listing without events is no failure: most days of most places have none. An event without a day is left
    to its own page; where no event has one, raises UnexpectedShape.
    """
    outputs_of: dict[str, list[Output]] = {}
    refusals: list[UnexpectedShape] = []
    for event in _listed(page):
        native = js.text(event.get("id"))
        if native and native not in outputs_of:
            try:
                outputs_of[native] = list(_outputs(page, event, LISTING))
            except UnexpectedShape as refusal:
                refusals.append(refusal)
    if refusals and not outputs_of:
        raise refusals[0]
    each_once: dict[tuple[str, str], Output] = {}
    for output in (output for group in outputs_of.values() for output in group):
        each_once.setdefault((output.topic, output.key), output)
    return list(each_once.values())


def links(page: Page) -> list[Link]:
    """Return the events of a listing; their own pages have more."""
    links_of: dict[str, Link] = {}
    for event in _listed(page):
        native = js.text(event.get("id"))
        if native and native.isdigit():
            day = times.day(js.text(event.get("date")), page["fetched_at"].date())
            link = Link(
                found=event_page(native),
                title=js.text(event.get("title")),
                date_text=day.isoformat() if day else None,
            )
            links_of.setdefault(native, link)
    return list(links_of.values())


def total(page: Page) -> int:
    """Return the number of events on all pages of the listing, as the site counts; 0 without it."""
    answer = data(js.load(page), page["page_id"])
    return js.whole(js.mapping(answer.get("eventListings")).get("totalResults")) or 0


def event_page(native_id: str) -> Found:
    """Return the page of an event."""
    return Found(source=NAME, kind=EVENT, native_id=native_id, url=f"{ROOT}/events/{native_id}")


def _listed(page: Page) -> list[js.Object]:
    answer = data(js.load(page), page["page_id"])
    listings = answer.get("eventListings")
    if not isinstance(listings, dict) or not isinstance(listings.get("data"), list):
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, answer))[:8])
    return [event for item in js.mappings(listings["data"]) if (event := js.mapping(item.get("event")))]


def _outputs(page: Page, event: js.Object, kind: str) -> Iterator[Output]:
    facts = _facts(page, event, kind)
    yield outputs.event(page, READER, facts)
    urls = {
        js.text(artist.get("id")): _address(artist.get("contentUrl"))
        for artist in js.mappings(event.get("artists"))
    }
    named = set()
    for act in facts.lineup:
        if act["artist_id"] is not None and act["artist_id"] not in named:
            named.add(act["artist_id"])
            url = urls.get(act["native_id"])
            yield outputs.artist(page, READER, name=act["name"], native_id=act["native_id"], url=url)


def _facts(page: Page, event: js.Object, kind: str) -> EventFacts:
    native, title = js.text(event.get("id")), js.text(event.get("title"))
    start, end = js.text(event.get("startTime")), js.text(event.get("endTime"))
    date_text, observed_on = js.text(event.get("date")), page["fetched_at"].date()
    day = times.day(date_text, observed_on)
    warnings = [f"date_implausible: {date_text[:40]!r}"] if date_text and day is None else []
    day = day or times.day(start, observed_on)
    if not native or not native.isdigit() or day is None:
        raise UnexpectedShape(page["page_id"], event=native, title=title, date=date_text)
    venue = js.mapping(event.get("venue"))
    area = js.mapping(venue.get("area")) or js.mapping(event.get("area"))
    zone = js.text(area.get("ianaTimeZone") or js.mapping(event.get("area")).get("ianaTimeZone"))
    when = times.read(start, end, zone, observed_on)
    return EventFacts(
        native_id=native,
        kind=kind,
        title=title or "(no title)",
        url=_address(event.get("contentUrl")) or f"{ROOT}/events/{native}",
        date=day,
        start_local=when.start_local,
        end_local=when.end_local,
        start_time=when.start,
        end_time=when.end,
        timezone=zone if times.zone(zone) else None,
        venue=_venue(venue),
        area=js.text(area.get("name")),
        city=js.text(area.get("name")) if area.get("name") != "All" else None,
        country=js.text(js.mapping(area.get("country")).get("name")),
        promoters=_names(event.get("promoters")),
        genres=_names(event.get("genres")),
        lineup=_lineup(event),
        lineup_text=_lineup_text(event.get("lineup")),
        festival=js.flag(event.get("isFestival")),
        attending=js.whole(event.get("attending")),
        interested=js.whole(event.get("interestedCount")),
        cost=js.text(event.get("cost")),
        warnings=(*warnings, *when.warnings),
    )


def _names(value: object) -> list[str]:
    return list(dict.fromkeys(name for item in js.mappings(value) if (name := js.text(item.get("name")))))


def _venue(venue: js.Object) -> Venue | None:
    """Return the venue. Coordinates 0, 0 mean that the site has none."""
    name = js.text(venue.get("name"))
    if name is None:
        return None
    place = js.mapping(venue.get("location"))
    latitude, longitude = js.number(place.get("latitude")), js.number(place.get("longitude"))
    is_located = bool(latitude or longitude) and abs(latitude or 0) <= 90 and abs(longitude or 0) <= 180
    return Venue(
        name=name,
        native_id=js.text(venue.get("id")),
        address=js.text(venue.get("address")),
        latitude=latitude if is_located else None,
        longitude=longitude if is_located else None,
    )


def _lineup(event: js.Object) -> list[LineupEntry]:
    """Return the acts: those listed, then those tagged in the free text.

    Names are never split: "A b2b B" and "C, D" can be the name of one act.
    """
    text = event.get("lineup")
    tagged = TAGGED.findall(text[:MAX_TEXT_CHARS]) if isinstance(text, str) else []
    listed = [(js.text(act.get("id")), js.text(act.get("name"))) for act in js.mappings(event.get("artists"))]
    entries: dict[str, LineupEntry] = {}
    for native, name in [*listed, *((js.text(native), js.text(name)) for native, name in tagged)]:
        if name:
            entry = LineupEntry(name=name, native_id=native, artist_id=artist_id(name))
            entries.setdefault(native or name, entry)
    return list(entries.values())


def _lineup_text(value: object) -> str | None:
    text = js.block(value)
    return TAG.sub("", text[:MAX_TEXT_CHARS]).strip() or None if text else None


def _address(value: object) -> str | None:
    """Return a path of the site ("/events/1") as an absolute address; None without a path."""
    path = js.text(value)
    if not path or not path.startswith("/"):
        return None
    return urljoin(ROOT, path)
