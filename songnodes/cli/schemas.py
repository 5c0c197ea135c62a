"""`songnodes schemas`: register or check the schemas."""

import typer

from songnodes.messaging import schemas
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def register() -> None:
    """Register all versions of all schemas; refuses one that cannot read its predecessors."""
    registry = schemas.client(reached(settings(), "schema_registry_url"))
    for subject, schema_id in schemas.register(registry).items():
        typer.echo(f"{schema_id:>6}  {schemas.registry_subject(subject)}")


@app.command()
def check() -> None:
    """Check that the registry knows the newest version of every schema."""
    ids = schemas.known_ids(schemas.client(reached(settings(), "schema_registry_url")))
    typer.echo(f"{len(ids)} schemas registered")
