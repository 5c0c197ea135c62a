"""The feed of each list of followed tracks, artists, labels and DJs: atom and json below /feeds."""

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from queries import feeds, subscriptions

router = APIRouter()

#: Readers come back every few minutes; a feed changes when sets arrive.
MAX_AGE_S = 300


@router.get("/feeds/{listed}.{form}")
async def feed(request: Request, listed: str, form: Literal["atom", "json"]) -> Response:
    """Return the feed of a list. A list that follows nothing has an empty one."""
    try:
        subscriptions.list_name(listed)
    except subscriptions.InvalidListName as error:
        raise HTTPException(404) from error
    today = datetime.now(UTC).date()
    async with request.app.state.database.connection() as connection:
        entries = await feeds.entries(connection, listed, today=today)
    address = str(request.url.replace(query=None))
    if form == "atom":
        content: bytes | str = feeds.atom(listed, entries, address=address)
    else:
        content = feeds.json_feed(listed, entries, address=address)
    media_type = feeds.ATOM_TYPE if form == "atom" else feeds.JSON_TYPE
    return Response(
        content, media_type=media_type, headers={"Cache-Control": f"private, max-age={MAX_AGE_S}"}
    )
