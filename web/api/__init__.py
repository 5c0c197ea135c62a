"""Query API: `/api/v1`, over the functions of the commands."""

import asyncpg
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from queries.commands import UnknownGenre
from queries.entities import Ambiguous, NotFound
from web.api import entities, lists, tracks
from web.api.paths import Suffixes
from web.api.rate import RateLimit
from web.failures import failed

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (tracks.router, lists.router, entities.router)


def install(app: FastAPI, *, limited: bool) -> None:
    """Add the routes; with `limited` each client has a rate limit."""
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.add_middleware(Suffixes, prefix=PREFIX)
    if limited:
        app.add_middleware(RateLimit, prefix="/api/")

    @app.exception_handler(tracks.Merged)
    async def merged(request: Request, error: tracks.Merged) -> Response:
        return tracks.moved(request, error)

    @app.exception_handler(NotFound)
    @app.exception_handler(UnknownGenre)
    async def not_found(request: Request, error: Exception) -> Response:
        return failed(request, 404, str(error))

    @app.exception_handler(Ambiguous)
    async def ambiguous(request: Request, error: Ambiguous) -> Response:
        return failed(request, 409, str(error))

    @app.exception_handler(asyncpg.DataError)
    async def not_storable(request: Request, error: asyncpg.DataError) -> Response:
        # a character that PostgreSQL has not, or a number beyond its type
        return failed(request, 422, "The request has a value that the database cannot have.")
