"""Types that the parts of the enrichment share: calls, answers, limits and the contract of a provider.

Pure: no I/O and no clock.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import quote, unquote

import msgspec

from songnodes.domain.matching import Candidate
from songnodes.settings import Settings

#: Outcome of one attempt. `miss`: the provider has no such track. `ours`: a request that it cannot accept; an
#: alarm, and no failure of the provider. `configuration`: no retry until the operator changes something.
#: `quota`: closed for `retry_after_s` or a whole window. `busy`: retry. `broken`: no answer in its format.
Outcome = Literal["hit", "miss", "ours", "configuration", "quota", "busy", "broken"]

#: Types of artists, as in MusicBrainz.
ARTIST_TYPES = frozenset({"person", "group", "orchestra", "choir", "character", "other"})
#: Level of a genre: of the recording, of a release it is on, or of its artist.
GenreLevel = Literal["recording", "release", "artist"]


def _json(pairs: list[tuple[str, str]]) -> bytes:
    """Return the JSON of parameters; lone surrogates, which msgspec refuses, as they are."""
    try:
        return msgspec.json.encode(pairs)
    except UnicodeEncodeError:
        return json.dumps(pairs, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a provider, normalised and without secrets: the key of caches and archives.

    The items of a batch are one parameter, `Operation.batch_parameter`, joined by `join_items`.
    """

    provider: str
    operation: str
    parameters: Mapping[str, str]
    _key: str = field(default="", init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """Return a text that is equal for equal calls: "deezer:track_by_isrc:" and a digest."""
        if not self._key:
            pairs = _json(sorted(self.parameters.items()))
            digest = hashlib.sha256(pairs).hexdigest()
            object.__setattr__(self, "_key", f"{self.provider}:{self.operation}:{digest}")
        return self._key

    def items(self, parameter: str) -> tuple[str, ...]:
        """Return the items of a batch, in their order."""
        return split_items(self.parameters.get(parameter, ""))


def join_items(items: Iterable[str]) -> str:
    """Return the distinct items of a batch as one parameter: sorted, percent-encoded, comma-separated."""
    return ",".join(quote(item, safe=":/-._~") for item in sorted(set(items)))


def split_items(text: str) -> tuple[str, ...]:
    """Return the items that `join_items` joined."""
    return tuple(unquote(item) for item in text.split(",") if item)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it is sent; secrets are in it, so its repr names the method only."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer as received; names of headers are in lower case. `stale`: from the cache after its time."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    latency_ms: int
    received: datetime
    cached: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """The outcome of a response; `note` is for the operator; with `token_expired` a new token helps."""

    outcome: Outcome
    note: str | None = None
    retry_after_s: float | None = None
    token_expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A limit: so many starts within any span of so many seconds.

    `is_share`: the share of one process in a limit of more starts, whose log it is checked against.
    """

    starts: int
    seconds: float
    is_share: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of request. `windows` limit it alone, in addition to those of its provider.

    `batch_parameter` names the parameter with up to `batch_size` items; None: one track a call. `gives` are
    waterfall fields, `artists` is True where the answer describes artists, by `artist_fields`. The answer of
    a `secret` operation is a token: neither cached nor archived. `redirects`: an id that was replaced is
    answered with a redirect to the current one, within the host. Times are seconds.
    """

    name: str
    windows: tuple[Window, ...] = ()
    batch_parameter: str | None = None
    batch_size: int = 1
    timeout_s: float = 10.0
    cache_ttl_s: float = 30 * 86400.0
    negative_ttl_s: float = 86400.0
    gives: frozenset[str] = frozenset()
    artists: bool = False
    artist_fields: frozenset[str] = frozenset()
    secret: bool = False
    redirects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess:
    """The address of a provider and the credentials for it; `token` is the newest of `read_token`."""

    base_url: str
    token_url: str = ""
    user_agent: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token, valid for `lifetime_s` seconds from its answer."""

    value: str = field(repr=False)
    lifetime_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Genre:
    """A genre name of a provider, unmapped. `weight` is 0 to 1, None where the provider has no weights."""

    name: str
    level: GenreLevel
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTrack:
    """One track of an answer. `values` are normalised waterfall fields, in the units of the table.

    `candidate` is for matching; None where the answer has values by id only: they are about the id in `ids`,
    or about the requested one where the answer names none. With neither candidate nor values it is a
    reference: an id that the next call can request.
    `ids` has all ids of the track at providers by name: "deezer_id", "isrc", "spotify_id". `merged_from` is
    the requested id that the provider has replaced by the one in `ids`. A `mix_part` lies within a DJ mix:
    another recording, which lends genres only; the others are already left out.
    """

    candidate: Candidate | None
    values: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    genres: tuple[Genre, ...] = ()
    artist_ids: Mapping[str, str] = field(default_factory=dict)  # name as credited -> id at the provider
    merged_from: str | None = None
    mix_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderArtist:
    """An artist of an answer. `ids` and `links` are by site: "spotify", "discogs", "homepage".

    `artist_type` is one of ARTIST_TYPES, `life_begin` and `life_end` are a year, month or day in ISO 8601.
    `merged_from` is the requested id that the provider has replaced by the one in `ids`.
    """

    provider: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    genres: tuple[Genre, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None  # ISO 3166-1 alpha-2
    biography: str | None = None
    artist_type: str | None = None
    life_begin: str | None = None
    life_end: str | None = None
    groups: tuple[str, ...] = ()
    merged_from: str | None = None


class Provider(Protocol):
    """A provider: requests, outcomes and values, without any I/O."""

    @property
    def name(self) -> str:
        """Return the name in the waterfall configuration."""

    @property
    def title(self) -> str:
        """Return the name for people."""

    @property
    def base_url(self) -> str:
        """Return the address that applies without a setting."""

    @property
    def token_url(self) -> str:
        """Return the address that issues tokens; empty for none."""

    @property
    def credentials(self) -> tuple[str, ...]:
        """Return the names of the settings that its requests use."""

    @property
    def probe(self) -> tuple[str, Mapping[str, str]]:
        """Return an operation and its parameters that show if the provider answers."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Return all operations by name."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the limits over all operations of one account or address together."""

    @property
    def retention_days(self) -> int | None:
        """Return the days that its terms allow an answer to be kept; None for no limit."""

    @property
    def unverified(self) -> Mapping[str, str]:
        """Return fields and operations read without a real sample, with the source of their form."""

    def configured(self, settings: Settings) -> str | None:
        """Return None for a provider that is on, otherwise the reason that it is off, in a sentence."""

    def authorise(self, access: ProviderAccess) -> Call | None:
        """Return the call that fetches a token; None where no token is needed."""

    def read_token(self, response: Response) -> Token | None:
        """Return the token of the answer to `authorise`; None where it has none."""

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call. Raises ValueError for a call without a required parameter."""

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome of a response."""

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the part of each item of a batch, in a form that `extract` reads; items without one are
        misses."""

    def extract(
        self, operation: str, parameters: Mapping[str, str], body: bytes
    ) -> tuple[ProviderTrack, ...]:
        """Return the tracks of an answer; never raises."""

    def extract_artists(
        self, operation: str, parameters: Mapping[str, str], body: bytes
    ) -> tuple[ProviderArtist, ...]:
        """Return the artists that an answer describes; never raises."""
