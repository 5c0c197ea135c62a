"""`songnodes topics`: make or check the topics."""

import json
from typing import Annotated

import typer

from songnodes.messaging import clients, topics
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="The topics' names on the broker, for programs.")]


@app.command()
def apply(
    replication: int = typer.Option(1, min=1, help="Copies of each partition; 3 on a cluster."),
    as_json: AsJson = False,
) -> None:
    """Make every missing topic, changelogs included, and check the others."""
    current = reached(settings(), "kafka_bootstrap")
    made = topics.apply(clients.admin(current), current, replication)
    if as_json:
        typer.echo(json.dumps({"made": made, "topics": sorted(topics.wanted(current))}))
        return
    for name in made:
        typer.echo(f"made {name}")
    typer.echo(f"{len(topics.wanted(current))} topics as declared, {len(made)} of them new")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Compare all topics with their declaration; exit code 1 and every difference when there is one."""
    current = reached(settings(), "kafka_bootstrap")
    topics.check(clients.admin(current), current)
    if as_json:
        typer.echo(json.dumps({"topics": sorted(topics.wanted(current))}))
        return
    typer.echo(f"{len(topics.wanted(current))} topics as declared")
