"""Errors of fetching. The keyword arguments of an error are part of its message and become attributes."""

from songnodes.errors import Poison, Transient, UserError


class HostCoolingDown(Transient):
    """This host is cooling down: no requests are sent to it for now

    Attributes: host, until (datetime, UTC), why.
    """

    remedy = "`songnodes status` shows all hosts; the crawler continues by itself when the cooldown ends"


class SiteUnreachable(Transient):
    """The site did not send a complete response

    Attributes: url, reason.
    """


class Disallowed(UserError):
    """The site's robots.txt forbids this address

    Attributes: url, rule. Do not retry within a day.
    """


class NotFetchable(Poison):
    """This address cannot be fetched

    Attributes: url, reason: too large, a private address, not a host of the source, a wrong scheme ...
    """

    reason = "not_fetchable"
