"""The application: routes over an `Enricher`."""

import asyncio
from collections.abc import Collection
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from enrichment.service.enricher import Enricher, Enrichment, TrackToEnrich
from enrichment.service.models import (
    BatchRequest,
    BatchResponse,
    EnrichRequest,
    EnrichResponse,
    Health,
    ProviderInfo,
    ProviderList,
)
from songnodes import __version__
from songnodes import metrics as service_metrics
from songnodes.http import Unavailable, problems
from songnodes.http.guard import LOOPBACK_HOSTS, Guard

#: Tracks of all requests that are enriched at the same time; further ones are refused. Calls for them are
#: collected into batches, and the gateway limits these.
MAX_CONCURRENT_TRACKS = 500
#: Paths that need no token: they have no data.
OPEN_PATHS = frozenset({"/health", "/ready"})


class SharedEnrichments:
    """Enrichments under way by request id: equal requests at the same time share one."""

    def __init__(self, enricher: Enricher) -> None:
        self._enricher = enricher
        self._tasks: dict[str, asyncio.Task[Enrichment]] = {}

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        """Return the enrichment of a track. A client that goes away does not cancel that of another one.

        Raises Unavailable.
        """
        task = self._tasks.get(track.request_id)
        if task is None:
            if len(self._tasks) >= MAX_CONCURRENT_TRACKS:
                raise Unavailable("Too many tracks are being enriched.")
            task = asyncio.create_task(self._enricher.enrich(track))
            self._tasks[track.request_id] = task
            task.add_done_callback(lambda done: self._forget(track.request_id, done))
        return await asyncio.shield(task)

    def _forget(self, request_id: str, task: asyncio.Task[Enrichment]) -> None:
        del self._tasks[request_id]
        if not task.cancelled():
            task.exception()  # retrieved here too, should all clients be gone


def create_app(enricher: Enricher, *, token: str = "", hosts: Collection[str] = LOOPBACK_HOSTS) -> FastAPI:
    """Return the application. With a token every request must have it; without one, a host on loopback."""
    app = FastAPI(
        title="SongNodes enrichment",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        responses=problems.declared(401, 421) if token else problems.declared(421),
    )
    problems.install(app)
    app.add_middleware(Guard, token=token, hosts=hosts, open_paths=OPEN_PATHS, json_prefix="/enrich")
    _add_enrichment(app, SharedEnrichments(enricher))
    _add_state(app, enricher)
    if token:
        _declare_token(app)
    return app


def _declare_token(app: FastAPI) -> None:
    """Add the bearer token to the OpenAPI description."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        description = describe()
        description["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        for path, operations in description["paths"].items():
            for operation in operations.values() if path not in OPEN_PATHS else ():
                operation["security"] = [{"bearer": []}]
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _add_enrichment(app: FastAPI, shared: SharedEnrichments) -> None:
    errors = problems.declared(400, 408, 413, 415, 422, 503)

    async def answer(request: EnrichRequest) -> EnrichResponse:
        track = request.track()
        with service_metrics.SERVICE_SECONDS.time():
            enrichment = await shared.enrich(track)
        service_metrics.SERVICE_TRACKS.labels(enrichment.status).inc()
        return EnrichResponse.of(track.track_id, enrichment)

    @app.post("/enrich", responses=errors, response_model_exclude_none=True)
    async def enrich(request: EnrichRequest) -> EnrichResponse:
        """Enrich one track. Equal requests have equal answers, from the cache while they are fresh."""
        return await answer(request)

    @app.post("/enrich/batch", responses=errors, response_model_exclude_none=True)
    async def enrich_batch(request: BatchRequest) -> BatchResponse:
        """Enrich several tracks; the results are in the order of the request."""
        return BatchResponse(results=await asyncio.gather(*map(answer, request.tracks)))


def _add_state(app: FastAPI, enricher: Enricher) -> None:
    @app.get("/health")
    async def health() -> Health:
        """Return that the process runs."""
        return Health()

    @app.get("/ready", responses=problems.declared(503))
    async def ready() -> Health:
        """Return that tracks can be enriched now."""
        reason = await enricher.unready()
        if reason is not None:
            raise Unavailable(reason)
        return Health()

    @app.get("/providers")
    async def providers() -> ProviderList:
        """Return the providers: on, or why not."""
        return ProviderList(providers=[ProviderInfo.of(state) for state in enricher.providers()])

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Return the metrics of the process, in the text format of Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
