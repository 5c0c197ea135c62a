"""Opens a gateway by the settings: Redis for state and cache, Kafka for the archive, an HTTP client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from enrichment import providers
from enrichment.gateway.account import ACCOUNT_FORM, MAX_WAIT_S
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.archive import TOPIC, Archive, KafkaArchive
from enrichment.gateway.cache import RedisAnswerCache
from enrichment.gateway.client import Client
from enrichment.gateway.exchange import Exchange
from enrichment.gateway.flights import RedisLeases
from enrichment.gateway.gateway import Gateway, Mode
from enrichment.gateway.processes import HEARTBEATS_FORM, Processes
from enrichment.gateway.slots import SlotBook
from enrichment.gateway.terms import Terms
from enrichment.providers.access import access_of, lateness_s_of, retention_days_of, windows_of
from enrichment.types import Provider
from songnodes.errors import RedisUnreachable
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.process.tasks import end_task
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection

DAY_S = 86400.0


def key_prefix(settings: Settings) -> str:
    """Return the prefix of all keys of the gateway.

    Real providers see all pipelines on one Redis as one client, so these share limits and answers; local
    servers belong to a namespace.
    """
    return f"songnodes:gateway:local:{settings.namespace}" if settings.provider_urls else "songnodes:gateway"


def accounts_prefix(settings: Settings) -> str:
    """Return the prefix of the keys of accounts."""
    return f"{key_prefix(settings)}:account"


def terms_of(provider: Provider, settings: Settings) -> Terms:
    """Return the terms of a provider."""
    days = retention_days_of(provider, settings)
    return Terms(
        provider=provider,
        access=access_of(provider, settings),
        windows=windows_of(provider, settings),
        retention_s=None if days is None else days * DAY_S,
        lateness_s=lateness_s_of(provider, settings),
    )


def configured_terms(settings: Settings, known: Mapping[str, Provider] = providers.ALL) -> dict[str, Terms]:
    """Return the terms of the providers that are on."""
    return {
        name: terms_of(provider, settings)
        for name, provider in known.items()
        if provider.configured(settings) is None
    }


@asynccontextmanager
async def opened_gateway(
    settings: Settings,
    terms: Mapping[str, Terms],
    archive: Archive,
    *,
    mode: Mode = "live",
    max_wait_s: float = MAX_WAIT_S,
) -> AsyncIterator[Gateway]:
    """Open a gateway that writes to this archive."""
    async with AsyncExitStack() as stack:
        texts = await stack.enter_async_context(connection(settings))
        answers = await stack.enter_async_context(connection(settings, decode=False))
        prefix = key_prefix(settings)
        processes = await stack.enter_async_context(
            _heartbeats(Processes(RedisStateStore(texts, prefix, HEARTBEATS_FORM)))
        )
        states = RedisStateStore(texts, accounts_prefix(settings), ACCOUNT_FORM)
        accounts = AccountStore(states, lambda: processes.count)
        await stack.enter_async_context(_running(accounts.run()))
        slots = SlotBook(accounts, max_wait_s=max_wait_s)
        client = await stack.enter_async_context(Client())
        yield Gateway(
            terms,
            exchange=Exchange(client, slots),
            cache=RedisAnswerCache(answers, prefix),
            archive=archive,
            mode=mode,
            leases=RedisLeases(answers, prefix),
        )


@asynccontextmanager
async def opened_archive(settings: Settings) -> AsyncIterator[KafkaArchive]:
    """Open the archive. Raises SchemasMissing, RegistryUnreachable."""
    with Codec.opened(settings) as codec:
        options = {"compression.type": topics.compression([TOPIC])}
        async with KafkaArchive(clients.producer(settings, **options), codec, settings) as archive:
            yield archive


@asynccontextmanager
async def _heartbeats(processes: Processes) -> AsyncIterator[Processes]:
    async with _running(processes.run()):
        yield processes
    with contextlib.suppress(RedisUnreachable):
        await processes.end()


@asynccontextmanager
async def _running(coroutine: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        await end_task(task)
