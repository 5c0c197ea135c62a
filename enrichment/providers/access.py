"""Access to a provider, from the settings: address, User-Agent, credentials, limits."""

from urllib.parse import urlsplit

from enrichment.types import Operation, Provider, ProviderAccess, Window
from songnodes import __version__
from songnodes.provider_settings import LATENESS_S
from songnodes.settings import Settings

DAY_S = 86400.0


def access_of(provider: Provider, settings: Settings, token: str | None = None) -> ProviderAccess:
    """Return the access to a provider; `token` is the newest of `Provider.read_token`."""
    overriding = dict(settings.provider_urls).get(provider.name)  # type: ignore[call-overload]
    token_url = provider.token_url
    if overriding and token_url:
        token_url = f"{overriding}{urlsplit(token_url).path}"
    return ProviderAccess(
        base_url=overriding or provider.base_url,
        token_url=token_url,
        user_agent=user_agent(settings),
        credentials={name: settings.provider_secret(name) for name in provider.credentials},
        token=token,
    )


def user_agent(settings: Settings) -> str:
    """Return the User-Agent: program and version, the installation's name, the operator's contact.

    Without them one installation that misbehaves has all of them blocked: MusicBrainz counts by User-Agent.
    """
    details = "; ".join(
        part for part in (settings.installation, f"+{settings.contact}" if settings.contact else "") if part
    )
    return f"SongNodes/{__version__} ({details})" if details else f"SongNodes/{__version__}"


def lateness_s_of(provider: Provider, settings: Settings) -> float:
    """Return the lateness of starts: `provider_lateness` for a provider on loopback."""
    return settings.provider_lateness if settings.is_local_provider(provider.name) else LATENESS_S


def windows_of(provider: Provider, settings: Settings) -> tuple[Window, ...]:
    """Return the limits of a provider over all its operations, the operator's daily budget included.

    Those of a provider on loopback are multiplied by `provider_speed`.
    """
    speed = settings.provider_speed if settings.is_local_provider(provider.name) else 1
    own = tuple(Window(starts=window.starts * speed, seconds=window.seconds) for window in provider.windows)
    budget = {name: starts for name, starts in settings.provider_budgets.items() if name == provider.name}
    daily = tuple(Window(starts=starts, seconds=DAY_S) for starts in budget.values())
    return (*own, *daily)


def limits_of(provider: Provider, operation: Operation, settings: Settings) -> dict[str, tuple[Window, ...]]:
    """Return the limits of one call by the key that it shares: the provider's, and those of its operation."""
    limits = {provider.name: windows_of(provider, settings)}
    if operation.windows:
        limits[f"{provider.name}.{operation.name}"] = operation.windows
    return limits


def retention_days_of(provider: Provider, settings: Settings) -> int | None:
    """Return the days for which answers are kept: the shorter one of its terms and the settings."""
    configured = [days for name, days in settings.provider_retention_days.items() if name == provider.name]
    days = [*configured, *([provider.retention_days] if provider.retention_days else [])]
    return min(days, default=None)
