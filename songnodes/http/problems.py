"""Errors as problem details (RFC 9457) with stable types."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from songnodes import logs
from songnodes.http import Unavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:songnodes:problem:"
#: The last part of the type, by status. They never change.
TYPES: Mapping[int, str] = {
    400: "bad-request",
    401: "unauthorised",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "body-too-slow",
    409: "ambiguous",
    413: "body-too-large",
    415: "unsupported-media-type",
    421: "wrong-host",
    422: "invalid-request",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
RETRY_AFTER_S = 5  # a server that is away is restarted within seconds
MAX_ERRORS = 20

log = logs.get(__name__)


class Problem(BaseModel):
    """An error. `type` is stable; `errors` name the members of the request that are invalid."""

    type: str = Field(examples=[f"{TYPE_PREFIX}invalid-request"])
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


def problem(status: int, detail: str | None = None, **extra: Any) -> dict[str, Any]:
    """Return the body of an error."""
    title = HTTPStatus(status).phrase
    body = {"type": f"{TYPE_PREFIX}{TYPES.get(status, 'error')}", "title": title, "status": status}
    return {**body, **({"detail": detail} if detail else {}), **extra}


def response(
    status: int, detail: str | None = None, headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """Return an error response."""
    body = problem(status, detail, **extra)
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the responses of an operation for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "model": Problem, "content": content}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return response(422, "The request is invalid.", errors=plain_errors(error.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        detail = str(error.detail) if error.detail != HTTPStatus(error.status_code).phrase else None
        return response(error.status_code, detail, error.headers)

    @app.exception_handler(Unavailable)
    async def unavailable(request: Request, error: Unavailable) -> JSONResponse:
        log.warning("unavailable", error=str(error))
        return response(503, str(error) or None, {"Retry-After": str(RETRY_AFTER_S)})

    @app.exception_handler(Exception)
    async def internal(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, error=type(error).__name__)
        return response(500, "The error is in the log.")


def plain_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Return places and messages; values of the request are left out."""
    return [
        {"at": ".".join(map(str, error["loc"])), "message": str(error["msg"])}
        for error in errors[:MAX_ERRORS]
    ]
