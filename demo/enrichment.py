"""Enrichment of the demo: its processes call the local providers only, with invented credentials."""

import json
from collections.abc import Mapping

from demo.crawl import CONTACT
from demo.providers import Providers
from demo.providers.credentials import CREDENTIALS
from demo.providers.holdings import PROVIDERS, Provider
from songnodes.settings import Settings

#: Factor on the limits of providers: MusicBrainz alone would need an hour for the demo's tracks.
SPEED = 50
#: Spotify ships switched off.
ENABLED: tuple[Provider, ...] = tuple(provider for provider in PROVIDERS if provider != "spotify")


def settings_for(providers: Providers, settings: Settings) -> Settings:
    """Return the settings that send every call to the local providers."""
    return Settings(**{**settings.model_dump(), **_values(providers, settings)})


def environment(providers: Providers, settings: Settings) -> dict[str, str]:
    """Return the variables that send the calls of a process to the local providers."""
    return {
        f"SONGNODES_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in _values(providers, settings).items()
    }


def _values(providers: Providers, settings: Settings) -> Mapping[str, object]:
    return {
        "provider_urls": {str(name): url for name, url in providers.base_urls.items()},
        "provider_speed": SPEED,
        "contact": settings.contact or CONTACT,
        **CREDENTIALS,
    }
