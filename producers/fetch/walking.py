"""A request with its redirects: every hop is looked at anew, and has a turn of its own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from urllib.parse import urldefrag, urljoin

from producers.fetch.gate import Gate, Turn
from producers.fetch.http import Http, Incoming, Outgoing
from producers.fetch.places import Place, Places
from producers.fetch.refusals import NotFetchable
from producers.fetch.resolving import PrivateAddress
from producers.fetch.rules import Conclusion, Terms
from songnodes import metrics
from songnodes.clock import Clock

HOPS = 5  # redirects at most (RFC 9309 asks for five with robots.txt)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Those after which a POST becomes a GET, as every browser does (RFC 9110 section 15.4).
TO_GET = frozenset({301, 302, 303})

Permit = Callable[[str, Place], Awaitable[Terms]]
Judge = Callable[[Incoming, datetime], Conclusion]


class Needless(Exception):
    """While the request waited for its turn, somebody else got the answer"""


class Walker:
    """Sends requests, each hop in its turn."""

    def __init__(self, gate: Gate, http: Http, places: Places, clock: Clock) -> None:
        self._gate = gate
        self._http = http
        self._places = places
        self._clock = clock

    async def walk(
        self,
        outgoing: Outgoing,
        hosts: Collection[str],
        permit: Permit,
        judge: Judge,
        *,
        look_again: Callable[[], Awaitable[None]] | None = None,
    ) -> Incoming:
        """The last answer. `permit` says on which terms a hop may be asked, or raises; `judge` what an answer
        says of the host; `look_again` may raise Needless once the turn has come.

        Raises what `permit` raises, Needless, HostHeld, GateDown, Unreachable, NotFetchable.
        """
        for _ in range(HOPS + 1):
            place = self._places.find(outgoing.url, hosts)
            terms = await permit(outgoing.url, place)
            async with self._gate.turn(place.host, terms) as turn:
                if look_again:
                    try:
                        await look_again()
                    except Needless:
                        turn.give_back()
                        raise
                incoming = await self._sent(turn, place, outgoing)
                turn.conclusion = judge(incoming, self._clock.now())
            target = _target(incoming)
            if target is None:
                return incoming
            outgoing = _further(outgoing, incoming.status, target)
        raise NotFetchable(url=outgoing.url, reason=f"more than {HOPS} redirects")

    async def _sent(self, turn: Turn, place: Place, outgoing: Outgoing) -> Incoming:
        turn.check()
        try:
            with metrics.FETCH_SECONDS.labels(place.host).time():
                return await self._http.send(place, outgoing)
        except PrivateAddress:
            raise
        except NotFetchable:  # the site answered well, only not with anything for us
            turn.conclusion = Conclusion(ending="fetched")
            raise


def _target(incoming: Incoming) -> str | None:
    """Where an answer points, with the fragment that names the page; None when it is no redirect."""
    location = incoming.headers.get("location", "").strip()
    if incoming.status not in REDIRECTS or not location:
        return None
    base, fragment = urldefrag(incoming.url)
    try:
        target = urljoin(base, location)
    except ValueError as error:
        raise NotFetchable(url=incoming.url, reason="a redirect to no address") from error
    return f"{target}#{fragment}" if fragment and "#" not in target else target


def _further(outgoing: Outgoing, status: int, target: str) -> Outgoing:
    keeps = outgoing.method != "POST" or status not in TO_GET
    headers: Mapping[str, str] = outgoing.headers if keeps else _without_content(outgoing.headers)
    return Outgoing(
        url=target,
        method=outgoing.method if keeps else "GET",
        headers=headers,
        body=outgoing.body if keeps else None,
    )


def _without_content(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
