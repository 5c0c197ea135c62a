"""Enrichment of the demo: its processes call the local providers only, with invented credentials."""

import json
from collections.abc import Mapping
from dataclasses import replace

from demo.crawl import CONTACT
from demo.providers import Providers
from demo.providers.credentials import CREDENTIALS
from demo.providers.holdings import PROVIDERS, Provider
from infra.embedded.workers import Worker, configured_workers
from songnodes.settings import Settings

#: The process that calls the providers.
PROCESS = "enrich"
#: Factor on the limits of providers: MusicBrainz alone would need an hour for the demo's tracks.
SPEED = 50
#: Seconds by which a start may be missed. Each new one costs as much as the request, and on a busy machine
#: most would be missed by more than a real provider allows.
LATENESS_S = 1.0
#: Spotify ships switched off.
ENABLED: tuple[Provider, ...] = tuple(provider for provider in PROVIDERS if provider != "spotify")


def settings_for(providers: Providers, settings: Settings) -> Settings:
    """Return the settings that send every call to the local providers."""
    return Settings(**{**settings.model_dump(), **_values(providers, settings)})


def environment(providers: Providers, settings: Settings) -> dict[str, str]:
    """Return the variables that send the calls of a process to the local providers."""
    return _variables(_values(providers, settings))


def workers(providers: Providers, settings: Settings) -> tuple[Worker, ...]:
    """Return the processes of the demo: all of the pipeline, and the one that calls the providers.

    All have the credentials, by which silver knows the providers that are on.
    """
    credentials = _variables({"contact": settings.contact or CONTACT, **CREDENTIALS})
    calls = environment(providers, settings)
    return tuple(
        replace(worker, env={**worker.env, **(calls if worker.name == PROCESS else credentials)})
        for worker in configured_workers(crawlers=settings.crawlers, enrichers=1, webs=int(settings.web_on))
    )


def _variables(values: Mapping[str, object]) -> dict[str, str]:
    return {
        f"SONGNODES_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


def _values(providers: Providers, settings: Settings) -> Mapping[str, object]:
    return {
        "provider_urls": {str(name): url for name, url in providers.base_urls.items()},
        "provider_speed": SPEED,
        "provider_lateness": LATENESS_S,
        "contact": settings.contact or CONTACT,
        **CREDENTIALS,
    }
