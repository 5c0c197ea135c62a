"""Requests and replies of a provider, without HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from demo.providers.faults import FaultKind
from demo.sites.exchange import HTML, JSON, Reply

__all__ = ["HTML", "JSON", "Api", "ApiRequest", "Reply", "Routed", "reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request. `query` has all values of each name; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    now: float = 0.0  # seconds of a monotonic clock

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter."""
        return next(iter(self.query.get(name, ())), default)

    def items(self, name: str) -> list[str]:
        """Return the values of a parameter that is repeated or separated by commas."""
        return [item for value in self.query.get(name, ()) for item in value.split(",") if item]

    def json(self) -> Any:
        """Return the body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The operation of a request, the account that limits count, and the reply without faults."""

    operation: str
    account: str
    reply: Reply


class Api(Protocol):
    """The API of a provider."""

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request; None for an unknown path."""

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return this provider's form of a fault; None for the general form."""


def reply(document: Any, status: int = 200, **headers: str) -> Reply:
    """Return a reply with a JSON body. Underscores of header names are dashes."""
    return Reply(
        body=json.dumps(document, ensure_ascii=False).encode(),
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
