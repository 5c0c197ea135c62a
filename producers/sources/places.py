"""Places as titles name them: "Venue, City, Country", "Event, Venue, City (Show, date)".

A segment is a country, a city or a date by what it is, not by its position; the venue is the segment directly
before the city. Where no city is known, none is guessed.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from producers.sources import titles
from producers.sources.setlists import noise
from songnodes.domain.text import norm_v1

#: Other names of countries in `countries.txt`.
COUNTRY_NAMES = {
    **dict.fromkeys(
        ("UK", "U.K.", "GB", "England", "Scotland", "Wales", "Northern Ireland"), "United Kingdom"
    ),
    **dict.fromkeys(("USA", "U.S.A.", "US", "U.S."), "United States"),
    **dict.fromkeys(("Holland", "The Netherlands"), "Netherlands"),
    "Czechia": "Czech Republic",
    "UAE": "United Arab Emirates",
}
#: What is behind a place in brackets: the show that broadcast it and its date.
BROADCAST = re.compile(r"\s*\((?P<inner>[^()]{0,200})\)\s*$")
NUMERIC_DATE = re.compile(
    r"^(?:(?:19|20)\d{2}(?:[-./][\dX?]{1,2}){0,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))$"
)
#: The number of an episode of a show.
EPISODE = re.compile(r"\s#?\d{2,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place. `event`: name of the event, festival, show or station that the same words give."""

    venue: str | None = None
    city: str | None = None
    country: str | None = None
    event: str | None = None


def read_place(text: str) -> Place:
    """Read what follows "@" in a title. Total: unknown words give a venue only."""
    broadcast = BROADCAST.search(text)
    shows = _segments(broadcast["inner"]) if broadcast else []
    segments = _segments(text[: broadcast.start()] if broadcast else text)
    country = None
    if segments and (country := _country(segments[-1])):
        segments.pop()
    index = _city_index(segments, country)
    city = segments[index] if index is not None else None
    if index is not None:
        segments = segments[:index] or segments[index + 1 :]
    names = [segment for segment in segments if not _is_event(segment, in_city=city is not None)]
    venue = names[-1 if city else 0] if names else None
    events = [segment for segment in segments if segment not in names or (city and segment != venue)] + shows
    return Place(venue=venue, city=city, country=country, event=events[0] if events else None)


def _is_city(name: str) -> bool:
    """Return True for the name of a city on the list, in any case and with or without accents."""
    return norm_v1(name) in _cities()


def is_date(text: str) -> bool:
    """Return True for a date or a day of the week, which is no venue."""
    return bool(NUMERIC_DATE.match(text) or noise.DATE.match(text) or noise.DAY_NAME.match(text))


def _segments(text: str) -> list[str]:
    parts = (part.strip() for part in text.split(","))
    return [part for part in parts if part and not is_date(part)]


def _country(name: str) -> str | None:
    return name if titles.is_country(name) else COUNTRY_NAMES.get(name)


def _city_index(segments: list[str], country: str | None) -> int | None:
    """Return the place of the city: the last on the list, else the segment directly before a country."""
    listed = [index for index, segment in enumerate(segments) if _is_city(segment)]
    if listed:
        return listed[-1]
    return len(segments) - 1 if country and len(segments) > 1 else None


def _is_event(name: str, *, in_city: bool) -> bool:
    """Return True for a station, show or festival. "Club 77" is a venue in a city, else an episode."""
    if (
        titles.RADIO.search(name)
        or titles.PODCAST.search(name)
        or norm_v1(name.split(" - ")[0]) in _festivals()
    ):
        return True
    return not in_city and bool(EPISODE.search(name))


@cache
def _cities() -> frozenset[str]:
    return _names("cities.txt")


@cache
def _festivals() -> frozenset[str]:
    return _names("festivals.txt")


def _names(file: str) -> frozenset[str]:
    text = files("producers.sources").joinpath(file).read_text(encoding="utf-8")
    return frozenset(norm_v1(line) for line in text.splitlines() if line.strip())
