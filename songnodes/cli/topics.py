"""`songnodes topics`: make or check the topics."""

import typer

from songnodes.messaging import clients, topics
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def apply(
    replication: int = typer.Option(1, min=1, help="Copies of each partition; 3 on a cluster."),
) -> None:
    """Make every missing topic, changelogs included, and check the others."""
    made = topics.apply(clients.admin(settings()), settings(), replication)
    for name in made:
        typer.echo(f"made {name}")
    typer.echo(f"{len(topics.wanted(settings()))} topics as declared, {len(made)} of them new")


@app.command()
def check() -> None:
    """Compare all topics with their declaration; exit code 1 and every difference when there is one."""
    topics.check(clients.admin(settings()), settings())
    typer.echo(f"{len(topics.wanted(settings()))} topics as declared")
