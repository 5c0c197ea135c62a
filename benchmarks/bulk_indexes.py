"""Indexes and keys of tables that are loaded as a whole: dropped before, made again after."""

import time
from collections.abc import Sequence

import psycopg

#: Per index: its table, its name, its constraint's definition (NULL: none) and its own.
INDEXES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text,
           pg_get_constraintdef(constraints.oid), pg_get_indexdef(indexrelid)
    FROM pg_index
    LEFT JOIN pg_constraint AS constraints ON conindid = indexrelid AND contype IN ('p', 'u')
    WHERE indrelid = ANY (%s::regclass[])
    ORDER BY indrelid, indexrelid
"""


def drop(connection: psycopg.Connection, tables: Sequence[str]) -> list[bytes]:
    """Drop the indexes and unique keys of tables; return the statements that make them."""
    statements = []
    for table, name, constraint, index in connection.execute(INDEXES, [list(tables)]).fetchall():
        if constraint:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
            statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint}".encode())
        else:
            connection.execute(f"DROP INDEX {name}".encode())
            statements.append(index.encode())
    return statements


def make(connection: psycopg.Connection, statements: Sequence[bytes]) -> None:
    """Make dropped indexes again."""
    for statement in statements:
        began = time.perf_counter()
        connection.execute(statement)
        print(f"{statement.decode()[:100]}: {time.perf_counter() - began:.1f} s", flush=True)
