"""Columns of a track that an operator may set: the 20 enriched ones, each with its format and range."""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from songnodes.domain.dates import read_release_date
from songnodes.domain.keys import read_key
from songnodes.domain.quality.tracks import BPM, DURATION_MS, LOUDNESS, is_well_formed

Value = str | int | float | list[str]

MAX_TEXT_CHARS = 300
PARTIAL_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


class InvalidOverride(ValueError):
    """The value is not valid for this field"""


def read(field: str, raw: Any) -> dict[str, Value]:
    """Return the columns that `field` sets, with the values as they are stored.

    `raw` may be text for every field, as on a command line. A key is one unit with its mode and is given in
    any notation ("8A", "F#m", "Db major"). A text or a list may be given as JSON. Raises InvalidOverride.
    """
    if field == "key":
        key = read_key(str(raw))
        if key is None:
            raise InvalidOverride(f"{raw!r} is no key with a mode, such as 8A or F#m")
        return {"key": key.number, "key_mode": key.mode}
    if field not in READERS:
        raise InvalidOverride(f"no field {field!r}; there are {', '.join(FIELDS)}")
    return {field: READERS[field](_from_json(raw))}


def shown(value: Value) -> str:
    """Return a stored value as text that `read` reads as the same value.

    Plain where that is possible, JSON where a text would be read as something else or could drive a terminal.
    """
    if isinstance(value, list):
        plain = ", ".join(value)
        same = [name.strip() for name in plain.split(",")] == value and not _is_json_form(plain)
    elif isinstance(value, str):
        plain, same = value, value == value.strip() and not _is_json_form(value)
    else:
        return json.dumps(value)
    return plain if same and plain.isprintable() else json.dumps(value)


def _is_json_form(text: str) -> bool:
    return text.startswith(('"', "["))


def _from_json(raw: Any) -> Any:
    """Return the text or list that a text in JSON form encodes; anything else unchanged."""
    if isinstance(raw, str) and _is_json_form(raw.strip()):
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            return raw
        if isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            return value
    return raw


def stored(column: str, text: str) -> Value:
    """Return the value of a decision's JSON text. Raises InvalidOverride for an unknown column or value."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidOverride(f"{text[:80]!r} is no JSON") from None
    if isinstance(value, bool | dict) or value is None or _is_not_finite(value):
        raise InvalidOverride(f"{text[:80]!r} is no value of {column!r}")
    if column == "key" and isinstance(value, int) and 1 <= value <= 12:
        return value
    if column == "key_mode" and value in ("major", "minor"):
        return str(value)
    if column not in READERS:
        raise InvalidOverride(f"{text[:80]!r} is no value of {column!r}")
    return READERS[column](value)


def _is_not_finite(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def columns(field: str) -> tuple[str, ...]:
    """Return the columns that `field` sets. Raises InvalidOverride for an unknown one."""
    if field == "key":
        return ("key", "key_mode")
    if field not in READERS:
        raise InvalidOverride(f"no field {field!r}; there are {', '.join(FIELDS)}")
    return (field,)


def _id(field: str) -> Callable[[Any], Value]:
    def reader(raw: Any) -> Value:
        text = str(raw).strip()
        if not is_well_formed(field, text):
            raise InvalidOverride(f"{text!r} has not the form of {field}")
        return text

    return reader


def _number(low: float, high: float) -> Callable[[Any], float]:
    def reader(raw: Any) -> float:
        try:
            value = float(raw)
        except (TypeError, ValueError, OverflowError):
            raise InvalidOverride(f"{str(raw)[:80]!r} is no number") from None
        if not low <= value <= high:
            raise InvalidOverride(f"{raw} is not in {low:g} to {high:g}")
        return value

    return reader


def _duration(raw: Any) -> Value:
    return int(_number(*DURATION_MS)(raw))


def _text(raw: Any) -> Value:
    text = str(raw).strip()
    if not 0 < len(text) <= MAX_TEXT_CHARS:
        raise InvalidOverride(f"{len(text)} characters are not in 1 to {MAX_TEXT_CHARS}")
    return text


def _genres(raw: Any) -> Value:
    """Parse a list, or names separated by commas; the primary one first."""
    names = raw if isinstance(raw, list) else str(raw).split(",")
    genres: list[str] = [str(_text(name)) for name in names]
    if not genres:
        raise InvalidOverride("no genre at all")
    return genres


def _date(raw: Any) -> Value:
    """Parse 2009, 2009-10 or 2009-10-26."""
    text = str(raw).strip()
    match = PARTIAL_DATE.match(text)
    try:
        if match:
            date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
            if read_release_date(text) is not None:
                return text
    except ValueError:
        pass
    raise InvalidOverride(f"{text!r} is no date such as 2009, 2009-10 or 2009-10-26")


_share = _number(0.0, 1.0)

#: The enriched columns but key and key_mode, which go together.
READERS: Mapping[str, Callable[[Any], Value]] = {
    "spotify_id": _id("spotify_id"),
    "isrc": _id("isrc"),
    "musicbrainz_id": _id("musicbrainz_id"),
    "beatport_id": _id("beatport_id"),
    "bpm": _number(*BPM),
    "energy": _share,
    "danceability": _share,
    "valence": _share,
    "acousticness": _share,
    "instrumentalness": _share,
    "liveness": _share,
    "speechiness": _share,
    "loudness": _number(*LOUDNESS),
    "genres": _genres,
    "release_date": _date,
    "release_name": _text,
    "label": _text,
    "duration_ms": _duration,
}
FIELDS = tuple(sorted([*READERS, "key"]))
