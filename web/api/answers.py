"""Answers of the query API: form by suffix or `Accept`, parts by cursor, 304 while nothing was refreshed."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import HTTPException, Query, Request
from starlette.responses import Response

from queries import database
from queries.output import csv_text, plain
from web.playlist import m3u8

Rows = Sequence[Mapping[str, Any]]
Form = Literal["json", "csv", "m3u8"]
#: Rows that a list has in all its parts, as the commands have them.
MAX_ROWS = 1000
MEDIA_TYPES: Mapping[Form, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "m3u8": "application/vnd.apple.mpegurl",
}
#: Further media types of a form, in `Accept`.
ALIASES: Mapping[str, Form] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apple.mpegurl": "m3u8",
    "audio/mpegurl": "m3u8",
    "audio/x-mpegurl": "m3u8",
}

Limit = Annotated[int, Query(ge=1, le=MAX_ROWS, description="Rows of this part")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the part before")]


@dataclass(frozen=True, slots=True)
class Position:
    """Place in a list: the rows before, the key of the last one, the refresh of the first part."""

    offset: int = 0
    key: str | None = None
    as_of: str | None = None

    def encoded(self) -> str:
        """Return the cursor."""
        text = json.dumps([self.offset, self.key, self.as_of])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str | None) -> "Position":
        """Return the place of a cursor. Raises HTTPException 422."""
        if cursor is None:
            return cls()
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            offset, key, as_of = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            valid = isinstance(offset, int) and 0 <= offset <= MAX_ROWS
            valid = valid and all(value is None or isinstance(value, str) for value in (key, as_of))
        except (ValueError, TypeError, RecursionError):
            valid = False
        if not valid:
            raise HTTPException(422, "The cursor is not one of this list; begin without a cursor.")
        return cls(offset, key, as_of)


async def list_answer(
    request: Request,
    read: Callable[[asyncpg.Connection, int], Awaitable[Rows]],
    *,
    key: str | tuple[str, ...],
    limit: int,
    cursor: str | None,
    tracks: bool = False,
) -> Response:
    """Return a part of a list. `read` returns the rows up to a number; the columns `key` name each."""
    form = _form(request, ("json", "csv", "m3u8") if tracks else ("json", "csv"))
    position = Position.of(cursor)
    async with request.app.state.database.connection() as connection:
        as_of = await refreshed_at(connection)
        if fresh := _not_modified(request, form, as_of):
            return fresh
        end = min(position.offset + limit + 1, MAX_ROWS)
        rows = await read(connection, end)
    start = start_of_part(rows, key, position)
    part = rows[start : start + limit]
    more = len(rows) > start + limit
    first = position.as_of or _text(as_of)
    following = Position(start + limit, _name(part[-1], key), first).encoded() if more and part else None
    body = {"as_of": _text(as_of), "changed": first != _text(as_of), "items": part, "next": following}
    headers = _headers(request, form, as_of)
    if following:
        url = request.url.include_query_params(cursor=following, limit=limit)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return _response(form, body, part, headers)


async def entry_answer(
    request: Request, read: Callable[[asyncpg.Connection], Awaitable[Mapping[str, Any]]]
) -> Response:
    """Return one entity."""
    form = _form(request, ("json", "csv"))
    async with request.app.state.database.connection() as connection:
        as_of = await refreshed_at(connection)
        if fresh := _not_modified(request, form, as_of):
            return fresh
        item = await read(connection)
    return _response(form, {"as_of": _text(as_of), "item": item}, [item], _headers(request, form, as_of))


async def refreshed_at(connection: asyncpg.Connection) -> datetime | None:
    """Return the time of the last refresh; None before the first."""
    row = await database.row(connection, "api", "refreshed_at")
    return row["refreshed_at"] if row else None


def _name(row: Mapping[str, Any], key: str | tuple[str, ...]) -> str:
    """Return the values of the key as one text."""
    return " ".join(str(row[column]) for column in ((key,) if isinstance(key, str) else key))


def start_of_part(rows: Rows, key: str | tuple[str, ...], position: Position) -> int:
    """Return the index after the last row of the part before, wherever it is now."""
    if position.key is not None:
        for index in range(len(rows) - 1, -1, -1):
            if _name(rows[index], key) == position.key:
                return index + 1
    return position.offset


def _form(request: Request, allowed: Sequence[Form]) -> Form:
    """Return the form by suffix, else the first one in `Accept` that exists. Raises HTTPException 406."""
    suffix: Form | None = request.scope.get("songnodes.form")
    if suffix is not None:
        if suffix in allowed:
            return suffix
        raise HTTPException(406, f"This is available as {', '.join(allowed)}.")
    accepted = [
        part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")
    ]
    forms = [ALIASES[part] for part in accepted if part in ALIASES]
    if any(part in ("", "*/*", "application/*") for part in accepted) and not forms:
        return "json"
    for form in forms:
        if form in allowed:
            return form
    raise HTTPException(406, f"This is available as {', '.join(MEDIA_TYPES[form] for form in allowed)}.")


def _headers(request: Request, form: Form, as_of: datetime | None) -> dict[str, str]:
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
    if as_of is not None:
        headers["ETag"] = _etag(request, form, as_of)
        headers["Last-Modified"] = format_datetime(as_of.astimezone(UTC), usegmt=True)
    return headers


def _etag(request: Request, form: Form, as_of: datetime) -> str:
    text = f"{as_of.isoformat()} {form} {request.url.path}?{request.url.query}"
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _not_modified(request: Request, form: Form, as_of: datetime | None) -> Response | None:
    """Return 304 if the client has what would be sent; None otherwise."""
    if as_of is None:
        return None
    tags = request.headers.get("if-none-match")
    if tags is not None:
        same = _etag(request, form, as_of) in [tag.strip() for tag in tags.split(",")]
    else:
        same = _is_not_after(as_of, request.headers.get("if-modified-since"))
    return Response(status_code=304, headers=_headers(request, form, as_of)) if same else None


def _is_not_after(as_of: datetime, header: str | None) -> bool:
    try:
        since = parsedate_to_datetime(header or "")
    except ValueError:
        return False
    return as_of.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _response(form: Form, body: Mapping[str, Any], rows: Rows, headers: dict[str, str]) -> Response:
    if form == "json":
        text = json.dumps(body, default=plain, ensure_ascii=False, allow_nan=False)
    else:
        text = csv_text(rows) if form == "csv" else m3u8(rows)
    # a lone surrogate cannot be sent; names from pages cannot have one, addresses can
    return Response(text.encode("utf-8", "replace"), media_type=MEDIA_TYPES[form], headers=headers)


def _text(as_of: datetime | None) -> str | None:
    return as_of.isoformat() if as_of else None
