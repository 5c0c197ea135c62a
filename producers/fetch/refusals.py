"""Why there is no answer. What a message needs is given as keyword arguments and stays an attribute."""

from songnodes.errors import NotUsable, Poison, Transient


class HostHeld(Transient):
    """Nothing is asked of this host for now

    Attributes: host, until (datetime, UTC), why.
    """

    remedy = "`songnodes status` shows all hosts; what waits is asked for when the time has come"


class Unreachable(Transient):
    """The site did not give a whole answer

    Attributes: url, reason.
    """


class GateDown(Transient):
    """Redis does not answer, so nobody knows whose turn it is and nothing is asked of any site"""

    remedy = "`songnodes status` shows the servers"


class Disallowed(NotUsable):
    """The site's robots.txt forbids this address

    Attributes: url, rule. Not to be asked again within a day.
    """


class NoContact(NotUsable):
    """This site wants to know who asks

    Attribute: source.
    """

    remedy = "Set SONGNODES_CONTACT to an address or a URL where you can be reached"


class NoBrowser(NotUsable):
    """Pages that need scripts are rendered by Chromium, and there is none"""

    remedy = (
        "Install it (Debian: apt-get install chromium-headless-shell) or set SONGNODES_CHROMIUM to its path"
    )


class NotFetchable(Poison):
    """This will never be fetched as it is asked for

    Attributes: url, reason: too large, a bomb, a private address, off the source's hosts, a wrong scheme.
    """

    reason = "not_fetchable"
