"""Settings of the music data providers: credentials, addresses, budgets. Every repr hides the secrets."""

from pathlib import Path
from typing import Final, get_args
from typing import Literal as OneOf
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

from songnodes.access import LOOPBACK

ProviderName = OneOf[
    "beatport",
    "deezer",
    "discogs",
    "lastfm",
    "listenbrainz",
    "musicbrainz",
    "reccobeats",
    "spotify",
    "tidal",
]
#: Seconds after its start at which a request to a provider needs a new one; the limits allow for so much.
LATENESS_S: Final = 0.005
PROVIDERS: Final[tuple[str, ...]] = get_args(ProviderName)


class ProviderSettings(BaseModel):
    """Settings of providers; the variable of a field is SONGNODES_ and its name in upper case."""

    #: Worker processes of the enrichment that `songnodes up` starts. Not set: one if a credential, an address
    #: or a switched-on provider is configured, otherwise none, since providers without a key are on.
    enrichers: int | None = Field(None, ge=0, le=16)
    #: File with the operator's own order and weights of sources, over the packaged waterfall.yaml.
    waterfall: Path | None = None
    #: Name of this installation in the User-Agent, next to the operator's contact.
    installation: str = Field("", max_length=60, pattern=r"^[\w .@/+-]*$")
    #: Providers that are used though they ship switched off: ["spotify"].
    providers_on: frozenset[ProviderName] = frozenset()
    #: Providers that are not used whatever their credentials.
    providers_off: frozenset[ProviderName] = frozenset()
    #: Provider -> base URL in place of its own: https, or http on loopback. Its tokens come from there too.
    provider_urls: dict[ProviderName, str] = Field(default_factory=dict)
    #: Provider -> calls in any 24 hours, in addition to its own limits.
    provider_budgets: dict[ProviderName, int] = Field(default_factory=dict)
    #: Factor on the limits of providers whose address is on loopback; real ones are never called faster.
    provider_speed: int = Field(1, ge=1, le=1000)
    #: Seconds after its start at which a request to a provider on loopback needs a new start. On a loaded
    #: machine most starts are missed by more than the default, which the limits of real ones need.
    provider_lateness: float = Field(LATENESS_S, ge=LATENESS_S, le=60)
    #: Provider -> days for which its answers are kept, where that is shorter than its terms allow.
    provider_retention_days: dict[ProviderName, int] = Field(default_factory=dict)

    listenbrainz_token: SecretStr = SecretStr("")
    tidal_client_id: SecretStr = SecretStr("")
    tidal_client_secret: SecretStr = SecretStr("")
    #: Country of TIDAL's and Spotify's catalogues, ISO 3166-1.
    provider_country: str = Field("US", pattern=r"^[A-Z]{2}$")
    #: An access token of the operator's own account; there is no login with a password.
    beatport_token: SecretStr = SecretStr("")
    spotify_client_id: SecretStr = SecretStr("")
    spotify_client_secret: SecretStr = SecretStr("")
    lastfm_key: SecretStr = SecretStr("")
    discogs_token: SecretStr = SecretStr("")

    @field_validator("waterfall", mode="before")
    @classmethod
    def _absolute_file(cls, path: object) -> Path | None:
        return Path(str(path)).expanduser().absolute() if path else None

    @field_validator("provider_urls")
    @classmethod
    def _safe_addresses(cls, urls: dict[str, str]) -> dict[str, str]:
        for name, url in urls.items():
            parts = urlsplit(url)
            is_local = parts.scheme == "http" and (parts.hostname or "") in LOOPBACK
            if (parts.scheme != "https" and not is_local) or not parts.hostname or parts.username:
                raise ValueError(f"{name}: the address is neither https nor http on loopback")
        return {name: url.rstrip("/") for name, url in urls.items()}

    @field_validator("provider_budgets", "provider_retention_days")
    @classmethod
    def _positive(cls, numbers: dict[str, int]) -> dict[str, int]:
        for name, value in numbers.items():
            if value < 1:
                raise ValueError(f"{name}: {value} is below 1")
        return numbers

    def provider_secret(self, name: str) -> str:
        """Return a credential as text; empty where it is not set."""
        value = getattr(self, name)
        return value.get_secret_value().strip() if isinstance(value, SecretStr) else str(value)

    @property
    def enrichment_workers(self) -> int:
        """Return the number of worker processes that `songnodes up` starts."""
        if self.enrichers is not None:
            return self.enrichers
        values = [getattr(self, name) for name in ProviderSettings.model_fields]
        has_secret = any(isinstance(value, SecretStr) and value.get_secret_value() for value in values)
        return int(bool(has_secret or self.provider_urls or self.providers_on))

    def is_local_provider(self, name: str) -> bool:
        """Return True if the address of a provider is a server on loopback."""
        url = next((url for provider, url in self.provider_urls.items() if provider == name), "")
        return (urlsplit(url).hostname or "") in LOOPBACK
