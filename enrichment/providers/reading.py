"""Reading of answers: every function accepts any JSON value and never raises."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from songnodes.domain.text import repair
from songnodes.domain.waterfall import read_value
from songnodes.domain.waterfall.fields import MAX_NAME

#: Tracks of one answer that are read; a release with more is no release.
MAX_TRACKS = 500
#: Names of one track or artist that are read: artists, remixers, aliases, genres.
MAX_NAMES = 100
MAX_ID = 64  # characters

Json = Any
Map = Mapping[str, Any]


def parse_json(body: bytes) -> Json:
    """Return the value of a JSON text; None where it is none, or too deep to read.

    Valid texts are decoded in a third of the time; texts that only `json` accepts (a byte order mark, lone
    surrogates, NaN) by that.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def as_map(value: Json) -> Map:
    """Return an object as it is, everything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Return an array as it is, everything else as an empty one."""
    return value if isinstance(value, list) else []


def maps(value: Json, limit: int = MAX_TRACKS) -> Iterator[Map]:
    """Yield the objects of an array, the first `limit` at most; a single object counts as an array of it."""
    items = [value] if isinstance(value, dict) else as_list(value)
    for item in items[:limit]:
        if isinstance(item, dict):
            yield item


def member(value: Json, *path: str) -> Json:
    """Return a member of nested objects; None where one is absent."""
    for name in path:
        value = as_map(value).get(name)
    return value


def text(value: Json) -> str | None:
    """Return a text in its repaired form, without characters that cannot be stored; None for an empty one."""
    if not isinstance(value, str):
        return None
    value = value[: 4 * MAX_NAME]
    if not (value.isascii() and value.isprintable()):
        value = value.replace("\0", "").encode("utf-8", "ignore").decode()
    plain = repair(value)
    return plain if 0 < len(plain) <= MAX_NAME else None


def prose(value: Json, limit: int) -> str | None:
    """Return a longer text, its first `limit` characters, with its line breaks."""
    if not isinstance(value, str):
        return None
    return value[:limit].replace("\0", "").encode("utf-8", "ignore").decode().strip() or None


def identifier(value: Json) -> str | None:
    """Return an id, from a text or a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and not 0 < value < 10**18:
        return None
    plain = str(value).strip()
    return plain if 0 < len(plain) <= MAX_ID and plain.isascii() and plain.isprintable() else None


def number(value: Json) -> float | None:
    """Return a finite number, from a number or its text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        result = float(value if not isinstance(value, str) else value[:40])
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def positive(value: Json) -> float | None:
    """Return a number above zero: providers write 0 for an unknown length or tempo."""
    result = number(value)
    return result if result is not None and result > 0 else None


def names(value: Json, *path: str) -> tuple[str, ...]:
    """Return the distinct texts of an array, or of a member of its objects."""
    items = (member(item, *path) if path else item for item in as_list(value)[:MAX_NAMES])
    return tuple(dict.fromkeys(name for item in items if (name := text(item))))


def url(value: Json) -> str | None:
    """Return an address of the web."""
    plain = text(value)
    return plain if plain and plain.startswith(("https://", "http://")) else None


def isrc(value: Json) -> str | None:
    """Return an ISRC in upper case without dashes; None for a malformed one."""
    plain = text(value)
    result = read_value("isrc", plain.replace(" ", "")) if plain else None
    return str(result) if result else None


def normalised(values: Map) -> dict[str, Any]:
    """Return the acceptable ones of waterfall values, in the form and units of the table."""
    result = {}
    for field, value in values.items():
        read = read_value(field, value)
        if read is not None:
            result[field] = read
    return result


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def duration_ms_of(milliseconds: Json) -> int | None:
    """Return a length in milliseconds; None for an unknown or implausible one."""
    value = read_value("duration_ms", positive(milliseconds))
    return int(value) if value is not None else None


def clock_ms(value: Json) -> int | None:
    """Return the milliseconds of "6:37" or "1:02:03"."""
    plain = text(value)
    parts = plain.split(":") if plain else []
    if not 2 <= len(parts) <= 3 or not all(
        part.isascii() and part.isdigit() and len(part) < 5 for part in parts
    ):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return duration_ms_of(seconds * 1000)


def day(*values: Json) -> str | None:
    """Return the first text that is a date, in whole or in part: providers write 0000-00-00 for none."""
    plain = (text(value) for value in values)
    return next((date for date in plain if date and read_value("release_date", date) is not None), None)


def first(items: Iterable[Any]) -> Any:
    """Return the first item that has a value; None without any."""
    return next((item for item in items if item), None)
