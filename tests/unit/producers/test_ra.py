"""Resident Advisor: the real listing, 200 real events in the format of the wire, times and zones."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from producers import sources
from producers.sources.page import Found, Material, Output
from producers.sources.ra import times
from producers.sources.ra.listings import listing
from songnodes.domain.identity import artist_id
from songnodes.domain.records import ArtistProfile, Event
from songnodes.errors import Poison
from tests.support.page_records import page

OBSERVED_ON = date(2026, 7, 1)
EXPECTED = Path(__file__).parent / "expected"


def parsed(value: Any) -> tuple[list[Event], list[ArtistProfile]]:
    outputs = sources.parse(page(json.dumps(value).encode()))
    return of(outputs, "bronze.events"), of(outputs, "bronze.artists")


def of(outputs: list[Output], topic: str) -> list[Any]:
    return [output.record for output in outputs if output.topic == topic]


@pytest.fixture
def excerpt(shared_data: Path) -> bytes:
    return (shared_data / "json" / "ra" / "graphql-event-listings-excerpt.json").read_bytes()


def test_every_fact_of_the_real_listing(excerpt: bytes) -> None:
    outputs = sources.parse(page(excerpt))
    expected = json.loads((EXPECTED / "ra-graphql-event-listings-excerpt.json").read_text(encoding="utf-8"))
    assert facts(outputs) == expected


def facts(outputs: list[Output]) -> list[Any]:
    """Return the fields of events and artists without envelope and hashes."""
    envelope = {
        "event_id",
        "source",
        "observed_at",
        "origin",
        "pipeline_version",
        "content_hash",
        "page_id",
        "parser_version",
    }
    plain = json.loads(json.dumps([output.record for output in outputs], default=str))
    return [{name: part for name, part in record.items() if name not in envelope} for record in plain]


def test_the_listing_links_to_its_events(excerpt: bytes) -> None:
    links = sources.discover(page(excerpt))
    assert [(link.found.page_id, link.date_text) for link in links] == [
        ("ra:event:2480119", "2026-07-08"),
        ("ra:event:2476779", "2026-07-08"),
    ]


DETAIL = {
    "id": "1",
    "title": "Night",
    "date": "2026-07-08T00:00:00.000",
    "startTime": "2026-07-08T23:00:00.000",
    "endTime": "2026-07-09T06:00:00.000",
    "contentUrl": "/events/1",
    "lineup": 'Live: <artist id="9">Bo</artist> b2b <artist id="7">Ada</artist> + a friend',
    "attending": 3,
    "interestedCount": 40,
    "isFestival": False,
    "cost": "10",
    "venue": {
        "id": "5",
        "name": "Cellar",
        "address": "1 Street",
        "area": {"name": "Berlin", "ianaTimeZone": "Europe/Berlin", "country": {"name": "Germany"}},
        "location": {"latitude": 52.5, "longitude": 13.4},
    },
    "artists": [{"id": "7", "name": "Ada", "contentUrl": "/dj/ada"}, {"id": "8", "name": "C, D & E b2b F"}],
    "promoters": [{"id": "1", "name": "P"}, {"id": "2", "name": "P"}],
    "genres": [{"id": "1", "name": "Techno"}],
}


def detail(**changes: Any) -> dict[str, Any]:
    return {"data": {"event": {**DETAIL, **changes}}}


def test_a_detail_response_is_parsed() -> None:
    (event,), artists = parsed(detail())
    assert event["ra_event_id"] == "ra:1"
    assert event["start_time"] == datetime(2026, 7, 8, 21, tzinfo=UTC)
    assert event["end_time"] == datetime(2026, 7, 9, 4, tzinfo=UTC)
    assert (event["start_local"], event["timezone"]) == ("2026-07-08T23:00:00", "Europe/Berlin")
    assert (event["city"], event["country"], event["promoters"]) == ("Berlin", "Germany", ["P"])
    assert event["venue"] == {
        "name": "Cellar",
        "native_id": "5",
        "address": "1 Street",
        "latitude": 52.5,
        "longitude": 13.4,
    }
    assert [(act["native_id"], act["name"]) for act in event["lineup"]] == [
        ("7", "Ada"),
        ("8", "C, D & E b2b F"),
        ("9", "Bo"),
    ]
    assert event["lineup_text"] == "Live: Bo b2b Ada + a friend"
    assert [(artist["artist_id"], artist["url"], artist["ids"]) for artist in artists] == [
        (artist_id("Ada"), "https://ra.co/dj/ada", {"ra": "7"}),
        (artist_id("C, D & E b2b F"), None, {"ra": "8"}),
        (artist_id("Bo"), None, {"ra": "9"}),
    ]


def test_attendance_does_not_change_the_content_hash() -> None:
    (first,), _ = parsed(detail())
    (second,), _ = parsed(detail(attending=99, interestedCount=99))
    (changed,), _ = parsed(detail(cost="12"))
    assert first["content_hash"] == second["content_hash"] != changed["content_hash"]


def test_a_venue_without_coordinates_has_none() -> None:
    """The site writes 0, 0 for unknown coordinates."""
    venue = {**DETAIL["venue"], "location": {"latitude": 0, "longitude": 0}}  # type: ignore[dict-item]
    (event,), _ = parsed(detail(venue=venue))
    assert event["venue"] is not None
    assert (event["venue"]["latitude"], event["venue"]["longitude"]) == (None, None)
    (bare,), _ = parsed(detail(venue=None, area={"name": "Bern", "ianaTimeZone": "Europe/Zurich"}))
    assert (bare["venue"], bare["city"], bare["timezone"]) == (None, "Bern", "Europe/Zurich")


TIMES = [
    ("2026-07-08T23:00:00.000", None, "Europe/Berlin", (21, None), ()),
    (None, None, "Europe/Berlin", (None, None), ()),
    ("2026-07-08T23:00:00.000", "2026-07-09T06:00:00.000", None, (None, None), ()),
    ("2026-07-08", None, "UTC", (0, None), ()),
    ("2026-07-08T23:00:00.000", "2026-07-08T06:00:00.000", "UTC", (23, None), ("end_out_of_order",)),
    ("2026-07-08T23:00:00.000", None, "Mars/Base", (None, None), ("zone_unknown",)),
    ("2026-07-08T23:00:00.000", None, "../../etc", (None, None), ("zone_unknown",)),
    ("tonight", "2026-13-01T00:00", "UTC", (None, None), ("start_unreadable", "end_unreadable")),
    ("0001-01-01T00:00:00", None, "Asia/Tokyo", (None, None), ("start_implausible",)),
]


@pytest.mark.parametrize(("start", "end", "zone", "hours", "warnings"), TIMES)
def test_local_times_are_converted(
    start: str | None, end: str | None, zone: str | None, hours: tuple[Any, Any], warnings: tuple[str, ...]
) -> None:
    read_times = times.read(start, end, zone, OBSERVED_ON)
    assert (read_times.start and read_times.start.hour, read_times.end and read_times.end.hour) == hours
    assert tuple(warning.split(":")[0] for warning in read_times.warnings) == warnings


def test_daylight_saving_time_is_applied() -> None:
    for month, hour in ((1, 22), (7, 21)):
        read_times = times.read(f"2026-{month:02}-08T23:00:00.000", None, "Europe/Berlin", OBSERVED_ON)
        assert read_times.start is not None
        assert read_times.start.hour == hour


def _unflattened(flat: dict[str, Any]) -> dict[str, Any]:
    """Return a flattened event in the format of the wire: names are joined by commas, which names can
    contain; the unambiguous ends of addresses are used instead."""
    fields = {name: value for name, value in flat.items() if value not in ("N/A", "", None)}
    slugs = [url.rsplit("/", 1)[1] for url in fields.get("artist_url", "").split(", ") if "/dj/" in url]
    area = {"name": fields["area"], "ianaTimeZone": fields.get("timezone")}
    place = {"latitude": fields.get("latitude"), "longitude": fields.get("longitude")}
    return {
        "id": fields["event_id"],
        "title": fields["event_name"],
        "date": f"{fields['event_date']}T00:00:00.000",
        "startTime": f"{fields['event_date']}T{fields['start_time'].split()[1]}:00.000",
        "contentUrl": f"/events/{fields['event_id']}",
        "interestedCount": fields.get("interested"),
        "lineup": fields.get("lineup"),
        "venue": {
            "name": fields.get("venue"),
            "address": fields.get("address"),
            "area": area,
            "location": place,
        },
        "artists": [
            {"id": str(n), "name": slug, "contentUrl": f"/dj/{slug}"} for n, slug in enumerate(slugs)
        ],
        "promoters": [{"name": name} for name in fields.get("promoters", "").split(", ")],
    }


@pytest.mark.parametrize(("city", "zone"), [("berlin", "Europe/Berlin"), ("atlanta", "America/New_York")])
def test_a_hundred_real_events_of_a_city_are_parsed(shared_data: Path, city: str, zone: str) -> None:
    flat = json.loads((shared_data / "json" / "ra" / f"{city}_full.json").read_text(encoding="utf-8"))
    assert len(flat) == 100
    for flat_event in flat:
        (event,), artists = parsed({"data": {"event": _unflattened(flat_event)}})
        assert event["date"].isoformat() == flat_event["event_date"]
        assert event["timezone"] == flat_event["timezone"] == zone
        assert event["start_time"] is not None
        assert event["start_local"] is not None
        assert flat_event["start_time"].endswith(event["start_local"][11:16])
        assert event["city"] == city.capitalize()
        assert event["warnings"] == []
        slugs = [url for url in flat_event["artist_url"].split(", ") if "/dj/" in url]
        assert len(event["lineup"]) == len(slugs)
        assert {artist["url"] for artist in artists} <= set(slugs)
        assert (event["venue"] is not None and event["venue"]["latitude"] is None) == (
            flat_event["latitude"] == 0
        )


REFUSED = [
    ({"data": {"event": None}}, "event", "missing"),
    ({"data": {}}, "event", "unexpected_shape"),
    ({"errors": [{"message": "no", "extensions": {"code": "X"}}], "data": None}, "event", "api_error"),
    (detail(id="2"), "event", "other_page"),
    (detail(date=None, startTime=None), "event", "unexpected_shape"),
    ({"data": {"eventListings": None}}, "event-listing", "unexpected_shape"),
    ([], "event-listing", "unexpected_shape"),
]


@pytest.mark.parametrize(("value", "kind", "expected"), REFUSED)
def test_invalid_bodies_are_refused_with_their_reason(value: Any, kind: str, expected: str) -> None:
    page_ref = Found(source="ra", kind=kind, native_id="1")
    with pytest.raises(Poison) as caught:
        sources.parse(page(json.dumps(value).encode(), found=page_ref))
    assert caught.value.reason == expected


def test_a_day_without_events_is_not_a_failure() -> None:
    value = {"data": {"eventListings": {"data": [], "totalResults": 0}}}
    assert parsed(value) == ([], [])


def test_requests_have_addresses_that_are_recognised() -> None:
    two_days = listing("34", "2026-07-08", "2026-07-09")
    variables = []
    for page_ref in (two_days, Found(source="ra", kind="event", native_id="1")):
        request = sources.request(page_ref)
        assert request is not None
        assert request.body is not None
        variables.append(json.loads(request.body)["variables"])
        recognised = sources.by_url(request.url)
        assert recognised is not None
        assert recognised.page_id == page_ref.page_id
    assert variables[0]["filters"]["areas"] == {"eq": 34}
    assert variables[1] == {"id": "1"}
    body = json.dumps({"data": {"eventListings": {"data": []}}}).encode()
    assert sources.recognise(Material(body, url=two_days.url)) == two_days
