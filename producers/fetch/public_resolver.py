"""Resolve names to public addresses only, whatever the name's owner publishes.

The connection uses the addresses checked here, so a second response of the name server changes nothing.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AF_UNSPEC, AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from producers.fetch.errors import NotFetchable

#: IPv4 through IPv6 (RFC 6052): the last four bytes are the IPv4 address.
NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddress(NotFetchable):
    """The name resolves to an address that is not public

    Attributes: url, reason.
    """


class PublicResolver(AbstractResolver):
    """Wraps a resolver and refuses names with addresses outside the public internet."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return all addresses of a name. Raises PrivateAddress when one of them is not public, OSError."""
        addresses = await self._inner.resolve(host, port, family)
        for address in addresses:
            if not is_public(address["host"]):
                raise PrivateAddress(url=host, reason=f"private address {address['host']}")
        return addresses

    async def close(self) -> None:
        await self._inner.close()


def is_public(text: str) -> bool:
    """Return True for an address on the public internet, in any notation."""
    try:
        address = _unwrap(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address wraps, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return wrapped or address
