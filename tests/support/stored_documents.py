"""Stored rows without some of what they have: changes within the transaction that the web reads in."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from queries.database import prepare
from songnodes.settings import Settings
from web.database import WEB_SESSION, Database
from web.kept import Kept

#: Tables that refresh and other stages fill after the rows that pages begin with.
COMPUTED_TABLES = (
    *("gold_artist_collaboration_network", "gold_cut_counts", "gold_dj_analytics", "gold_dj_counts"),
    *("gold_first_plays", "gold_label_analytics", "gold_playlist_analytics", "gold_producer_analytics"),
    *("gold_rank_snapshots", "gold_search", "gold_track_artists", "gold_track_labels"),
    *("gold_track_matches", "gold_track_support"),
    *("gold_transition_pairs", "refresh_state", "refresh_steps"),
    *("silver_enriched_artists", "silver_enriched_tracks", "silver_events"),
)
_JSON_COLUMNS = """
    SELECT table_name, column_name
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND data_type = 'jsonb' AND table_type = 'BASE TABLE'
    ORDER BY 1, 2
"""
_NULLABLE_COLUMNS = """
    SELECT table_name, array_agg(column_name::text) AS columns
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND is_nullable = 'YES'
      AND is_generated = 'NEVER' AND (table_name LIKE 'gold%' OR table_name LIKE 'silver%')
    GROUP BY 1
    ORDER BY 1
"""
#: Names of an array's entries in a path.
ENTRIES = "[]"
Path = tuple[str, ...]


class OneConnection(Database):
    """The web's database over one connection of the owner, which is within a transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.own = connection
        self.kept = Kept(most=0)
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Take the connection for a request; a statement that fails leaves the transaction usable."""
        async with self._lock, self.own.transaction():
            yield self.own


@asynccontextmanager
async def one_connection(settings: Settings) -> AsyncIterator[OneConnection]:
    """Yield the database over a connection that may write."""
    session = WEB_SESSION | {"default_transaction_read_only": "off"}
    connection = await asyncpg.connect(settings.database_owner_url, server_settings=session)
    try:
        await prepare(connection)
        async with undone(connection):
            yield OneConnection(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def undone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Undo what is written within."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of documents, with those that are stored by the place of their row."""

    table: str
    name: str
    documents: dict[str, Any] = field(repr=False)

    def paths(self) -> list[Path]:
        """Return the paths of all members of objects, at any depth."""
        result = {path for document in self.documents.values() for path in _paths(document, ())}
        return sorted(result)

    async def without(
        self, connection: asyncpg.Connection, paths: Iterable[Path], *, null: bool = False
    ) -> None:
        """Remove members from all documents; with `null` keep them without a value."""
        for place, document in self.documents.items():
            text = json.dumps(document)
            changed = json.loads(text)
            for path in paths:
                _remove(changed, path, null=null)
            if json.dumps(changed) != text:
                statement = f"UPDATE {self.table} SET {self.name} = $1 WHERE ctid = $2::text::tid"  # noqa: S608
                await connection.execute(statement, changed, place)


async def columns(connection: asyncpg.Connection) -> list[Column]:
    """Return the columns that have documents with members."""
    result = []
    for table, name in await connection.fetch(_JSON_COLUMNS):
        statement = f"SELECT ctid::text, {name} FROM {table} WHERE {name} IS NOT NULL"  # noqa: S608
        column = Column(table, name, dict(await connection.fetch(statement)))
        result += [column] if column.paths() else []
    return result


async def nullable(connection: asyncpg.Connection) -> list[tuple[str, list[str]]]:
    """Return the tables of silver and gold with those of their columns that may be NULL."""
    return [(table, list(names)) for table, names in await connection.fetch(_NULLABLE_COLUMNS)]


async def set_null(connection: asyncpg.Connection, table: str, names: Iterable[str]) -> None:
    """Set columns of all rows to NULL, one after the other; one that a check of the table keeps stays."""
    for name in names:
        with suppress(asyncpg.CheckViolationError):
            async with connection.transaction():
                await connection.execute(f"UPDATE {table} SET {name} = NULL")  # noqa: S608


def _paths(document: Any, before: Path) -> Iterator[Path]:
    if isinstance(document, dict):
        for name, value in document.items():
            yield (*before, name)
            yield from _paths(value, (*before, name))
    elif isinstance(document, list):
        for value in document:
            yield from _paths(value, (*before, ENTRIES))


def _remove(document: Any, path: Path, *, null: bool) -> None:
    name, *rest = path
    if name == ENTRIES:
        for entry in document if isinstance(document, list) else ():
            _remove(entry, tuple(rest), null=null)
    elif isinstance(document, dict) and name in document:
        if rest:
            _remove(document[name], tuple(rest), null=null)
        elif null:
            document[name] = None
        else:
            del document[name]
