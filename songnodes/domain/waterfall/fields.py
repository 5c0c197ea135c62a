"""Enriched fields: parsers of provider, page and operator values, with their ranges."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from songnodes.domain.dates import is_release_date, read_release_date
from songnodes.domain.genres import genre_name
from songnodes.domain.keys import Key, read_key
from songnodes.domain.quality.tracks import BPM, DURATION_MS, LOUDNESS, is_well_formed
from songnodes.domain.text import repair

MAX_NAME = 300  # characters


def _id(field: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        text = str(value).strip()
        if field == "isrc":
            text = text.replace("-", "").upper()
        if field == "musicbrainz_id":
            text = text.lower()
        return text if is_well_formed(field, text) else None

    return read


def _number(low: float, high: float, decimals: int = 6) -> Callable[[Any], float | None]:
    def read(value: Any) -> float | None:
        number = float(value)
        return round(number, decimals) if math.isfinite(number) and low <= number <= high else None

    return read


def _duration(value: Any) -> int | None:
    number = int(float(value))
    return number if DURATION_MS[0] <= number <= DURATION_MS[1] else None


def _name(value: Any) -> str | None:
    text = repair(str(value))
    return text if 0 < len(text) <= MAX_NAME else None


def _genres(value: Any) -> tuple[str, ...] | None:
    """Return the genres as the tree spells them; an operator may name one that it lacks."""
    items: Sequence[Any] = value.split(",") if isinstance(value, str) else value
    genres = tuple(dict.fromkeys(genre_name(name) or name for item in items if (name := _name(item))))
    return genres or None


def _key(value: Any) -> Key | None:
    if isinstance(value, Key):
        return value
    if isinstance(value, str):
        return read_key(value)
    number, mode = value  # the two columns
    if mode not in ("major", "minor") or not 1 <= int(number) <= 12:
        return None
    return Key(number=int(number), mode=mode)


def _date(value: Any) -> tuple[date, str] | None:
    if isinstance(value, str):
        return read_release_date(value)
    if isinstance(value, datetime):
        value = value.date()
    day, precision = (value, "day") if isinstance(value, date) else value
    return (day, precision) if is_release_date(day, precision) else None


_SHARE = _number(0.0, 1.0)
#: Characters of an ISO date by precision.
_DATE_CHARS = {"year": 4, "month": 7, "day": 10}

READERS: Mapping[str, Callable[[Any], Any]] = {
    **{field: _id(field) for field in ("spotify_id", "isrc", "musicbrainz_id", "beatport_id")},
    "bpm": _number(*BPM, decimals=2),
    "key": _key,
    **dict.fromkeys(
        (
            *("energy", "danceability", "valence", "acousticness"),
            *("instrumentalness", "liveness", "speechiness"),
        ),
        _SHARE,
    ),
    "loudness": _number(*LOUDNESS),
    "genres": _genres,
    "release_date": _date,
    "release_name": _name,
    "label": _name,
    "duration_ms": _duration,
}


def read_value(field: str, value: Any) -> Any:
    """Return the value as stored, or None where it is not acceptable: out of range, malformed, unknown field.

    Texts are parsed too: "128.0", "8A", "2009-10"."""
    reader = READERS.get(field)
    if reader is None or value is None:
        return None
    try:
        return reader(value)
    except (TypeError, ValueError, OverflowError):
        return None


def columns(field: str, value: Any) -> dict[str, Any]:
    """Return the value of a field as table columns: a key fills two, and so does a date."""
    if field == "key":
        return {"key": value.number, "key_mode": value.mode}
    if field == "release_date":
        return {"release_date": value[0], "release_date_precision": value[1]}
    if field == "genres":
        return {"genres": list(value)}
    return {field: value}


def as_json(field: str, value: Any) -> Any:
    """Return an acceptable value in a form that JSON has and `read_value` reads as the same value."""
    if isinstance(value, Key):
        return value.camelot
    if field == "release_date" and isinstance(value, tuple):
        day, precision = value
        return day.isoformat()[: _DATE_CHARS[precision]]
    return list(value) if isinstance(value, tuple) else value


def shown(field: str, value: Any) -> Any:
    """Return the value as it is in the JSON of an attempt."""
    if field == "key" and isinstance(value, Key):
        return value.camelot
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [shown("", item) for item in value]
    return value
