"""Names to addresses that may be asked: none of a private network, whatever the name's owner answers.

The connection goes to the addresses found here, so a second answer of the name server changes nothing.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AF_UNSPEC, AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from producers.fetch.refusals import NotFetchable

#: IPv4 through IPv6 (RFC 6052): the last four bytes are what counts.
NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddress(NotFetchable):
    """The name leads to an address that is not public

    Attributes: url, reason.
    """


class PublicResolver(AbstractResolver):
    """Resolves by another resolver and refuses names that lead anywhere but to the public internet."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC
    ) -> list[ResolveResult]:
        """All addresses of a name. Raises PrivateAddress when one of them is not public, OSError."""
        found = await self._inner.resolve(host, port, family)
        for each in found:
            if not is_public(each["host"]):
                raise PrivateAddress(url=host, reason=f"private address {each['host']}")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(text: str) -> bool:
    """Whether an address belongs to a machine on the public internet, however it is written."""
    try:
        address = _inside(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address wraps, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return wrapped or address
