"""What is known of each host, for people: `songnodes status` shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from producers.fetch import robots, rules
from producers.fetch.memory import RedisMemory
from producers.fetch.robots import Copy
from producers.fetch.rules import Host, Terms, Wait
from producers.fetch.terms import source_of, terms
from songnodes.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """One host: requests so far by how they ended, and what comes next.

    `pause` in seconds between two requests, robots.txt taken in; `budget_left` of any 24 hours; `next_turn`
    is the earliest time of the next request by all that is known, None for at once; `held_until` and `why`
    are set while the host is left alone, `in_flight` while a request is under way.
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
    """All hosts that were ever asked, by name. Raises GateDown, and ServersUnknown without a Redis."""
    async with RedisMemory.opened(settings) as memory:
        found = [await _state(settings, memory, name) for name in await memory.names()]
    return [state for state in found if state is not None]


async def _state(settings: Settings, memory: RedisMemory, name: str) -> HostState | None:
    source = source_of(name)
    if source is None:  # of an older version of ours
        return None
    stored = await memory.text(robots.KIND, name)
    copy = robots.read(stored) if stored else None
    delay = robots.verdict(copy, f"https://{name}/", robots.NAME).delay if copy else 0.0
    agreed = terms(settings, source, name, delay)
    now, host, _ = await memory.look(name)
    until, why = _held(host, agreed, copy, now)
    due = max(until or 0.0, rules.next_turn(host, agreed))
    return HostState(
        host=name,
        source=source,
        fetched=host.fetched,
        failed=host.failed,
        blocked=host.blocked,
        held_until=_moment(until) if until else None,
        why=why,
        pause=agreed.pause,
        budget_left=max(rules.left(host, agreed, now), 0),
        next_turn=_moment(due) if due > now else None,
        in_flight=host.flight is not None and host.flight.until > now,
    )


def _held(host: Host, agreed: Terms, copy: Copy | None, now: float) -> tuple[float | None, str | None]:
    """Until when the host is left alone, and why; taking turns is no holding."""
    answer = rules.ask(host, agreed, max(now, rules.next_turn(host, agreed)), token="", jitter=0.0)
    if isinstance(answer, Wait) and answer.held:
        return answer.until, answer.why
    if copy is not None and copy.is_missing:
        return copy.until, copy.why_not
    return None, None


def _moment(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)
