"""Find the one entity that an argument means: an id, or a name."""

import asyncpg

from queries import database
from queries.search import Hit, Kind, search
from songnodes.errors import UserError

MAX_SUGGESTIONS = 5
_EXISTS = {"artist": ("artists", "artist"), "set": ("sets", "set"), "label": ("labels", "label")}


class NotFound(UserError):
    """Nothing has this id or name"""

    remedy = "`songnodes search TEXT` finds names, also misspelled ones"


class Ambiguous(UserError):
    """Several have this name"""

    remedy = "Give one of these ids"


async def find(connection: asyncpg.Connection, kind: Kind, text: str) -> str:
    """Return the id of the entity with this id or name; of a merged track the id that has its counts.

    A name is that of the best hit of a search, unless another hit has exactly the same name and artists.
    Raises NotFound and Ambiguous.
    """
    if kind == "track":
        row = await database.row(connection, "tracks", "canonical", text)
        if row is not None:
            return str(row["track_id"])
    elif await database.row(connection, *_EXISTS[kind], text) is not None:
        return text
    hits = await search(connection, text, kinds=(kind,), limit=MAX_SUGGESTIONS)
    if not hits:
        raise NotFound(text, kind=kind)
    same = [hit for hit in hits if (hit.name, hit.detail) == (hits[0].name, hits[0].detail)]
    if len(same) > 1:
        raise Ambiguous(", ".join(map(_shown, same)))
    return hits[0].id


def _shown(hit: Hit) -> str:
    return f"{hit.id} ({hit.detail} - {hit.name})"
