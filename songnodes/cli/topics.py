"""`songnodes topics`: make or check the topics."""

import typer

from songnodes.messaging import clients, topics
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def apply(
    replication: int = typer.Option(1, min=1, help="Copies of each partition; 3 on a cluster."),
) -> None:
    """Make every missing topic, changelogs included, and check the others."""
    current = reached(settings(), "kafka_bootstrap")
    made = topics.apply(clients.admin(current), current, replication)
    for name in made:
        typer.echo(f"made {name}")
    typer.echo(f"{len(topics.wanted(current))} topics as declared, {len(made)} of them new")


@app.command()
def check() -> None:
    """Compare all topics with their declaration; exit code 1 and every difference when there is one."""
    current = reached(settings(), "kafka_bootstrap")
    topics.check(clients.admin(current), current)
    typer.echo(f"{len(topics.wanted(current))} topics as declared")
