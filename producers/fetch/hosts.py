"""State of each host, as `songnodes status` shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from producers.fetch import robots, rules
from producers.fetch.host_policies import host_policy, source_of_host
from producers.fetch.host_store import RedisHostStore
from producers.fetch.robots import RobotsFile
from producers.fetch.rules import Host, HostPolicy, Wait
from songnodes.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """One host: requests so far by outcome, and when the next one may be sent.

    `pause` is in seconds between two requests, the delay of robots.txt included; `budget_left` counts
    requests within 24 hours; `next_turn` is the earliest time of the next request, None for at once;
    `held_until` and `why` are set during a cooldown, `in_flight` while a request is in flight.
    """

    host: str
    source: str
    fetched: int
    failed: int
    blocked: int
    held_until: datetime | None
    why: str | None
    pause: float
    budget_left: int
    next_turn: datetime | None
    in_flight: bool


async def host_table(settings: Settings) -> list[HostState]:
    """Return all hosts with stored state, by name.

    Raises RedisUnreachable, and AddressMissing without a Redis.
    """
    async with RedisHostStore.opened(settings) as store:
        states = [await _state(settings, store, name) for name in await store.names()]
    return [state for state in states if state is not None]


async def _state(settings: Settings, store: RedisHostStore, name: str) -> HostState | None:
    source = source_of_host(name)
    if source is None:  # stored by an older version
        return None
    stored = await store.get_text(robots.STORE_KIND, name)
    robots_file = robots.from_json(stored) if stored else None
    delay = (
        robots.evaluate(robots_file, f"https://{name}/", robots.ROBOTS_AGENT).delay if robots_file else 0.0
    )
    policy = host_policy(settings, source, name, delay)
    now, host, *_ = await store.get(name)
    until, why = _cooldown(host, policy, robots_file, now)
    due = max(until or 0.0, rules.next_turn(host, policy))
    return HostState(
        host=name,
        source=source,
        fetched=host.fetched,
        failed=host.failed,
        blocked=host.blocked,
        held_until=_to_datetime(until) if until else None,
        why=why,
        pause=policy.pause,
        budget_left=max(rules.budget_left(host, policy, now), 0),
        next_turn=_to_datetime(due) if due > now else None,
        in_flight=host.flight is not None and host.flight.until > now,
    )


def _cooldown(
    host: Host, policy: HostPolicy, robots_file: RobotsFile | None, now: float
) -> tuple[float | None, str | None]:
    """Return the end of the cooldown and its reason; the pause between two requests is none."""
    result = rules.start(host, policy, max(now, rules.next_turn(host, policy)), token="", jitter=0.0)
    if isinstance(result, Wait) and result.is_cooldown:
        return result.until, result.why
    if robots_file is not None and robots_file.is_missing:
        return robots_file.until, robots_file.failure
    return None, None


def _to_datetime(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)
