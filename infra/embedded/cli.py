"""`songnodes up | down | status | env | logs`."""

from typing import Annotated

import typer
from rich.console import Console

from infra.embedded.stack import Stack
from infra.embedded.workers import WORKERS
from songnodes.settings import Settings


def up(
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Start no worker.")] = False,
) -> None:
    """Start the embedded servers and all processes. Harmless where they run already."""
    console = Console(stderr=True)
    stack = Stack(Settings().home)
    stack.start(() if servers_only else WORKERS, tell=lambda line: console.print(line, highlight=False))
    console.print("up. `songnodes status` shows how it goes, `songnodes down` stops it", highlight=False)


def down() -> None:
    """Stop what `up` started. Data stay."""
    Stack(Settings().home).stop()


def env() -> None:
    """Print the addresses of all servers as `export` lines for a shell."""
    for name, value in Stack(Settings().home).addresses.environment().items():
        print(f"export {name}={value}")
