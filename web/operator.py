"""Writes from pages: only with the operator's token, and only from a page of this server.

Readers have no session. The token is a field of each form, so no other site can send it in a reader's name;
the origin of the request is checked besides.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from songnodes.cli.failures import sentence
from songnodes.errors import Fatal, ServerUnreachable, Transient, UserError
from songnodes.http import problems
from songnodes.servers import reached
from songnodes.settings import Settings

Result = TypeVar("Result")

TOKEN_FIELD = "token"  # noqa: S105
FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
AUTHOR = "dashboard"

NOT_CONFIGURED = (
    "Nothing can be changed from here: no operator's token is set. Set SONGNODES_WEB_OPERATOR_TOKEN to a "
    "secret of 16 characters or more and restart with `songnodes restart web`, or use the commands "
    "`songnodes dlq`, `songnodes override`, `songnodes merge` and `songnodes split`."
)
WRONG_TOKEN = "This is not the operator's token. It is the value of SONGNODES_WEB_OPERATOR_TOKEN."  # noqa: S105
OTHER_ORIGIN = (
    "Changes are accepted from pages of this server only. Open the page here and send its form again."
)
UNCHANGED = "Nothing was changed."
#: Events and reinserted records that are written twice give the same tables.
INCOMPLETE = (
    "The change may be incomplete. Send the form again: what was already written has no further effect."
)


def can_write(settings: Settings) -> bool:
    """Return True if an operator's token is set."""
    return bool(settings.web_operator_token.get_secret_value())


async def authorised_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form of the operator. Raises HTTPException 403 for any other."""
    settings: Settings = request.app.state.settings
    expected = settings.web_operator_token.get_secret_value()
    if not expected:
        raise HTTPException(403, NOT_CONFIGURED)
    if not is_same_origin(request.headers):
        raise HTTPException(403, OTHER_ORIGIN)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415, "The body must be a form.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None
    form = dict(pairs)
    if not hmac.compare_digest(form.pop(TOKEN_FIELD, "").encode(), expected.encode()):
        raise HTTPException(403, WRONG_TOKEN)
    return {name: value.strip() for name, value in form.items()}


def is_same_origin(headers: Mapping[str, Any]) -> bool:
    """Return True if a browser names a page of this host as the one that sends.

    Browsers of today send both headers with a form; a request with neither is refused.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    if site is not None and site != "same-origin":
        return False
    return origin is None or urlsplit(origin).netloc.lower() == str(headers.get("host", "")).lower()


def required(form: Mapping[str, str], name: str, label: str) -> str:
    """Return a field that must not be empty. Raises HTTPException 422."""
    if not form.get(name):
        raise HTTPException(422, f"{label} is missing. Go back and fill it in.")
    return form[name]


async def run(
    settings: Settings,
    servers: tuple[str, ...],
    call: Callable[[Settings], Result],
    *,
    unknown: tuple[type[UserError], ...] = (),
    writes: bool = False,
) -> Result:
    """Run a function of a command in a thread, once all `servers` (settings of addresses) respond.

    Its errors become HTTPException: 404 for the classes in `unknown`, 409 for other refusals, 503 for
    servers.
    """
    try:
        await asyncio.to_thread(reached, settings, *servers)
    except ServerUnreachable as error:
        raise _unavailable(error, UNCHANGED if writes else "") from error
    try:
        return await asyncio.to_thread(call, settings)
    except (Transient, Fatal) as error:
        raise _unavailable(error, INCOMPLETE if writes else "") from error
    except UserError as error:
        raise HTTPException(404 if isinstance(error, unknown) else 409, sentence(error)) from error


def _unavailable(error: Exception, effect: str) -> HTTPException:
    retry = {"Retry-After": str(problems.RETRY_AFTER_S)}
    return HTTPException(503, f"{effect} {sentence(error)}.".strip(), retry)
