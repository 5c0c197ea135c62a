"""`songnodes schemas`: register or verify schemas."""

import json
from typing import Annotated

import typer

from songnodes.messaging import schemas
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print subjects and ids as JSON.")]


@app.command()
def register(as_json: AsJson = False) -> None:
    """Register all versions of all schemas; a version that cannot read earlier ones is refused."""
    registry = schemas.client(reached(settings(), "schema_registry_url"))
    ids = {
        schemas.registry_subject(subject): schema_id
        for subject, schema_id in schemas.register(registry).items()
    }
    if as_json:
        typer.echo(json.dumps(ids))
        return
    for subject, schema_id in ids.items():
        typer.echo(f"{schema_id:>6}  {subject}")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Verify that the latest version of every schema is registered."""
    ids = schemas.known_ids(schemas.client(reached(settings(), "schema_registry_url")))
    if as_json:
        typer.echo(
            json.dumps({schemas.registry_subject(subject): schema_id for subject, schema_id in ids.items()})
        )
        return
    typer.echo(f"{len(ids)} schemas registered")
