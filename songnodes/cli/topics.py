"""`songnodes topics`: create or verify topics."""

import json
from typing import Annotated

import typer

from songnodes.messaging import clients, topics
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print the names on the broker as JSON.")]


@app.command()
def apply(
    replication: int = typer.Option(
        0, min=0, help="Copies of each partition, in place of SONGNODES_REPLICATION_FACTOR; 3 on a cluster."
    ),
    as_json: AsJson = False,
) -> None:
    """Create every missing topic, changelogs included, and verify the others."""
    current = reached(settings(), "kafka_bootstrap")
    if replication:
        current = current.model_copy(update={"replication_factor": replication})
    created = topics.apply(clients.admin(current), current)
    if as_json:
        typer.echo(json.dumps({"made": created, "topics": sorted(topics.wanted(current))}))
        return
    for name in created:
        typer.echo(f"created {name}")
    typer.echo(f"{len(topics.wanted(current))} topics as declared, {len(created)} of them new")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Compare all topics with their declaration; list differences and exit with 1 if there are any."""
    current = reached(settings(), "kafka_bootstrap")
    topics.check(clients.admin(current), current)
    if as_json:
        typer.echo(json.dumps({"topics": sorted(topics.wanted(current))}))
        return
    typer.echo(f"{len(topics.wanted(current))} topics as declared")
