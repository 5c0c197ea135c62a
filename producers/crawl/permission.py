"""Which sites may be crawled: what the source's card says, and what the operator has switched on."""

from producers.sources import SOURCES
from songnodes.errors import NotUsable
from songnodes.settings import Settings


class UnknownSource(NotUsable):
    """There is no such source"""

    remedy = f"One of {', '.join(SOURCES)}"


class SwitchedOff(NotUsable):
    """This site is not crawled unless the operator says so"""

    remedy = (
        "An operator who may do it sets SONGNODES_CRAWL='[\"NAME\"]'; saved pages go in by `songnodes ingest`"
    )


class ContactWanted(NotUsable):
    """This site wants to know who asks"""

    remedy = "Set SONGNODES_CONTACT to an address or a URL where you can be reached"


class NotSimulated(NotUsable):
    """While sites are simulated (SONGNODES_SITES), no other is asked"""


def known(name: str) -> None:
    """Whether there is such a source. Raises UnknownSource."""
    if name not in SOURCES:
        raise UnknownSource(name)


def check(name: str, settings: Settings) -> None:
    """Whether a site may be asked. Raises UnknownSource, SwitchedOff, ContactWanted,
    NotSimulated."""
    known(name)
    card = SOURCES[name].card
    conduct = card.conduct
    if settings.sites:
        if not card.hosts & settings.sites.keys():
            raise NotSimulated(source=name)
        return
    if not conduct.on and name not in settings.crawl:
        raise SwitchedOff(conduct.why, source=name)
    if conduct.needs_contact and not settings.contact:
        raise ContactWanted(conduct.why, source=name)


def allowed(settings: Settings) -> list[str]:
    """The sources that may be crawled, in the order of the registry."""
    return [name for name in SOURCES if _may(name, settings)]


def _may(name: str, settings: Settings) -> bool:
    try:
        check(name, settings)
    except NotUsable:
        return False
    return True
