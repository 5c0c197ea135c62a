"""Limits for each host, from its source, the settings and robots.txt."""

from producers.fetch.quiet_hours import QuietHours
from producers.fetch.rules import HostPolicy
from producers.sources import SOURCES
from songnodes.settings import Settings


def host_policy(settings: Settings, source: str, host: str, delay: float = 0.0) -> HostPolicy:
    """Return the limits for a host; the longest of all pauses counts. `delay` is robots.txt's, in seconds."""
    if host in settings.sites:
        floor = settings.site_pause
    else:
        floor = max(SOURCES[source].card.conduct.floor, settings.pauses.get(host, 0.0))
    return HostPolicy(
        pause=max(floor, delay),
        budget=settings.daily_budget,
        quiet=QuietHours.parse(settings.quiet_hours),
        block_hold=settings.block_hold,
    )


def source_of_host(host: str) -> str | None:
    """Return the source that a host belongs to, or None."""
    return next((name for name, source in SOURCES.items() if host in source.card.hosts), None)
