"""`songnodes providers`: the providers of music data, on or why not, with their budgets and breakers."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from enrichment.gateway.opening import opened_gateway, terms_of
from enrichment.gateway.question import Answered, Question
from enrichment.provider_status import (
    Budget,
    ProviderStatus,
    SharedState,
    plain,
    read_shared_state,
    status_of,
)
from enrichment.providers import ALL
from enrichment.providers.features import FEATURES
from enrichment.types import Call, Provider
from songnodes import servers
from songnodes.errors import ServerUnreachable, UserError
from songnodes.process.exit_codes import EXIT_FAILURE
from songnodes.settings import Settings, settings

CHECK = "check"
#: Statuses of a provider that answers.
ANSWERS = frozenset({"hit", "miss"})
HOUR_S = 3600.0


class UnknownProvider(UserError):
    """There is no such provider"""

    remedy = "`songnodes providers` lists all"


def providers(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with sources of unverified fields.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Send one request to each provider that is on.")
    ] = False,
    only: Annotated[list[str] | None, typer.Argument(metavar="[PROVIDER]...", help="Only these.")] = None,
) -> None:
    """Show each provider: on or why not, its fields, budget used, open breakers, cached answers."""
    for name in only or ():
        if name not in ALL:
            raise UnknownProvider(name)
    current = settings()
    chosen = [provider for name, provider in ALL.items() if not only or name in only]
    if check:
        servers.reached(current, "redis_url")
    answers = asyncio.run(check_providers(current, chosen)) if check else {}
    shared, unknown = _shared_state(current, chosen)
    statuses = [status_of(provider, current, shared) for provider in chosen]
    if as_json:
        typer.echo(
            json.dumps([{**plain(s), **_plain_check(answers.get(s.name))} for s in statuses], indent=2)
        )
    else:
        _print(statuses, answers, shared, unknown)
    if any(answer.status not in ANSWERS for answer in answers.values()):
        raise typer.Exit(EXIT_FAILURE)


async def check_providers(current: Settings, chosen: Sequence[Provider]) -> dict[str, Answered]:
    """Return the answer of each provider that is on to its cheapest request, sent through the gateway.

    The answers are about no track, so they are not archived.
    """
    terms = {p.name: terms_of(p, current) for p in chosen if p.configured(current) is None}
    async with opened_gateway(current, terms, _NoArchive(), max_wait_s=HOUR_S) as gateway:
        calls = [
            Call(provider=name, operation=ALL[name].probe[0], parameters=ALL[name].probe[1]) for name in terms
        ]
        questions = [
            Question(track_id=CHECK, request_id=CHECK, call=call, requested_by="cli", lookup=CHECK)
            for call in calls
        ]
        results = await asyncio.gather(*(gateway.ask(question, is_check=True) for question in questions))
    return dict(zip(terms, results, strict=True))


class _NoArchive:
    """An archive for answers that are about no track."""

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Discard the records."""


def _shared_state(current: Settings, chosen: Sequence[Provider]) -> tuple[SharedState | None, str | None]:
    """Return the state of the gateway, or the reason for which it is unknown."""
    try:
        servers.reached(current, "redis_url")
        return asyncio.run(read_shared_state(current, chosen)), None
    except (ServerUnreachable, UserError) as error:
        return None, f"Budgets, breakers and cache are unknown: {error}"


def _print(
    statuses: Sequence[ProviderStatus],
    answers: Mapping[str, Answered],
    shared: SharedState | None,
    unknown: str | None,
) -> None:
    table = Table("provider", "state", "gives (* without a real sample)", "budget used", "cached")
    for status in statuses:
        cached = (
            "" if status.cached is None else f"{status.cached}{'+' if shared and shared.is_partial else ''}"
        )
        state = f"{_state(status)}{_checked(answers.get(status.name))}"
        budgets = "\n".join(_budget(budget) for budget in status.budgets)
        table.add_row(status.title, state, _gives(status), budgets, cached)
        table.add_section()
    console = Console()
    console.print(table)
    for status in statuses:
        reason = status.off or status.refused
        if reason:
            console.print(f"{status.title}: {reason}", markup=False)
        if status.remedy:
            console.print(f"{status.title}: {status.remedy}", markup=False)
        answer = answers.get(status.name)
        if answer is not None and answer.status not in ANSWERS:
            text = f"{status.title}: {answer.status}: {answer.note or 'no reason given'}"
            console.print(text, markup=False)
        for breaker in status.breakers:
            what = breaker.operation or "all operations"
            why = f" ({breaker.why})" if breaker.why else ""
            text = f"{status.title}: {what} closed until {breaker.until}: {breaker.cause}{why}"
            console.print(text, markup=False)
    if unknown:
        console.print(unknown, markup=False)


def _state(status: ProviderStatus) -> str:
    if status.off is not None:
        return "off"
    if status.refused is not None:
        return "refused"
    return f"closed until {status.breakers[0].until[11:16]} UTC" if status.breakers else "on"


def _gives(status: ProviderStatus) -> str:
    """Return the fields, those without a real sample with a star; audio features in one word."""
    fields = [name for name in status.gives if name not in FEATURES]
    if set(FEATURES) <= set(status.gives):
        fields.append("energy")
    shown = [f"{name}*" if name in status.unverified else name for name in sorted(fields)]
    shown = [name.replace("energy", "audio features") for name in shown]
    artists = "artists*" if "artists" in status.unverified else "artists"
    if status.artist_fields:
        artists = f"{artists} ({', '.join(status.artist_fields)})"
    return ", ".join((*shown, *((artists,) if status.has_artists else ())))


def _budget(budget: Budget) -> str:
    used = "?" if budget.used is None else str(budget.used)
    what = f"{budget.operation}: " if budget.operation else ""
    span = f"{budget.seconds / HOUR_S:g} h" if budget.seconds >= HOUR_S else f"{budget.seconds:g} s"
    return f"{what}{used} of {budget.starts} in {span}"


def _checked(answer: Answered | None) -> str:
    if answer is None:
        return ""
    if answer.status in ANSWERS:
        latency = f" in {answer.response.latency_ms} ms" if answer.response else ""
        return f"\nanswers{latency}"
    return f"\n{answer.status}"


def _plain_check(answer: Answered | None) -> dict[str, Any]:
    if answer is None:
        return {}
    latency = answer.response.latency_ms if answer.response else None
    return {"check": {"status": answer.status, "note": answer.note, "latency_ms": latency}}
