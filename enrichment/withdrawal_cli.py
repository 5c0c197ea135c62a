"""`songnodes enrichments`: withdraw archived answers of providers."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from enrichment.gateway.archive import TOPIC
from enrichment.gateway.cache import RedisAnswerCache
from enrichment.gateway.opening import key_prefix, opened_archive, terms_of
from enrichment.providers import ALL
from enrichment.withdrawal import Selection, Withdrawal
from enrichment.worker.archived import ArchivedAnswers, connect
from songnodes import servers
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.settings import Settings, settings
from songnodes.shared_state.redis_store import connection

SERVERS = ("kafka_bootstrap", "database_url", "redis_url", "schema_registry_url")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=__doc__)


class NothingSelected(UserError):
    """No answers are selected"""

    remedy = "Use --provider, --track, --artist or --attempt"


@app.command()
def withdraw(
    provider: Annotated[str | None, typer.Option(help="Answers of this provider.")] = None,
    track: Annotated[str | None, typer.Option(help="Answers for this track id.")] = None,
    artist: Annotated[str | None, typer.Option(help="Answers for this artist id.")] = None,
    attempt: Annotated[UUID | None, typer.Option(help="The answer of this attempt id.")] = None,
) -> None:
    """Withdraw answers from topic, tables and cache: those that meet all conditions."""
    selection = Selection(provider=provider, track_id=track, artist_id=artist, attempt_id=attempt)
    if selection == Selection():
        raise NothingSelected
    current = servers.reached(settings().require(), *SERVERS)
    print(f"{asyncio.run(_withdraw(current, selection)):,} answers withdrawn")


@app.command()
def expire() -> None:
    """Withdraw answers older than the retention of their provider; the worker does so every hour."""
    current = servers.reached(settings().require(), *SERVERS)
    withdrawn = asyncio.run(_expire(current))
    for name, count in withdrawn.items():
        print(f"{name}: {count:,} answers withdrawn")
    if not withdrawn:
        print("no provider has a retention")


async def _withdraw(current: Settings, selection: Selection) -> int:
    async with AsyncExitStack() as stack:
        return await (await _opened(stack, current)).withdraw(selection)


async def _expire(current: Settings) -> dict[str, int]:
    async with AsyncExitStack() as stack:
        opened = await _opened(stack, current)
        terms = {name: terms_of(provider, current) for name, provider in ALL.items()}
        return await opened.enforce_retention(terms, datetime.now(UTC))


async def _opened(stack: AsyncExitStack, current: Settings) -> Withdrawal:
    postgres = await connect(current)
    stack.push_async_callback(postgres.close)
    redis = await stack.enter_async_context(connection(current, decode=False))
    archive = await stack.enter_async_context(opened_archive(current))
    cache = RedisAnswerCache(redis, key_prefix(current))
    rows = ArchivedAnswers(postgres, ALL, topics.physical(TOPIC, current))
    return Withdrawal(rows, archive, cache)
