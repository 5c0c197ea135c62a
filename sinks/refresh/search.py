"""Names of tracks, artists, sets and labels by their words, for search."""

from collections.abc import Sequence

import asyncpg

from sinks.database import query
from songnodes.domain import search_terms

KINDS = ("track", "artist", "set", "label")
_FILE = "refresh_search"
#: Levels of support, best first: a search reads the entries of a level before those of all.
_LEVELS = ((32, ("HIGH", "MEDIUM")), (4, ("MEDIUM",)))


async def renew(connection: asyncpg.Connection, kind: str, ids: Sequence[str]) -> int:
    """Index the names of these entities in the open transaction; return the number of entries changed."""
    changed: list[tuple[str, str, str]] = []
    gone: list[str] = []
    new_words: set[str] = set()
    for row in await connection.fetch(query(_FILE, "names"), kind, list(ids)):
        if row["name"] is None:
            gone.append(row["id"])
            continue
        words = search_terms.words([row["name"], *(row["further"] or ())])
        entry = lexemes(words, kind, row["weight"])
        if entry != row["words"]:
            changed.append((row["id"], search_terms.name_key(row["name"]), entry))
            new_words.update(words)
    if gone:
        await connection.execute(query(_FILE, "delete"), kind, gone)
    if changed:
        columns = [list(column) for column in zip(*changed, strict=True)]
        await connection.execute(query(_FILE, "upsert"), kind, *columns)
        await _add_words(connection, new_words)
    return len(changed) + len(gone)


async def delete_unused(connection: asyncpg.Connection) -> None:
    """Delete entries of entities that are no more, and words that no entry has, in the open transaction."""
    await connection.execute(query(_FILE, "delete_gone"))
    await connection.execute(query(_FILE, "delete_unused_words"))


async def all_ids(connection: asyncpg.Connection, kind: str) -> list[str]:
    """Return the ids of all entities of a kind."""
    return [row[0] for row in await connection.fetch(query(_FILE, "all"), kind)]


def lexemes(words: Sequence[str], kind: str, weight: int) -> str:
    """Return the text form of the tsvector of an entry, as PostgreSQL writes it."""
    levels = next((names for least, names in _LEVELS if weight >= least), ())
    return " ".join(f"'{word}'" for word in sorted({*words, kind.upper(), *levels}))


async def _add_words(connection: asyncpg.Connection, words: set[str]) -> None:
    rows = await connection.fetch(query(_FILE, "new_words"), sorted(words))
    new_words = [(row["word"], search_terms.deletions(row["word"])) for row in rows]
    await connection.executemany(query(_FILE, "add_word"), new_words)
