"""Outcomes of responses: the rules that all providers share, by status and form of the answer.

A provider adds its own error objects. A 4xx of ours is no failure of the provider; an answer that is not in
the provider's format is one, whatever its status.
"""

from collections.abc import Callable

from enrichment.providers.reading import Json, as_map, parse_json
from enrichment.types import Classified, Response
from songnodes import retry_after

#: Longer waits close the provider instead of delaying one call.
MAX_INLINE_WAIT_S = 60.0
MAX_NOTE = 200  # characters of a provider's message

MAX_MEMBERS_OF_ERROR = 4  # an error object has a message, a code, and little else

MISSES = frozenset({404, 410})
#: Requests that the provider cannot accept, as we sent them.
OURS = frozenset({400, 405, 406, 409, 411, 413, 414, 415, 422, 431})

#: A rule for the parsed body of a response, whatever its status; None where it has no opinion.
BodyRule = Callable[[Json, Response], Classified | None]


def classify(response: Response, body_rule: BodyRule, *, xml: bool = False) -> Classified:
    """Return the outcome of a response. `xml`: the provider answers in XML too."""
    parsed = parse_json(response.body)
    if parsed is not None:
        classified = body_rule(parsed, response)
        if classified is not None:
            return classified
    if response.status != 200:
        return by_status(response)
    return by_form(response, parsed, xml=xml)


def by_form(response: Response, parsed: Json, *, xml: bool = False) -> Classified:
    """Return the outcome of an answer with status 200: broken unless it is JSON, or XML where allowed."""
    start = response.body[:200].lstrip().lower()
    if not start:
        return Classified(outcome="broken", note="The answer is empty.")
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return Classified(outcome="broken", note="The answer is a page of HTML.")
    if xml and start.startswith(b"<"):
        is_whole = response.body.rstrip().endswith(b"</metadata>")
        return Classified(outcome="hit") if is_whole else Classified(outcome="broken", note="The XML is cut.")
    if not isinstance(parsed, dict | list):
        return Classified(outcome="broken", note="The answer is not JSON, or cut.")
    return Classified(outcome="hit")


def without_content(body: Json) -> Classified:
    """Return the outcome of an answer with status 200 that has neither a track nor an artist."""
    whole = as_map(body)
    is_error = any(whole.get(name) for name in ("error", "errors", "detail")) or (
        isinstance(whole.get("message"), str) and len(whole) <= MAX_MEMBERS_OF_ERROR
    )
    if is_error:
        return Classified(outcome="broken", note="The answer is an unknown error object.")
    return Classified(outcome="miss")


def by_status(response: Response) -> Classified:
    """Return the outcome by the status alone."""
    status = response.status
    if status == 204 or status in MISSES:
        return Classified(outcome="miss")
    if status == 429:
        return limited(response)
    if status == 401:
        return Classified(outcome="configuration", note="The credentials are refused (401).")
    if status == 402:
        return Classified(outcome="configuration", note="The provider requires payment (402).")
    if status in (403, 451):
        if wait_s(response, is_limited=False):  # a refusal that ends is a limit
            return limited(response)
        return Classified(outcome="configuration", note=f"The provider refuses access ({status}).")
    if status in OURS:
        return Classified(outcome="ours", note=f"The provider cannot accept the request ({status}).")
    if status == 408 or status >= 500:
        return Classified(outcome="busy", note=f"Status {status}.", retry_after_s=wait_s(response))
    return Classified(outcome="broken", note=f"Status {status} is unexpected.")


def limited(response: Response, *, seconds: float | None = None) -> Classified:
    """Return the outcome of a 429: a quota where the wait is longer than one call can take.

    `seconds` is the wait in another header than Retry-After, where there is one.
    """
    note = "The rate limit is reached."
    seconds = wait_s(response, is_limited=True) if seconds is None else seconds
    if seconds is not None and seconds > MAX_INLINE_WAIT_S:
        return Classified(outcome="quota", note=note, retry_after_s=seconds)
    return Classified(outcome="busy", note=note, retry_after_s=seconds)


def wait_s(response: Response, *, is_limited: bool = False) -> float | None:
    """Return the seconds of Retry-After or of a limit's reset; None without a readable one."""
    return retry_after.seconds(response.headers, response.received, is_limited=is_limited)


def message_note(prefix: str, message: Json) -> str:
    """Return a note with the message of a provider."""
    plain = " ".join(message.split())[:MAX_NOTE] if isinstance(message, str) else ""
    return f"{prefix}: {plain}" if plain else f"{prefix}."
