"""Statements about some sets, tracks or labels find plays by an index, however many there are.

Columns of bookkeeping have collation "C", silver has the default one: a comparison of both needs an explicit
collation to use an index of silver. The planner is kept from the plans that it prefers for small tables.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from queries import database
from sinks.database import query
from songnodes import sql
from tests.support.sink_bench import Bench

SETTINGS = (
    "enable_seqscan",
    "enable_hashjoin",
    "enable_mergejoin",
    "enable_indexonlyscan",
    "enable_material",
)
#: Tables whose size follows the number of sets and tracks.
LARGE = {
    "silver_playlist_tracks",
    "silver_enriched_playlists",
    "silver_enriched_tracks",
    "silver_enriched_artists",
    "gold_track_analytics",
}
REFRESH: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("refresh_supports", "drop_lost", (["p:1"],)),
    ("refresh_supports", "add_plays", (["p:1"],)),
    ("refresh_supports", "find_first", (["dj"], ["a-hit"])),
    ("refresh_labels", "queue_sets", (["p:1"],)),
    ("refresh_labels", "compute", (["drumcode"],)),
    ("refresh_profiles", "queue_sets", (["p:1"],)),
    ("refresh_profiles", "producers", (["a"],)),
    ("refresh_profiles", "djs", (["dj"],)),
    ("refresh_cuts", "queue_sets", (["p:1"],)),
    ("refresh_cuts", "compute", (["a-hit"], 4)),
)
COMMANDS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("tracks", "supporters", ("a-hit", 10)),
    ("tracks", "sets_with", ("a-hit", 10)),
    ("artists", "tracks_of", ("a", 10)),
    ("artists", "breaks", ("dj", 10)),
    ("labels", "tracks_of", ("drumcode", 10)),
    ("labels", "supporters_of", ("drumcode", 10)),
    ("charts", "year", ("a-hit",)),
    ("charts", "top_of_stored_cut", ("country", "Spain", "2025", None, 10)),
    ("lineage", "of_track", ("a-hit", 10)),
)


def scans(node: dict[str, Any], condition: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield each scan of a plan: its table, and whether an index finds the rows."""
    condition = condition or "Index Cond" in node
    children = node.get("Plans", [])
    if "Relation Name" in node and node["Node Type"] != "ModifyTable":
        yield node["Relation Name"], condition or any("Index Cond" in child for child in children)
    for child in children:
        yield from scans(child)


async def unindexed(bench: Bench, statement: str, arguments: tuple[Any, ...]) -> set[str]:
    """Return the large tables that a statement would read as a whole."""
    async with database.connected(bench.settings) as connection:
        for name in SETTINGS:
            await connection.execute(f"SET {name} = off")
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments)
    document = json.loads(plan) if isinstance(plan, str) else plan
    return {table for table, is_found in scans(document[0]["Plan"]) if not is_found} & LARGE


@pytest.mark.parametrize(("file", "name", "arguments"), REFRESH, ids=lambda value: str(value))
async def test_refresh_reads_no_large_table_as_a_whole(
    bench: Bench, file: str, name: str, arguments: tuple[Any, ...]
) -> None:
    assert await unindexed(bench, query(file, name), arguments) == set()


@pytest.mark.parametrize(("file", "name", "arguments"), COMMANDS, ids=lambda value: str(value))
async def test_commands_read_no_large_table_as_a_whole(
    bench: Bench, file: str, name: str, arguments: tuple[Any, ...]
) -> None:
    assert await unindexed(bench, sql.query("queries", file, name), arguments) == set()
