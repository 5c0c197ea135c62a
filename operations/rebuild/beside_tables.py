"""Tables of a rebuild as the statements of `sql/rebuild.sql` name them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import psycopg

from sinks import tables
from sinks.tables.writer import Upsert
from songnodes import sql

#: Columns in which a rebuilt row may differ: sums of offsets, ids made of them, times, the code's version.
MAY_DIFFER = ("version", "event_id", "pipeline_version", "last_observed_at", "updated_at", "created_at")
CREATED = "created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideTable:
    """A table of an entity, or of what belongs to it.

    `entity` is the column with the entity's id, `key` the columns that identify a row. `computed` are the
    columns that refresh fills, `kind` names the entity in its queue.
    """

    name: str
    entity: str
    key: Sequence[str]
    columns: Sequence[str]
    computed: Sequence[str]
    kind: str | None

    @property
    def has_created(self) -> bool:
        """True if rows have the time of their first version."""
        return CREATED in self.columns

    def names(self) -> Mapping[str, str]:
        """Return what the statements name. All of it is ours, and needs no quotes."""
        carried = [f"{column} = old.{column}" for column in self.computed]
        created = [CREATED] if self.has_created else []
        if self.has_created:
            carried.append(f"{CREATED} = least(old.{CREATED}, new.{CREATED})")
        compared = [name for name in self.columns if name not in {*MAY_DIFFER, *self.computed}]
        return {
            "table": self.name,
            "entity": self.entity,
            "kind": str(self.kind),
            "key": ", ".join(self.key),
            "old_key": _listed("old", self.key),
            "new_key": _listed("new", self.key),
            "carried": ", ".join(carried),
            "old_carried": _listed("old", [*self.computed, *created]),
            "new_carried": _listed("new", [*self.computed, *created]),
            "old_computed": _listed("old", self.computed),
            "new_computed": _listed("new", self.computed),
            "old_compared": _listed("old", compared),
            "new_compared": _listed("new", compared),
        }


def _listed(relation: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{relation}.{column}" for column in columns)


def tables_of(connection: psycopg.Connection, outputs: Sequence[str]) -> Iterator[BesideTable]:
    """Yield the tables of topics, that of an entity before those of what belongs to it."""
    for topic in outputs:
        writer = cast(Upsert, tables.WRITERS[topic])
        yield BesideTable(
            name=writer.table,
            entity=writer.key,
            key=(writer.key,),
            columns=_names(connection, "table_columns", writer.table),
            computed=sorted(writer.computed),
            kind=writer.refresh,
        )
        for child in writer.children.values():
            yield BesideTable(
                name=child.table,
                entity=writer.key,
                key=_names(connection, "primary_key", child.table),
                columns=_names(connection, "table_columns", child.table),
                computed=sorted(child.computed),
                kind=writer.refresh,
            )


def _names(connection: psycopg.Connection, name: str, table: str) -> list[str]:
    query = sql.query("operations", "rebuild", name).encode()
    return [column for (column,) in connection.execute(query, (f"public.{table}",)).fetchall()]
