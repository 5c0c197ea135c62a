"""How a host is to be treated: what its source says, what the operator says, what robots.txt asks for."""

from producers.fetch.quiet import Quiet
from producers.fetch.rules import Terms
from producers.sources import SOURCES
from songnodes.settings import Settings


def terms(settings: Settings, source: str, host: str, delay: float = 0.0) -> Terms:
    """The longest pause of all that ask for one; `delay` is robots.txt's, in seconds."""
    if host in settings.sites:
        floor = settings.site_pause
    else:
        floor = max(SOURCES[source].card.conduct.floor, settings.pauses.get(host, 0.0))
    return Terms(
        pause=max(floor, delay),
        budget=settings.daily_budget,
        quiet=Quiet.read(settings.quiet_hours),
        block_hold=settings.block_hold,
    )


def source_of(host: str) -> str | None:
    """The source that a host belongs to."""
    return next((name for name, each in SOURCES.items() if host in each.card.hosts), None)
