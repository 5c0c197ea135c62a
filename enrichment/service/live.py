"""Enrichment behind the service: the plan's rounds through the gateway, and the choice of silver."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from enrichment import rounds
from enrichment.gateway.question import Answered, Question
from enrichment.plan import PlanConfiguration, TrackQuestion
from enrichment.providers import ALL
from enrichment.service.enricher import Enrichment, ProviderState, TrackToEnrich, Unavailable
from enrichment.types import Provider
from songnodes.clock import Clock
from songnodes.domain.answers import waterfall_answers
from songnodes.domain.quality.tracks import track_quality
from songnodes.domain.waterfall import DEFAULT, Config, choose
from songnodes.errors import NotAcknowledged, ServerUnreachable
from songnodes.settings import Settings

#: Characters of a date by its precision.
DATE_LENGTHS = {"day": 10, "month": 7, "year": 4}


class AsksGateway(Protocol):
    """The call of a gateway that the service uses."""

    async def ask(self, question: Question) -> Answered:
        """Return the answer to a question, archived. Raises NotAcknowledged."""
        ...


class LiveEnricher:
    """Enriches tracks by the providers that are on. `unready` is the probe of the servers."""

    def __init__(
        self,
        gateway: AsksGateway,
        settings: Settings,
        clock: Clock,
        probe: Callable[[], Awaitable[str | None]],
        providers: Mapping[str, Provider] = ALL,
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._probe = probe
        self._providers = providers
        self._off = {
            name: reason
            for name, provider in providers.items()
            if (reason := provider.configured(settings)) is not None
        }
        on = [name for name in providers if name in DEFAULT.providers and name not in self._off]
        self._waterfall: Config = DEFAULT.enabling(on)

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        """Return what the providers have for a track. Raises Unavailable."""
        now = self._clock.now()
        question = TrackQuestion(
            track_id=track.track_id,
            request_id=track.request_id,
            artist=track.artist_name,
            title=track.track_title,
            text=f"{track.artist_name} - {track.track_title}",
            duration_ms=track.duration_ms,
            ids=track.ids,
        )
        configuration = PlanConfiguration(waterfall=self._waterfall, now=now, off=self._off)
        try:
            outcome = await rounds.enrich(
                question, self._gateway.ask, configuration, requested_by="service", now=self._clock.now
            )
        except (NotAcknowledged, ServerUnreachable) as error:
            raise Unavailable("An answer cannot be archived: a server does not respond.") from error
        chosen = choose(waterfall_answers(outcome.answers, track.ids), {}, self._waterfall)
        judged = track_quality(chosen.values, confidences=chosen.confidences, as_of=now.date())
        return Enrichment(
            values=_json_values(chosen.values),
            attempts=[dict(attempt) for attempt in chosen.attempts],
            sources_used=list(dict.fromkeys(chosen.provenance.values())),
            api_calls=outcome.requests,
            cache_hits=outcome.cache_hits,
            quality_score=judged.quality["score"],
            completed_at=self._clock.now(),
        )

    async def unready(self) -> str | None:
        """Return the reason that the enrichment cannot work now; None while it can."""
        if len(self._off) == len(self._providers):
            return "No provider is on."
        return await self._probe()

    def providers(self) -> Sequence[ProviderState]:
        """Return the states of all providers."""
        return [
            ProviderState(
                name=name,
                title=provider.title,
                off_because=self._off.get(name),
                gives=sorted({field for entry in provider.operations.values() for field in entry.gives}),
                unverified=sorted(provider.unverified),
            )
            for name, provider in self._providers.items()
        ]


def _json_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with a release date of its own precision as text."""
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    day, precision = shown.get("release_date"), shown.pop("release_date_precision", None)
    if isinstance(day, date):
        shown["release_date"] = day.isoformat()[: DATE_LENGTHS.get(str(precision), 10)]
    return {name: value for name, value in shown.items() if value not in (None, [])}
