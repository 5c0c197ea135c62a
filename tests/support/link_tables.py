"""Tables of the resolver in a form that is comparable between two histories of the same facts."""

from collections.abc import Mapping
from typing import LiteralString

import psycopg

from tests.support.tables import MAY_DIFFER, Rows, canonical

#: Of claims that a row names or that a person joined. An id that neither does any more goes where it last
#: went, for ever (docs/merges.md): that alone depends on the pages seen before the newest, and is left out.
#: Readings of a claim, of which the smallest ever seen is kept, compare: with `link_scenarios` no older
#: version of a page has one that the newest pages lack.
QUERIES: Mapping[str, LiteralString] = {
    "facts of playlists": "SELECT * FROM resolver_playlists",
    "facts of rows": "SELECT * FROM resolver_sightings",
    "facts of claims": "SELECT c.* FROM resolver_claims AS c JOIN pg_temp.named USING (claim_id)",
    "facts of people": "SELECT * FROM resolver_decisions",
    "facts of events": "SELECT * FROM resolver_events",
    "marks": "SELECT * FROM resolver_marks",
    "canonical": "SELECT c.* FROM track_canonical AS c JOIN pg_temp.named USING (claim_id)",
    "links": "SELECT * FROM track_links",
    "sets": "SELECT * FROM set_links",
    # One that leads to itself again is as good as one that never led away.
    "redirects": "SELECT r.* FROM track_redirects AS r JOIN pg_temp.named ON claim_id = track_id"
    " WHERE canonical_id IS NOT NULL",
}
NAMED: LiteralString = """
    CREATE TEMPORARY VIEW named AS
    SELECT claim_id FROM resolver_sightings
    UNION
    SELECT unnest(ARRAY[claim_a, claim_b]) FROM resolver_decisions WHERE kind = 'merge' AND NOT withdrawn
"""
#: Column `asked` is the last resolution that was sent, which depends on the order of the records.
LEFT_OUT = {*MAY_DIFFER, "asked", "observed_at"}


def read(database_url: str) -> dict[str, Rows]:
    """Return the rows of all tables."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(NAMED)
        return {name: _rows(connection, query) for name, query in QUERIES.items()}


def _rows(connection: psycopg.Connection, query: LiteralString) -> Rows:
    cursor = connection.execute(query)
    names = [column.name for column in cursor.description or ()]
    return sorted(canonical(dict(zip(names, row, strict=True)), LEFT_OUT) for row in cursor)
