"""Allow only addresses of a source's hosts, and map them to simulated sites where these are configured."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from yarl import URL

from producers.fetch.errors import NotFetchable
from songnodes.settings import Settings

#: Addresses that are sent unchanged.
PRINTABLE_ASCII = re.compile(r"^[!-~]+$")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedUrl:
    """An address that may be requested. `host` is the site's; the request is sent to `request_url`."""

    host: str
    request_url: URL
    simulated: bool


class UrlGuard:
    """Checks addresses before they are requested."""

    def __init__(self, settings: Settings) -> None:
        self._sites = {host: URL(base) for host, base in settings.sites.items()}

    def check(self, url: str, hosts: Collection[str]) -> AllowedUrl:
        """Return where to send a request for an address of one of `hosts`. Raises NotFetchable."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
            request_url = URL(parts._replace(fragment="").geturl(), encoded=bool(PRINTABLE_ASCII.match(url)))
        except ValueError as error:
            raise NotFetchable(url=url, reason=f"invalid address: {error}") from error
        if host not in hosts:
            raise NotFetchable(url=url, reason="not a host of the source")
        if parts.username is not None or port not in (None, DEFAULT_PORTS.get(parts.scheme)):
            raise NotFetchable(url=url, reason="a port or a user name in the address")
        if self._sites:
            return self._simulated(url, parts.scheme, host, request_url)
        if parts.scheme != "https":
            raise NotFetchable(url=url, reason="wrong scheme")
        return AllowedUrl(host=host, request_url=request_url, simulated=False)

    def _simulated(self, url: str, scheme: str, host: str, request_url: URL) -> AllowedUrl:
        base = self._sites.get(host)
        if base is None:
            raise NotFetchable(url=url, reason="no simulated site, and only simulated sites are fetched")
        if scheme not in DEFAULT_PORTS:
            raise NotFetchable(url=url, reason="wrong scheme")
        return AllowedUrl(
            host=host,
            request_url=base.join(URL(request_url.raw_path_qs or "/", encoded=True)),
            simulated=True,
        )
