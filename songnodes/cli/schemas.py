"""`songnodes schemas`: register or check the schemas."""

import json
from typing import Annotated

import typer

from songnodes.messaging import schemas
from songnodes.servers import reached
from songnodes.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="Subjects with their ids, for programs.")]


@app.command()
def register(as_json: AsJson = False) -> None:
    """Register all versions of all schemas; refuses one that cannot read its predecessors."""
    registry = schemas.client(reached(settings(), "schema_registry_url"))
    ids = {schemas.registry_subject(subject): found for subject, found in schemas.register(registry).items()}
    if as_json:
        typer.echo(json.dumps(ids))
        return
    for subject, schema_id in ids.items():
        typer.echo(f"{schema_id:>6}  {subject}")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Check that the registry knows the newest version of every schema."""
    ids = schemas.known_ids(schemas.client(reached(settings(), "schema_registry_url")))
    if as_json:
        typer.echo(json.dumps({schemas.registry_subject(subject): found for subject, found in ids.items()}))
        return
    typer.echo(f"{len(ids)} schemas registered")
