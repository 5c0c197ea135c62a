"""Apply robots.txt to addresses; fetch it when no process has a fresh copy."""

from datetime import UTC, datetime

from producers.fetch import outcomes, robots
from producers.fetch.errors import Disallowed, HostCoolingDown, NotFetchable, SiteUnreachable
from producers.fetch.host_policies import host_policy
from producers.fetch.host_store import RedisHostStore
from producers.fetch.http import HttpRequest, HttpResponse
from producers.fetch.redirects import AlreadyFetched, RedirectFollower
from producers.fetch.robots import RobotsFile, RobotsVerdict
from producers.fetch.rules import FetchOutcome, HostPolicy
from producers.fetch.url_guard import AllowedUrl
from producers.sources import SOURCES
from songnodes.clock import Clock
from songnodes.settings import Settings


class RobotsPolicy:
    """robots.txt of the sites, cached for all processes."""

    def __init__(
        self, settings: Settings, store: RedisHostStore, follower: RedirectFollower, clock: Clock
    ) -> None:
        self._settings = settings
        self._store = store
        self._follower = follower
        self._clock = clock

    async def check(self, source: str, url: str, allowed_url: AllowedUrl) -> RobotsVerdict:
        """Return the verdict of robots.txt that allows an address.

        Raises Disallowed; HostCoolingDown while robots.txt is unavailable; and the errors of fetching it.
        """
        robots_file = await self._cached(allowed_url.host) or await self._fetch(source, allowed_url.host)
        if robots_file.is_missing:
            until = datetime.fromtimestamp(robots_file.until, UTC)
            raise HostCoolingDown(host=allowed_url.host, until=until, why=robots_file.failure)
        verdict = robots.evaluate(robots_file, url, robots.ROBOTS_AGENT)
        if not verdict.allowed:
            raise Disallowed(url=url, rule=f"robots.txt of {allowed_url.host}")
        return verdict

    async def _cached(self, host: str) -> RobotsFile | None:
        stored = await self._store.get_text(robots.STORE_KIND, host)
        return robots.from_json(stored) if stored else None

    async def _fetch(self, source: str, host: str) -> RobotsFile:
        """Fetch robots.txt, or return the copy that another process fetched during the wait for a slot."""

        async def authorize(_url: str, allowed_url: AllowedUrl) -> HostPolicy:
            return host_policy(self._settings, source, allowed_url.host)

        async def recheck() -> None:
            if await self._cached(host):
                raise AlreadyFetched

        request = HttpRequest(url=f"https://{host}/robots.txt", headers={"Accept": "text/plain"})
        hosts = SOURCES[source].card.hosts
        retry_delay_s = robots.retry_delay(host_policy(self._settings, source, host).pause)
        try:
            response = await self._follower.send(request, hosts, authorize, _classify, recheck=recheck)
            robots_file = robots.from_response(response.status, response.body, self._now(), retry_delay_s)
        except AlreadyFetched:
            return await self._cached(host) or robots.unavailable(self._now(), retry_delay_s)
        except (SiteUnreachable, NotFetchable):
            robots_file = robots.unavailable(self._now(), retry_delay_s)
        await self._store.put_text(
            robots.STORE_KIND, host, robots_file.to_json(), robots_file.until - self._now()
        )
        return robots_file

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _classify(response: HttpResponse, now: datetime) -> FetchOutcome:
    return outcomes.from_robots_response(response.status, response.headers, now)
