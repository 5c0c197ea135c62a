"""Check which sites may be crawled: by the source's card and the operator's settings."""

from producers.errors import ContactRequired
from producers.sources import SOURCES
from songnodes.errors import UnknownName, UserError
from songnodes.settings import Settings


class SourceDisabled(UserError):
    """This site is not crawled unless you enable it"""

    remedy = (
        "If you have permission, set SONGNODES_CRAWL='[\"NAME\"]'; `songnodes ingest` imports saved pages"
    )


class OutsideSimulation(UserError):
    """While sites are simulated (SONGNODES_SITES), no other site is fetched"""


def check_source(name: str) -> None:
    """Raise UnknownName unless the source exists."""
    if name not in SOURCES:
        raise UnknownName("source", name, SOURCES)


def check_allowed(name: str, settings: Settings) -> None:
    """Check that a site may be crawled. Raises UnknownName, SourceDisabled, ContactRequired,
    OutsideSimulation."""
    check_source(name)
    card = SOURCES[name].card
    conduct = card.conduct
    if settings.sites:
        if not card.hosts & settings.sites.keys():
            raise OutsideSimulation(source=name)
        return
    if not conduct.on and name not in settings.crawl:
        raise SourceDisabled(conduct.why, source=name)
    if conduct.needs_contact and not settings.contact:
        raise ContactRequired(conduct.why, source=name)


def allowed_sources(settings: Settings) -> list[str]:
    """Return the sources that may be crawled, in the order of the registry."""
    return [name for name in SOURCES if _is_allowed(name, settings)]


def _is_allowed(name: str, settings: Settings) -> bool:
    try:
        check_allowed(name, settings)
    except UserError:
        return False
    return True
