"""Cursors: the place in a list after which its next part begins, as text that only its own list takes."""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import HTTPException

#: Part of each cursor; another one is of a version of this program with other keys.
VERSION = 2
MAX_CHARS = 6000
MAX_INTEGER = 2**31 - 1
#: Between the refreshes of the first part and of the next one.
MAX_AGE = timedelta(days=1)

#: Columns that sort a list, and the type of each.
Key = Mapping[str, type]

UNUSABLE = "The cursor is not one of this list with these parameters. Begin again without a cursor."
TOO_OLD = (
    "The list was refreshed for more than a day since the first part of it. Begin again without a cursor."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Place in a list: the sort key of the last row before, the number of rows before, and the refresh of
    the first part. At the beginning of a list the values of the key are None."""

    key: tuple[Any, ...]
    seen: int = 0
    as_of: str | None = None


def encoded(place: Place, of_list: str) -> str:
    """Return the cursor of a place. `of_list` names the list with its parameters."""
    values = [value.isoformat() if isinstance(value, date) else value for value in place.key]
    content = json.dumps([place.as_of, place.seen, values], ensure_ascii=False, separators=(",", ":"))
    text = f"{VERSION} {_checksum(of_list, content)} {content}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str | None, of_list: str, key: Key) -> Place:
    """Return the place of a cursor. Raises HTTPException 400 for one of another list, or that is none."""
    if cursor is None:
        return Place((None,) * len(key))
    try:
        return _decoded(cursor, of_list, key)
    except (ValueError, TypeError, RecursionError):
        raise HTTPException(400, UNUSABLE) from None


def require_recent(place: Place, as_of: datetime | None) -> None:
    """Raise HTTPException 400 for a place of long before the last refresh."""
    if place.as_of and as_of and as_of - datetime.fromisoformat(place.as_of) > MAX_AGE:
        raise HTTPException(400, TOO_OLD)


def rows_after(rows: Sequence[Mapping[str, Any]], key: Key, place: Place) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a whole list after a place: after the row with its key, wherever that is now."""
    if not place.seen:
        return rows
    for index in range(len(rows) - 1, -1, -1):
        if tuple(rows[index][column] for column in key) == place.key:
            return rows[index + 1 :]
    return rows[place.seen :]


def _decoded(cursor: str, of_list: str, key: Key) -> Place:
    if len(cursor) > MAX_CHARS:
        raise ValueError
    padded = cursor + "=" * (-len(cursor) % 4)
    text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    version, checksum, content = text.split(" ", 2)
    if version != str(VERSION) or checksum != _checksum(of_list, content):
        raise ValueError
    as_of, row_count, values = json.loads(content)
    if as_of is not None:
        _time(as_of)
    typed = (_typed(value, column) for value, column in zip(values, key.values(), strict=True))
    return Place(tuple(typed), _integer(row_count), as_of)


def _checksum(of_list: str, content: str) -> str:
    """Return what only a cursor of this list has. It is no secret: a place gives no right to anything."""
    return hashlib.sha256(f"{VERSION}\0{of_list}\0{content}".encode("utf-8", "replace")).hexdigest()[:16]


def _typed(value: Any, column: type) -> Any:
    return None if value is None else READERS[column](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode()  # no lone surrogate, which PostgreSQL has not
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment


READERS: Mapping[type, Callable[[Any], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _boolean,
    date: date.fromisoformat,
    datetime: _time,
}
