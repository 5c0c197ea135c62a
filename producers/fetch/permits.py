"""Whether an address may be asked, and on which terms: robots.txt, fetched when nobody has a fresh copy."""

from datetime import UTC, datetime

from producers.fetch import conclusions, robots
from producers.fetch.http import Incoming, Outgoing
from producers.fetch.memory import RedisMemory
from producers.fetch.places import Place
from producers.fetch.refusals import Disallowed, HostHeld, NotFetchable, Unreachable
from producers.fetch.robots import Copy, Verdict
from producers.fetch.rules import Conclusion, Terms
from producers.fetch.terms import terms
from producers.fetch.walking import Needless, Walker
from producers.sources import SOURCES
from songnodes.clock import Clock
from songnodes.settings import Settings


class Permits:
    """What the sites' robots.txt say, shared by all processes."""

    def __init__(self, settings: Settings, memory: RedisMemory, walker: Walker, clock: Clock) -> None:
        self._settings = settings
        self._memory = memory
        self._walker = walker
        self._clock = clock

    async def verdict(self, source: str, url: str, place: Place) -> Verdict:
        """An allowing verdict. Raises Disallowed; HostHeld while the site's robots.txt cannot be had, and
        what fetching it raises."""
        copy = await self._copy(place.host) or await self._fetched(source, place.host)
        if copy.is_missing:
            until = datetime.fromtimestamp(copy.until, UTC)
            raise HostHeld(host=place.host, until=until, why=copy.why_not)
        verdict = robots.verdict(copy, url, robots.NAME)
        if not verdict.allowed:
            raise Disallowed(url=url, rule=f"robots.txt of {place.host}")
        return verdict

    async def _copy(self, host: str) -> Copy | None:
        stored = await self._memory.text(robots.KIND, host)
        return robots.read(stored) if stored else None

    async def _fetched(self, source: str, host: str) -> Copy:
        """A copy fetched now, or the one that another process fetched while this one waited for its turn."""

        async def permit(_url: str, place: Place) -> Terms:
            return terms(self._settings, source, place.host)

        async def look_again() -> None:
            if await self._copy(host):
                raise Needless

        outgoing = Outgoing(url=f"https://{host}/robots.txt", headers={"Accept": "text/plain"})
        hosts = SOURCES[source].card.hosts
        again = robots.again(terms(self._settings, source, host).pause)
        try:
            incoming = await self._walker.walk(outgoing, hosts, permit, _judge, look_again=look_again)
            copy = robots.copy_of(incoming.status, incoming.body, self._now(), again)
        except Needless:
            return await self._copy(host) or robots.no_answer(self._now(), again)
        except (Unreachable, NotFetchable):
            copy = robots.no_answer(self._now(), again)
        await self._memory.keep(robots.KIND, host, copy.written(), copy.until - self._now())
        return copy

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _judge(incoming: Incoming, now: datetime) -> Conclusion:
    return conclusions.of_robots(incoming.status, incoming.headers, now)
