"""Venue, city, country and event of a title are distinguished by lists of names, not by position."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources import places
from producers.sources.places import Place, read_place

PLACES = [
    ("Cellar", Place(venue="Cellar")),
    ("Cellar, Berlin", Place(venue="Cellar", city="Berlin")),
    ("Berlin", Place(city="Berlin")),
    ("Berlin, Cellar", Place(venue="Cellar", city="Berlin")),
    ("Cellar Club, Riccione, Italy", Place(venue="Cellar Club", city="Riccione", country="Italy")),
    ("Cellar Club, Smallville, Italy", Place(venue="Cellar Club", city="Smallville", country="Italy")),
    ("Cellar Club, Smallville", Place(venue="Cellar Club")),
    ("Cellar, London, UK", Place(venue="Cellar", city="London", country="United Kingdom")),
    ("Night Ferry, Cellar, Köln", Place(venue="Cellar", city="Köln", event="Night Ferry")),
    ("Harbour Room, 2024-05-01", Place(venue="Harbour Room")),
    ("Harbour Room, 2024-05-01, Porto", Place(venue="Harbour Room", city="Porto")),
    ("2024-05-01", Place()),
    ("12 March, Cellar, Oslo", Place(venue="Cellar", city="Oslo")),
    ("Friday, Cellar, Oslo", Place(venue="Cellar", city="Oslo")),
    ("Cellar, Oslo (Night Show, 2024-05-01)", Place(venue="Cellar", city="Oslo", event="Night Show")),
    ("Time Warp, Mannheim", Place(city="Mannheim", event="Time Warp")),
    ("Harbour Radio", Place(event="Harbour Radio")),
    ("Harbour Sounds 842", Place(event="Harbour Sounds 842")),
    ("Club 77, Sydney", Place(venue="Club 77", city="Sydney")),
    ("cellar, GENEVE", Place(venue="cellar", city="GENEVE")),
    (", ,", Place()),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_places_are_read_from_titles(text: str, place: Place) -> None:
    assert read_place(text) == place


@given(st.text(max_size=60) | st.lists(st.sampled_from([p for p, _ in PLACES])).map(", ".join))
def test_a_date_is_never_a_venue(text: str) -> None:
    place = read_place(text)
    for name in (place.venue, place.city, place.event):
        assert name is None or not places.is_date(name)


def test_places_of_real_titles_are_read(shared_data: Path) -> None:
    with gzip.open(shared_data / "dataset" / "mixesdb-sets" / "input_test_set.csv.gz", "rt") as file:
        titles = {row["set_title"] for row in csv.DictReader(file)}
    read = {title: read_place(title.split(" @ ", 1)[1]) for title in titles if " @ " in title}
    assert len(read) == 32
    cities = sorted(place.city for place in read.values() if place.city)
    assert cities == ["Berlin", "Gelsenkirchen", "Ibiza", "London", "Los Angeles"]
    venues = {place.venue for place in read.values() if place.city}
    assert venues == {"Void", "Veltins Arena", "Space", "XOYO", "Mixmag DJ Lab"}
    shows = [place for title, place in read.items() if "Beats In Space" in title]
    assert {place.venue for place in shows} == {None}
    festivals = {
        place.event for title, place in read.items() if "Creamfields" in title or "Nature One" in title
    }
    assert {name and name.split(" - ")[0] for name in festivals} == {"Creamfields", "Nature One"}
