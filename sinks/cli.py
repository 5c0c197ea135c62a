"""`songnodes migrate | refresh | reconcile`."""

import json
from datetime import datetime
from typing import Annotated

import psycopg
import typer

from sinks import migrations, reconciliation
from sinks import refresh as refreshing
from songnodes.cli import terminal
from songnodes.servers import reached
from songnodes.settings import settings

NO_TRIGRAMS = (
    "warning: this database has no extension pg_trgm, so searches by name (query example 1) read the whole "
    "table. Install PostgreSQL's contrib modules on the server, or let a superuser run CREATE EXTENSION "
    "pg_trgm, then run `songnodes migrate` again"
)


def migrate() -> None:
    """Apply database migrations."""
    url = reached(settings(), "database_url").owner_url
    applied = migrations.apply(url)
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("The database is up to date" + (f": {len(applied)} migrations applied" if applied else ""))
    if not migrations.has_name_index(url):
        typer.echo(NO_TRIGRAMS, err=True)


def refresh(
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the scores, kept until the next refresh."),
    ] = None,
) -> None:
    """Compute ranks, decayed scores, matches, analytics of sets and the network now."""
    day = refreshing.run(
        reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url"),
        as_of.date() if as_of else None,
    )
    typer.echo(f"refreshed as of {day}")


def reconcile(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Print at most this many differences.")] = 100,
) -> None:
    """Compare the counts in gold with silver, pair by pair. Exit code 1 when they differ."""
    url = reached(settings(), "database_url").database_url
    with psycopg.connect(url, application_name="songnodes-reconcile") as connection:
        result = reconciliation.compare(connection)
    if as_json:
        typer.echo(json.dumps(result.document(), indent=2))
    else:
        _print(result, limit)
    if result.differences:
        raise typer.Exit(1)


def _print(result: reconciliation.Result, limit: int) -> None:
    out = terminal.console()
    if result.differences:
        table = terminal.table("subject", "id", "column", "from silver", "in gold", ids=("subject", "id"))
        for difference in result.differences[:limit]:
            terminal.add(table, *difference.cells())
        terminal.show(table, out)
    out.print(f"{result.compared} tracks compared, {len(result.differences)} differences")
