"""Status of providers: what they give, why one is off, the budget used, breakers, cached answers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from enrichment.gateway import limits
from enrichment.gateway.account import ACCOUNT_FORM, ALL, AccountState
from enrichment.gateway.breaker import is_closed
from enrichment.gateway.limits import StartLog
from enrichment.gateway.opening import key_prefix, terms_of
from enrichment.gateway.terms import Terms
from enrichment.providers.access import retention_days_of, windows_of
from enrichment.types import Provider, Window
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection, translate_redis_errors

#: Keys of the cache that are counted; with more, counts are lower bounds.
MAX_COUNTED_KEYS = 100_000
SCAN_BATCH_KEYS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedState:
    """State of the gateway at one time: accounts and cached answers by provider; `is_partial`: at least."""

    now: float
    accounts: Mapping[str, AccountState]
    cached: Mapping[str, int]
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit and the starts that count in it now; `operation` is empty for all of them together."""

    operation: str
    starts: int
    seconds: float
    used: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreaker:
    """A breaker that admits no call before `until`."""

    operation: str
    until: str
    cause: str
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """Status of one provider. `refused` is the provider's own reason: credentials, premium missing."""

    name: str
    title: str
    off: str | None
    gives: tuple[str, ...]
    has_artists: bool
    artist_fields: tuple[str, ...]
    retention_days: int | None
    budgets: tuple[Budget, ...]
    unverified: Mapping[str, str]
    refused: str | None = None
    breakers: tuple[OpenBreaker, ...] = ()
    cached: int | None = None
    operations: Mapping[str, int] = field(default_factory=dict)  # name -> items of one request

    @property
    def remedy(self) -> str | None:
        """Return what an operator does about refused access; None where there is nothing to do."""
        if self.off is not None or self.refused is None:
            return None
        return (
            "No request is sent. Correct the credentials and restart the enrichment: other ones are used at "
            f"once. Was the account changed at the provider, run `songnodes providers --check {self.name}`."
            f" Without need of it, set SONGNODES_PROVIDERS_OFF={self.name}."
        )

    @property
    def is_on(self) -> bool:
        """Return True if calls are admitted, limits and breakers aside."""
        return self.off is None and self.refused is None


def status_of(provider: Provider, settings: Settings, shared: SharedState | None) -> ProviderStatus:
    """Return the status of a provider; budget, breakers and cache are unknown without the shared state."""
    account = shared.accounts.get(provider.name, AccountState()) if shared else AccountState()
    gives = {name for operation in provider.operations.values() for name in operation.gives}
    return ProviderStatus(
        name=provider.name,
        title=provider.title,
        off=provider.configured(settings),
        gives=tuple(sorted(gives)),
        artist_fields=tuple(
            sorted({name for operation in provider.operations.values() for name in operation.artist_fields})
        ),
        has_artists=any(operation.artists for operation in provider.operations.values()),
        retention_days=retention_days_of(provider, settings),
        budgets=tuple(_budgets(provider, settings, account, shared)),
        unverified=dict(provider.unverified),
        refused=account.disabled,
        breakers=tuple(_breakers(account, shared.now)) if shared else (),
        cached=shared.cached.get(provider.name, 0) if shared else None,
        operations={
            operation.name: operation.batch_size
            for operation in provider.operations.values()
            if not operation.secret
        },
    )


async def read_shared_state(settings: Settings, providers: Iterable[Provider]) -> SharedState:
    """Return the state of the gateway. Raises RedisUnreachable."""
    prefix = key_prefix(settings)
    async with connection(settings) as redis:
        store = RedisStateStore(redis, f"{prefix}:account", ACCOUNT_FORM)
        accounts, now = {}, 0.0
        for provider in providers:
            stored = await store.get(_account_name(provider, settings))
            accounts[provider.name], now = stored.state, stored.now
        cached, is_partial = await _count_answers(redis, f"{prefix}:answer:")
    return SharedState(now=now, accounts=accounts, cached=cached, is_partial=is_partial)


def _account_name(provider: Provider, settings: Settings) -> str:
    terms: Terms = terms_of(provider, settings)
    return terms.account


async def _count_answers(redis: "Redis", start: str) -> tuple[Counter[str], bool]:
    counts: Counter[str] = Counter()
    with translate_redis_errors():
        async for key in redis.scan_iter(match=f"{start}*", count=SCAN_BATCH_KEYS):
            counts[str(key).removeprefix(start).partition(":")[0]] += 1
            if counts.total() >= MAX_COUNTED_KEYS:
                return counts, True
    return counts, False


def _budgets(
    provider: Provider, settings: Settings, account: AccountState, shared: SharedState | None
) -> Iterable[Budget]:
    yield from (_budget(ALL, window, account, shared) for window in windows_of(provider, settings))
    for operation in provider.operations.values():
        yield from (_budget(operation.name, window, account, shared) for window in operation.windows)


def _budget(operation: str, window: Window, account: AccountState, shared: SharedState | None) -> Budget:
    log = account.logs.get(operation, StartLog())
    used = limits.starts_used(log, window, shared.now) if shared else None
    return Budget(operation=operation, starts=window.starts, seconds=window.seconds, used=used)


def _breakers(account: AccountState, now: float) -> Iterable[OpenBreaker]:
    for operation, breaker in sorted(account.breakers.items()):
        if not is_closed(breaker) and breaker.open_until > now:
            yield OpenBreaker(
                operation=operation,
                until=datetime.fromtimestamp(breaker.open_until, UTC).isoformat(timespec="seconds"),
                cause=breaker.cause or "failures",
                why=breaker.why,
            )


def plain(status: ProviderStatus) -> dict[str, Any]:
    """Return a status as JSON."""
    return {
        "provider": status.name,
        "title": status.title,
        "on": status.is_on,
        "why_off": status.off or status.refused,
        "remedy": status.remedy,
        "gives": list(status.gives),
        "artists": status.has_artists,
        "artist_fields": list(status.artist_fields),
        "retention_days": status.retention_days,
        "operations": dict(status.operations),
        "budgets": [
            {"operation": b.operation or None, "starts": b.starts, "seconds": b.seconds, "used": b.used}
            for b in status.budgets
        ],
        "open_breakers": [
            {"operation": b.operation or None, "until": b.until, "cause": b.cause, "why": b.why}
            for b in status.breakers
        ],
        "cached_answers": status.cached,
        "unverified": dict(status.unverified),
    }
