"""Statements about some sets, tracks or labels find plays by an index, however many there are.

Columns of bookkeeping have collation "C", silver has the default one: a comparison of both needs an explicit
collation to use an index of silver. The planner is kept from the plans that it prefers for small tables.
"""

import json
from collections.abc import Iterator
from typing import Any

from queries import database
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
    "gold_track_counts",
    "gold_track_scores",
    "gold_track_ranks",
    "gold_track_matches",
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
    ("refresh_profiles", "dj_counts", (["dj"],)),
    ("refresh_cuts", "queue_sets", (["p:1"],)),
    ("refresh_cuts", "compute", (["a-hit"], 4)),
)
COMMANDS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("tracks", "supporters", ("a-hit", 10)),
    ("tracks", "sets_with", ("a-hit", 10)),
    ("artists", "tracks_of", ("a", 10)),
    ("artists", "breaks", ("dj", 10)),
    ("artists", "played_by", ("dj", 10)),
    ("tracks", "stored_partners", ("a-hit", 10)),
    ("labels", "tracks_of", ("drumcode", 10)),
    ("labels", "supporters_of", ("drumcode", 10)),
    ("charts", "year", ("a-hit",)),
    ("charts", "top_of_stored_cut", ("country", "Spain", None, "2025", None, 10)),
    ("lineage", "of_track", ("a-hit", 10)),
    ("lineage", "part_of_track", ("a-hit", 10)),
)

WEB: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("artists", "label_keys", ("drumcode",)),
    ("sets", "other_tracklists", ("p:1", "p:1")),
    ("drawings", "keys_of_dj", ("dj",)),
    ("drawings", "moves_of_dj", ("dj",)),
)

#: So many that reading all rows costs more than finding some.
SETS = 400
FILL = (
    """
    INSERT INTO silver_enriched_playlists (id, playlist_id, source, source_url, title, mix_name, set_id,
        counted, dj_ids, dj_names, styles, genres, recordings, row_count, identified_rows, data_completeness,
        confidence_score, validation_score, data_quality_score, validation_status, checks, page_ids,
        content_hash, parser_version, last_observed_at, version, pipeline_version, event_id)
    SELECT gen_random_uuid(), 'p:' || n, 'test', '', '', '', 'p:' || n, true, ARRAY['dj' || n], '{}', '{}',
        '{}', '[]', 25, 25, 1, 1, 1, 1, 'valid', '[]', '{}', '', 1, now(), 1, '1', gen_random_uuid()
    FROM generate_series(1, %s) AS n
    """,
    """
    INSERT INTO silver_playlist_tracks (playlist_id, row_index, row_key, bronze_id, position, group_index,
        role, status, track_id, artist_names, artist_ids, version_artist_ids, featured_ids, validation,
        validation_status, checks, version, pipeline_version)
    SELECT 'p:' || n, place, place::text, gen_random_uuid(), place + 1, place, 'main', 'identified',
        't' || (n * 7 + place) %% 1000, '{}', '{}', '{}', '{}', 1, 'valid', '[]', 1, '1'
    FROM generate_series(1, %s) AS n, generate_series(0, 24) AS place
    """,
)


def fill(bench: Bench) -> None:
    """Write sets and plays, without their records."""
    for statement in FILL:
        bench.execute(statement, SETS)
    bench.execute("ANALYZE silver_enriched_playlists")
    bench.execute("ANALYZE silver_playlist_tracks")


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


async def test_statements_read_no_large_table_as_a_whole(bench: Bench) -> None:
    fill(bench)
    findings = {}
    for package, statements in (("sinks", REFRESH), ("queries", COMMANDS), ("web", WEB)):
        for file, name, arguments in statements:
            tables = await unindexed(bench, sql.query(package, file, name), arguments)
            if tables:
                findings[file, name] = tables
    assert findings == {}
