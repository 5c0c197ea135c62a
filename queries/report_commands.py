"""`songnodes coverage` and `songnodes costs`: which provider fills what, quality by site, what calls cost."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import asyncpg
import typer

from queries import database, output
from queries.commands import Form, answer
from queries.database import Row
from songnodes.cli.terminal import say

#: A report reads all rows: 25 million take longer than the limit of other questions.
STATEMENT_TIMEOUT = "300s"
EPOCH = date(1970, 1, 1)

COVERAGE_COLUMNS = (
    "field",
    "field_share",
    "provider",
    "share",
    "chosen",
    "answered",
    "considered",
    "confidence",
)
ARTIST_COLUMNS = ("field", "field_share", "provider", "share", "artists")
QUALITY_COLUMNS = (
    "source", "parser_version", "sets", "rows", "identified_share", "cue_share", "needs_review", "rejected",
    "row_validation", "completeness", "quality", "dated_share",
)  # fmt: skip
COST_COLUMNS = (
    "provider", "operation", "tracks", "artists", "calls", "calls_per_track", "cached", "cache_share",
    "hits", "misses", "failed", "refused", "latency_p50_ms", "latency_p95_ms",
)  # fmt: skip


async def report(connection: asyncpg.Connection, name: str, *arguments: Any) -> list[Row]:
    """Return the rows of a statement over whole tables, with a time limit of its own."""
    async with connection.transaction(readonly=True):
        await connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        return await database.rows(connection, "reports", name, *arguments)


def coverage(
    by_source: Annotated[
        bool, typer.Option("--by-source", help="Quality of sets and rows by site and parser version.")
    ] = False,
    artists: Annotated[bool, typer.Option("--artists", help="Share of artists with each value.")] = False,
    form: Form = output.Format.TABLE,
) -> None:
    """Show the share of tracks or artists with each value, by provider; or the quality by site and parser."""
    name = "quality" if by_source else "artist_coverage" if artists else "coverage"
    columns = {"quality": QUALITY_COLUMNS, "artist_coverage": ARTIST_COLUMNS}.get(name, COVERAGE_COLUMNS)
    rows = answer(lambda connection: report(connection, name))
    output.write(rows, columns, form, empty="nothing is stored yet")


def costs(
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="First day (UTC). Default: all days."),
    ] = None,
    form: Form = output.Format.TABLE,
) -> None:
    """Show calls, cache share and latency by provider and operation."""
    first = datetime.combine(since.date() if since else EPOCH, time(), UTC)
    rows = answer(lambda connection: report(connection, "costs", first))
    output.write(rows, COST_COLUMNS, form, empty="no provider was called")
    if rows and form is output.Format.TABLE:
        calls, cached, attempts = (sum(row[name] for row in rows) for name in ("calls", "cached", "answers"))
        say(f"{calls} calls; {cached} of {attempts} attempts answered from the cache")
