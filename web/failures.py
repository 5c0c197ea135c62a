"""Errors as responses: problem details for programs, a page for people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from songnodes import logs
from songnodes.errors import SongNodesError, StatementTooSlow, TablesMissing, Transient
from songnodes.http import Unavailable, problems
from web.headers import HEADERS
from web.rendering import page

API_PREFIX = "/api/"
#: What a person can do, by status.
REMEDIES = {
    404: "Nothing is at this address. Search for the name; an id may have changed with a later version.",
    500: "The error is in the log: `songnodes logs web`.",
    503: "The database does not answer. `songnodes status` shows the servers; try again in a few seconds.",
}
#: The same for errors that say more.
UNAVAILABLE: Mapping[type[Exception], str] = {
    TablesMissing: "The database lacks tables of this version. Run `songnodes up` or `songnodes migrate`.",
    StatementTooSlow: "The database takes too long to answer this. Ask for less, or try again later.",
}

log = logs.get(__name__)


def failed(
    request: Request,
    status: int,
    detail: str | None = None,
    headers: dict[str, str] | None = None,
    errors: Sequence[Any] = (),
) -> Response:
    """Return the response for an error: a problem below /api, else a page."""
    if request.url.path.startswith(API_PREFIX):
        extra = {"errors": list(errors)} if errors else {}
        return problems.response(status, detail, headers, **extra)
    return page(
        request,
        "error.html",
        status=status,
        headers=headers,
        heading=f"{status} {HTTPStatus(status).phrase}",
        detail=detail or REMEDIES.get(status, ""),
        errors=errors,
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return failed(request, 422, "The request is invalid.", errors=problems.plain_errors(error.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        detail = str(error.detail) if error.detail != HTTPStatus(error.status_code).phrase else None
        return failed(request, error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(Transient)
    @app.exception_handler(TablesMissing)
    @app.exception_handler(Unavailable)
    async def unavailable(request: Request, error: Exception) -> Response:
        log.warning("unavailable", path=request.url.path, error=str(error))
        detail = UNAVAILABLE.get(type(error), REMEDIES[503])
        return failed(request, 503, detail, {"Retry-After": str(problems.RETRY_AFTER_S)})

    @app.exception_handler(Exception)
    async def internal(request: Request, error: Exception) -> Response:
        detail = str(error) if isinstance(error, SongNodesError) else None
        log.error("request_failed", path=request.url.path, error=type(error).__name__, detail=detail)
        return failed(request, 500, REMEDIES[500], HEADERS)  # from outside of all middleware
