"""Answers of the query API: form by suffix or `Accept`, parts by cursor, 304 while nothing was refreshed."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import HTTPException, Query, Request
from starlette.responses import Response

import queries.database
from queries.output import csv_text, plain
from web.api import cursors
from web.api.cursors import Key, Place
from web.database import Database
from web.playlist import m3u8

Rows = Sequence[Mapping[str, Any]]
Form = Literal["json", "csv", "m3u8"]
#: Rows of a part.
MAX_ROWS = 1000
#: Parameters that are not part of what a list is.
OF_PARTS = frozenset({"cursor", "limit"})
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
Cursor = Annotated[str | None, Query(description="`next` of the part before, with the same other parameters")]
#: Rows after a place, at most so many.
Read = Callable[[asyncpg.Connection, Place, int], Awaitable[Rows]]
#: The first statement of a request, which returns the time of the last refresh.
Begin = Callable[[asyncpg.Connection], Awaitable[datetime | None]]


async def refreshed_at(connection: asyncpg.Connection) -> datetime | None:
    """Return the time of the last refresh; None before the first."""
    row = await queries.database.row(connection, "api", "refreshed_at")
    return row["refreshed_at"] if row else None


async def list_answer(
    request: Request,
    read: Read,
    *,
    key: Key,
    limit: int,
    cursor: str | None,
    tracks: bool = False,
    most: int | None = None,
    begin: Begin = refreshed_at,
    kept_as: Hashable = None,
) -> Response:
    """Return a part of a list in the order of its key; all its parts have at most `most` rows.

    With `kept_as` the process keeps the rows of each part under this name until the next refresh.
    """
    form = _form(request, ("json", "csv", "m3u8") if tracks else ("json", "csv"))
    own = _name_of_list(request)
    place = cursors.read(cursor, own, key)
    most_rows = limit if most is None else max(0, min(limit, most - place.seen))
    database: Database = request.app.state.database
    async with database.connection() as connection:
        as_of = await begin(connection)
        if fresh := _not_modified(request, form, as_of):
            return fresh
        cursors.require_recent(place, as_of)
        part_read = partial(read, connection, place, most_rows + 1)
        question = (kept_as, place.key, place.seen, most_rows)
        rows = await (part_read() if kept_as is None else database.kept.get(question, as_of, part_read))
    part = rows[:most_rows]
    count = place.seen + len(part)
    first = place.as_of or _text(as_of)
    following = None
    if part and len(rows) > most_rows and count != most:
        last = Place(tuple(part[-1][column] for column in key), count, first)
        following = cursors.encoded(last, own)
    body = {"as_of": _text(as_of), "changed": first != _text(as_of), "items": part, "next": following}
    headers = _headers(request, form, as_of)
    if following:
        url = request.url.include_query_params(cursor=following, limit=limit)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return _response(form, body, part, headers)


async def entry_answer(
    request: Request,
    read: Callable[[asyncpg.Connection], Awaitable[Mapping[str, Any]]],
    kept_as: Hashable = None,
    begin: Begin = refreshed_at,
) -> Response:
    """Return one entity; with `kept_as` the process keeps it under this name until the next refresh."""
    database: Database = request.app.state.database
    form = _form(request, ("json", "csv"))
    async with database.connection() as connection:
        as_of = await begin(connection)
        if fresh := _not_modified(request, form, as_of):
            return fresh
        if kept_as is None:
            item = await read(connection)
        else:
            item = await database.kept.get(kept_as, as_of, partial(read, connection))
    return _response(form, {"as_of": _text(as_of), "item": item}, [item], _headers(request, form, as_of))


def _name_of_list(request: Request) -> str:
    """Return the path and the parameters that say which rows a list has, and in which order."""
    parameters = sorted(item for item in request.query_params.multi_items() if item[0] not in OF_PARTS)
    return json.dumps([request.url.path, parameters])


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
