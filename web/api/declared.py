"""OpenAPI description of an operation: its body in each form, and its errors."""

from typing import Any

from pydantic import BaseModel

from songnodes.http import problems
from web.api.models import Page

#: Responses that every operation may have.
ALWAYS = (401, 406, 421, 422, 429, 500, 503)


def declared(model: type[BaseModel], *statuses: int, m3u8: bool = False) -> dict[str, Any]:
    """Return the arguments of a route that answers with a model, as JSON, CSV, and M3U8 for tracks."""
    content: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}
    if m3u8:
        content["application/vnd.apple.mpegurl"] = {"schema": {"type": "string"}}
    if issubclass(model, Page):
        statuses = (400, *statuses)
    responses: dict[int | str, dict[str, Any]] = {
        200: {"model": model, "content": content},
        304: {"description": "Nothing was refreshed since"},
        **problems.declared(*(status for status in (*statuses, *ALWAYS) if status >= 400)),
    }
    if 308 in statuses:
        responses[308] = {"description": "The track was merged; `Location` has the one with its counts"}
    return {"responses": responses, "response_model": None}
