"""`songnodes enrich`: call the providers for one track now, as the service does, and show each step."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

import typer
from psycopg.rows import dict_row

from enrichment.service.enricher import Enrichment
from enrichment.service.models import EnrichRequest, EnrichResponse
from enrichment.service.opening import opened_enricher
from operations.database import connected, statement
from operations.explain import choice_lines, request_lines
from songnodes.cli.terminal import say
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.domain.records import Attempt
from songnodes.errors import UserError
from songnodes.http import Unavailable
from songnodes.process.exit_codes import EXIT_FAILURE
from songnodes.servers import reached
from songnodes.settings import Settings, settings

SERVERS = ("kafka_bootstrap", "redis_url", "schema_registry_url")


class NoSuchTrack(UserError):
    """There is no track of this id, and it is no line "Artist - Title" either"""

    remedy = "Ids are in silver_enriched_tracks; `songnodes explain line` shows how a line is read"


class CannotEnrich(UserError):
    """The track cannot be enriched now"""

    remedy = "`songnodes status` shows the servers, `songnodes providers` the providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The enrichment of a track with the attempts that were archived."""

    enrichment: Enrichment
    attempts: tuple[Attempt, ...]


def enrich(
    track: Annotated[str, typer.Argument(help='Track id, or a line: "Artist - Title (X Remix)".')],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the response of the service, with all requests.")
    ] = False,
) -> None:
    """Call the providers for one track now; show requests, answers, the values chosen, the cost."""
    current = reached(settings(), *SERVERS)
    request = request_of_line(track) if " " in track else _stored_request(current, track)
    result = asyncio.run(run(current, request))
    response = EnrichResponse.of(request.track_id, result.enrichment)
    if as_json:
        body = response.model_dump(mode="json", exclude_none=True)
        typer.echo(
            json.dumps({**body, "requests": [_plain(attempt) for attempt in result.attempts]}, indent=2)
        )
    else:
        _print(request, response, result)
    if response.status == "failed":
        raise typer.Exit(EXIT_FAILURE)


async def run(current: Settings, request: EnrichRequest) -> Result:
    """Return the enrichment of a track. Raises CannotEnrich."""
    records: list[Mapping[str, Any]] = []
    async with opened_enricher(current, "cli", records.append) as enricher:
        try:
            enrichment = await enricher.enrich(request.track())
        except Unavailable as error:
            raise CannotEnrich(str(error)) from error
    return Result(enrichment=enrichment, attempts=tuple(cast(list[Attempt], records)))


def request_of_line(text: str) -> EnrichRequest:
    """Return the request for a line of a tracklist. Raises NoSuchTrack."""
    line = read_line(text)
    identity = track_id(line)
    if identity is None:
        raise NoSuchTrack(text)
    artist, title = ", ".join(line.artists), line.track_name
    return EnrichRequest(track_id=identity, artist_name=artist, track_title=title)


def _stored_request(current: Settings, track: str) -> EnrichRequest:
    reached(current, "database_url")
    with connected(current) as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement("track_to_enrich"), {"track": track}).fetchone()
    if row is None:
        raise NoSuchTrack(track)
    return EnrichRequest(**{name: value for name, value in row.items() if value is not None})


def _print(request: EnrichRequest, response: EnrichResponse, result: Result) -> None:
    say(f"{request.artist_name} - {request.track_title}")
    say(f"{request.track_id}  {response.status}")
    say("")
    for line in request_lines(result.attempts):
        say(line)
    say("")
    for line in choice_lines(result.enrichment.attempts):
        say(line)
    say(f"quality {response.enrichment_metadata.quality_score:.3f}")
    if result.enrichment.retry_at is not None:
        say(f"more may follow from {result.enrichment.retry_at:%Y-%m-%d %H:%M} UTC")


def _plain(attempt: Attempt) -> dict[str, Any]:
    """Return a request without the body of its answer, which `explain enrich` reads from the archive."""
    return {
        "provider": attempt["provider"],
        "operation": attempt["operation"],
        "lookup": attempt["lookup"],
        "parameters": attempt["parameters"],
        "status": attempt["status"],
        "http_status": attempt["http_status"],
        "cached": attempt["cached"],
        "latency_ms": attempt["latency_ms"],
        "note": attempt["note"],
    }
