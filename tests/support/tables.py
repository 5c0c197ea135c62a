"""Contents of the database in a form that is comparable row by row between two pipelines."""

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import psycopg
from psycopg import sql

Rows = list[str]
"""Rows of one table as JSON with sorted keys, sorted."""

#: Columns that may differ between two correct runs, with the reason.
MAY_DIFFER: Mapping[str, str] = {
    "version": "a sum of offsets: a page published or a record delivered twice moves it",
    "event_id": "of records that carry a version it is made of that version",
    "stored_at": "processing time",
    "created_at": "processing time",
    "updated_at": "processing time",
    "published_at": "processing time",
    "recorded_at": "processing time",
    "last_observed_at": "a page seen again with equal content moves nothing by itself; its time shows when"
    " anything is emitted again, be it by a redelivery",
    "newest_at": "the newest last_observed_at of a site",
}
#: Beside those, when the same pages arrive in another order: of those that gave equal content the one that
#: came first is named.
MAY_DIFFER_BY_ORDER: Mapping[str, Mapping[str, str]] = {
    "bronze_scraped_tracks": {
        "scraped_at": "of the first page that had the row",
        "page_sha256": "of the same page",
        "source_url": "of the same page: an address has the title of its day",
        "raw_data": "of the same page: markup, DJ and date around the row; what counts is in content_hash",
    },
    "bronze_scraped_playlists": {
        "id": "made of the fetch's sha256, too",
        "scraped_at": "of the first of equal fetches that arrived",
        "page_sha256": "of the same fetch",
        "counters": "views and likes of that fetch",
    },
}
LAYERS = ("bronze", "silver", "gold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All tables of the three layers."""

    tables: Mapping[str, Rows]

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {name: len(rows) for name, rows in self.tables.items()}

    def differences(self, other: "Snapshot", shown: int = 4) -> str:
        """Return the rows that only one side has, per table; empty if both are equal."""
        return differences(self.tables, other.tables, shown)


def snapshot(database_url: str, *, any_order: bool = False) -> Snapshot:
    """Return all rows of bronze, silver and gold tables and stored views, without columns that may differ."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND (relkind = 'r' OR relkind = 'm' AND relispopulated) ORDER BY relname"
            )
            if name.startswith(LAYERS)
        ]
        return Snapshot(tables={name: _rows(connection, name, any_order) for name in names})


def differences(ours: Mapping[str, Rows], theirs: Mapping[str, Rows], shown: int = 4) -> str:
    """Return the first few lines of each name that only one side has."""
    lines = []
    for name in sorted(ours.keys() | theirs.keys()):
        left, right = set(ours.get(name, ())), set(theirs.get(name, ()))
        if left != right or len(ours.get(name, ())) != len(theirs.get(name, ())):
            lines.append(f"{name}: {len(left - right)} rows only here, {len(right - left)} only there")
            lines += [f"  here:  {row}" for row in sorted(left - right)[:shown]]
            lines += [f"  there: {row}" for row in sorted(right - left)[:shown]]
    return "\n".join(lines)


def canonical(value: Mapping[str, object], without: Set[str] | Iterable[str] = ()) -> str:
    """Serialise a record in a canonical form."""
    left_out = set(without)
    compared = {key: item for key, item in value.items() if key not in left_out}
    return json.dumps(compared, sort_keys=True, default=str, ensure_ascii=False)


def _rows(connection: psycopg.Connection, name: str, any_order: bool) -> Rows:
    without = set(MAY_DIFFER) | (set(MAY_DIFFER_BY_ORDER.get(name, ())) if any_order else set())
    query = sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(name))
    return sorted(canonical(row, without) for (row,) in connection.execute(query))
