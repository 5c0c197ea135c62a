"""Where an address leads: only to the hosts of its source, and to simulated sites where there are any."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from yarl import URL

from producers.fetch.refusals import NotFetchable
from songnodes.settings import Settings

#: What goes over the wire as it stands.
WIRE = re.compile(r"^[!-~]+$")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address that may be asked. `host` is the site's; `wire` is where the request goes in fact."""

    host: str
    wire: URL
    simulated: bool


class Places:
    """All that this process may ask."""

    def __init__(self, settings: Settings) -> None:
        self._sites = {host: URL(base) for host, base in settings.sites.items()}

    def find(self, url: str, hosts: Collection[str]) -> Place:
        """The place of an address among a source's hosts. Raises NotFetchable."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
            wire = URL(parts._replace(fragment="").geturl(), encoded=bool(WIRE.match(url)))
        except ValueError as error:
            raise NotFetchable(url=url, reason=f"no address: {error}") from error
        if host not in hosts:
            raise NotFetchable(url=url, reason="off the source's hosts")
        if parts.username is not None or port not in (None, PORTS.get(parts.scheme)):
            raise NotFetchable(url=url, reason="a port or a name of its own in the address")
        if self._sites:
            return self._simulated(url, parts.scheme, host, wire)
        if parts.scheme != "https":
            raise NotFetchable(url=url, reason="wrong scheme")
        return Place(host=host, wire=wire, simulated=False)

    def _simulated(self, url: str, scheme: str, host: str, wire: URL) -> Place:
        base = self._sites.get(host)
        if base is None:
            raise NotFetchable(url=url, reason="no simulated site, and only these are asked")
        if scheme not in PORTS:
            raise NotFetchable(url=url, reason="wrong scheme")
        return Place(host=host, wire=base.join(URL(wire.raw_path_qs or "/", encoded=True)), simulated=True)
