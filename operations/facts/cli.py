"""`songnodes facts [PLAYLIST]...`: emit the facts of stored playlists again."""

from typing import Annotated

import typer
from rich.console import Console

from operations.facts.emission import EmissionReport, emit, find_newest, playlist_bounds
from songnodes.cli.terminal import say
from songnodes.messaging import clients
from songnodes.messaging.codec import Codec
from songnodes.servers import reached
from songnodes.settings import settings


def facts(
    playlists: Annotated[
        list[str] | None, typer.Argument(metavar="[PLAYLIST]...", help="Playlist ids; default: all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, write nothing.")] = False,
) -> None:
    """Emit the facts of stored playlists again, with the same versions, while the pipeline runs.

    For consumers that lost facts: they are kept for 7 days. The exit code is 1 if a playlist cannot be read.
    """
    current = reached(settings(), "kafka_bootstrap", "schema_registry_url")
    requested = playlists or []
    with Codec.opened(current) as codec, Console(stderr=True, highlight=False).status("") as status:
        ranges = playlist_bounds(current, clients.admin(current))
        status.update("finding the newest records")
        newest = find_newest(current, codec, ranges, requested)
        missing = [
            name for name in requested if name.encode() not in newest.versions.keys() | newest.unreadable
        ]
        report = EmissionReport()
        for report in emit(current, codec, ranges, newest, dry_run=dry_run):
            status.update(f"{report.playlists} of {len(newest.versions)} playlists")
    would = "would be " if dry_run else ""
    typer.echo(f"{report.facts} facts of {report.playlists} playlists {would}emitted")
    for key in report.unreadable:
        say(f"{key}: no readable record of this playlist", error=True)
    for key in missing:
        say(f"{key}: no such playlist", error=True)
    if report.unreadable or missing:
        raise typer.Exit(1)
