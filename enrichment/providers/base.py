"""Defaults of a provider: what most of them have in common."""

from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import urlencode

from enrichment.providers import outcomes
from enrichment.providers.reading import Json, parse_json
from enrichment.types import (
    Call,
    Classified,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Response,
    Token,
    Window,
)
from songnodes.settings import Settings

#: Descriptions of artists are asked again after months (`enrichment.plan.artists`), not before.
ARTIST_TTL_S = 170 * 86400.0


class BaseProvider:
    """A provider without credentials whose answers are JSON. Subclasses have one module each."""

    name: ClassVar[str]
    title: ClassVar[str]
    base_url: ClassVar[str]
    token_url: ClassVar[str] = ""
    operations: ClassVar[Mapping[str, Operation]]
    windows: ClassVar[tuple[Window, ...]]
    retention_days: ClassVar[int | None] = None
    unverified: ClassVar[Mapping[str, str]] = {}
    #: An operation and its parameters that cost little: the call of `songnodes providers --check`.
    probe: ClassVar[tuple[str, Mapping[str, str]]]
    #: Settings without which the provider is off, and all that its requests use, by name.
    required: ClassVar[tuple[str, ...]] = ()
    credentials: ClassVar[tuple[str, ...]] = ()
    #: Reason that it ships switched off.
    off_because: ClassVar[str | None] = None
    #: True where the provider requires the operator's contact in the User-Agent.
    needs_contact: ClassVar[bool] = False

    def configured(self, settings: Settings) -> str | None:
        """Return None for a provider that is on, otherwise the reason that it is off, in a sentence."""
        if self.name in settings.providers_off:
            return "Switched off by SONGNODES_PROVIDERS_OFF."
        if settings.sites and not settings.is_local_provider(self.name):
            return "Sites are simulated (SONGNODES_SITES), so no real provider is contacted."
        if self.off_because and self.name not in settings.providers_on:
            return self.off_because
        missing = [name for name in self.required if not settings.provider_secret(name)]
        if missing:
            return f"No credentials: set {' and '.join(f'SONGNODES_{name.upper()}' for name in missing)}."
        if self.needs_contact and not settings.contact:
            return "No contact: set SONGNODES_CONTACT to an address at which its operators can reach you."
        return None

    def authorise(self, access: ProviderAccess) -> Call | None:
        """Return None: no token is needed."""
        return None

    def read_token(self, response: Response) -> Token | None:
        """Return None: no answer has a token."""
        return None

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call. Raises ValueError for a call without a required parameter."""
        raise NotImplementedError

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome of a response: by its error object, status and form, then by its content."""
        classified = outcomes.classify(response, self.body_rule)
        if classified.outcome != "hit" or self._has_content(operation, response.body):
            return classified
        return outcomes.without_content(parse_json(response.body))

    def _has_content(self, operation: str, body: bytes) -> bool:
        return bool(self.extract(operation, {}, body) or self.extract_artists(operation, {}, body))

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome that an error object decides; None for all else."""
        return None

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return nothing: no operation is a batch."""
        return {}

    def extract(
        self, operation: str, parameters: Mapping[str, str], body: bytes
    ) -> tuple[ProviderTrack, ...]:
        """Return the tracks of an answer; never raises."""
        try:
            return tuple(self.tracks(self.parse(body), parameters))
        except RecursionError:
            return ()

    def extract_artists(
        self, operation: str, parameters: Mapping[str, str], body: bytes
    ) -> tuple[ProviderArtist, ...]:
        """Return the artists that an answer describes; never raises."""
        try:
            return tuple(self.artists(self.parse(body), parameters))
        except RecursionError:
            return ()

    def parse(self, body: bytes) -> Json:
        """Return the value of an answer; None where it is broken."""
        return parse_json(body)

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a parsed answer, by its shape."""
        return ()

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderArtist]:
        """Return the artists of a parsed answer, by its shape."""
        return ()


def required(call: Call, *parameters: str) -> tuple[str, ...]:
    """Return the values of parameters. Raises ValueError that names one that is absent."""
    for parameter in parameters:
        if not call.parameters.get(parameter):
            raise ValueError(f"{call.provider}.{call.operation}: no parameter {parameter}")
    return tuple(call.parameters[parameter] for parameter in parameters)


def get(
    access: ProviderAccess, path: str, query: Mapping[str, str] | list[tuple[str, str]], **headers: str
) -> HttpRequest:
    """Return a GET request; header names are in lower case with underscores."""
    separator = "?" if query else ""
    return HttpRequest(
        method="GET",
        url=f"{access.base_url.rstrip('/')}{path}{separator}{urlencode(query)}",
        headers={
            "user-agent": access.user_agent,
            "accept": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def by_name(*operations: Operation) -> Mapping[str, Operation]:
    """Return operations by name."""
    return {operation.name: operation for operation in operations}


def sources(source: str, *fields: str, **details: str) -> Mapping[str, str]:
    """Return the fields that have no real sample with one source, and further items with their own."""
    return {**dict.fromkeys(fields, source), **details}
