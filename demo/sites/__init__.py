"""The four sites, served on loopback by one process that distinguishes them by the Host header.

    with Sites(Library(world)).running() as sites:
        settings = settings.model_copy(update={"sites": sites.mapping})

A site's responses are pure functions of the request and of the edition, a version clock that moves on
command; faults are added at stated rates, and are always the same for the same address.
"""

from demo.sites.exchange import Reply, SiteRequest
from demo.sites.faults import Faults
from demo.sites.library import Library
from demo.sites.server import LoggedRequest, Sites

__all__ = ["Faults", "Library", "LoggedRequest", "Reply", "SiteRequest", "Sites"]
