"""The four sites, served on loopback by one process that tells them apart by the Host header.

    with Sites(Library(world)).running() as sites:
        settings = settings.model_copy(update={"sites": sites.mapping})

A site's answers are pure functions of what was asked and of the edition, a version clock that moves when told
to; faults come on top, at rates, and always the same for the same address.
"""

from demo.sites.exchange import Asked, Reply
from demo.sites.faults import Faults
from demo.sites.library import Library
from demo.sites.server import Seen, Sites

__all__ = ["Asked", "Faults", "Library", "Reply", "Seen", "Sites"]
