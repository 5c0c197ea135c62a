"""Statements about all tables of a rebuild, on several connections: one uses one core of the server."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg

from operations.rebuild.beside import TablesBeside
from operations.rebuild.beside_tables import BesideTable
from operations.rebuild.plan import RebuildPlan
from songnodes.settings import Settings

T = TypeVar("T")


def tables_beside(connection: psycopg.Connection, plan: RebuildPlan) -> TablesBeside:
    """Return the tables of a rebuild; `connection` is the owner's, in autocommit."""
    return TablesBeside(connection, plan.scope, plan.replaces[plan.stage])


def each_table(
    settings: Settings,
    plan: RebuildPlan,
    tables: Sequence[BesideTable],
    connections: int,
    call: Callable[[TablesBeside, BesideTable], T],
) -> list[T]:
    """Call a function with every table, `connections` at a time; return the results in the order of tables.

    Raises the error of the first that fails.
    """

    def run(table: BesideTable) -> T:
        with psycopg.connect(
            settings.owner_url, autocommit=True, application_name="songnodes-rebuild"
        ) as connection:
            return call(tables_beside(connection, plan), table)

    with ThreadPoolExecutor(connections) as executor:
        return list(executor.map(run, tables))
