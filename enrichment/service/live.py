"""Enrichment behind the service: the rounds of the worker through the gateway, and the choice of silver."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from enrichment.gateway.question import Requester
from enrichment.plan.types import Skipped, TrackQuestion
from enrichment.providers import ALL
from enrichment.service.enricher import Enrichment, ProviderState, TrackToEnrich
from enrichment.types import Provider
from enrichment.waterfall import configured_waterfall
from enrichment.worker.batches import AsksGateway, Batches
from enrichment.worker.track import SubjectArchive, TrackWorker
from songnodes.clock import Clock
from songnodes.domain.answers import AnswerEntry, waterfall_answers
from songnodes.domain.quality.tracks import track_quality
from songnodes.domain.waterfall import (
    EVERY_FIELD,
    PAGE,
    Answer,
    Enriched,
    choose,
    page_answers,
)
from songnodes.errors import NotAcknowledged, ServerUnreachable
from songnodes.http import Unavailable
from songnodes.settings import Settings

#: A track is answered after this with what has arrived. Calls under way are finished and archived.
TRACK_TIMEOUT_S = 30.0
#: Characters of a date by its precision.
DATE_LENGTHS = {"day": 10, "month": 7, "year": 4}


class LiveEnricher:
    """Enriches tracks by the providers that are on. `probe` returns why a server is not ready, or None."""

    def __init__(
        self,
        gateway: AsksGateway,
        settings: Settings,
        clock: Clock,
        probe: Callable[[], Awaitable[str | None]],
        providers: Mapping[str, Provider] = ALL,
        *,
        requested_by: Requester = "service",
        timeout_s: float = TRACK_TIMEOUT_S,
    ) -> None:
        self._clock = clock
        self._probe = probe
        self._providers = providers
        self._timeout_s = timeout_s
        self._off = {
            name: reason
            for name, provider in providers.items()
            if (reason := provider.configured(settings)) is not None
        }
        self._waterfall = configured_waterfall(settings, providers)
        self._tracks = TrackWorker(
            Batches(gateway, providers), providers, self._waterfall, lambda: self._off, clock, requested_by
        )

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        """Return what the providers have for a track. Raises Unavailable."""
        if (reason := await self.unready()) is not None:
            raise Unavailable(reason)
        archive = SubjectArchive()
        skipped: Sequence[Skipped] = ()
        retry_at: datetime | None = None
        try:
            async with asyncio.timeout(self._timeout_s):
                finished = await self._tracks.enrich(_question(track), archive, wait=False)
            skipped, retry_at = finished.skipped, finished.retry_at
        except TimeoutError:
            retry_at = self._clock.now()
        except (NotAcknowledged, ServerUnreachable) as error:
            raise Unavailable("An answer cannot be archived: a server does not respond.") from error
        return self._enrichment(track, archive.entries, skipped, retry_at)

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

    def _enrichment(
        self,
        track: TrackToEnrich,
        entries: Sequence[AnswerEntry],
        skipped: Sequence[Skipped],
        retry_at: datetime | None,
    ) -> Enrichment:
        page_values = {**track.ids, **({"duration_ms": track.duration_ms} if track.duration_ms else {})}
        answers = (
            *page_answers(page_values),
            *waterfall_answers(entries, track.ids),
            *_closed_providers(entries, skipped),
        )
        chosen = choose(answers, {}, self._waterfall)
        return Enrichment(
            values=_json_values(chosen.values),
            attempts=_attempts(chosen, skipped),
            sources_used=[name for name in dict.fromkeys(chosen.provenance.values()) if name != PAGE],
            api_calls=chosen.api_calls,
            cache_hits=chosen.cache_hits,
            quality_score=self._quality(track, chosen),
            completed_at=self._clock.now(),
            retry_at=retry_at,
        )

    def _quality(self, track: TrackToEnrich, chosen: Enriched) -> float:
        values = {**chosen.values, "track_name": track.track_title, "artist_names": (track.artist_name,)}
        judged = track_quality(
            values,
            confidences=chosen.confidences,
            as_of=self._clock.now().date(),
            conflicts=chosen.conflicts,
        )
        return float(judged.quality["score"])


def _question(track: TrackToEnrich) -> TrackQuestion:
    return TrackQuestion(
        track_id=track.track_id,
        request_id=track.request_id,
        artist=track.artist_name,
        title=track.track_title,
        text=f"{track.artist_name} - {track.track_title}",
        duration_ms=track.duration_ms,
        ids=track.ids,
    )


def _attempts(chosen: Enriched, skipped: Sequence[Skipped]) -> list[dict[str, Any]]:
    """Return the attempts; a provider without an answer has the plan's reason. There is no page to list."""
    reasons = {decision.provider: decision.reason for decision in skipped}
    attempts = [dict(attempt) for attempt in chosen.attempts]
    for attempt in attempts:
        if attempt["field"] == EVERY_FIELD and attempt["status"] in ("disabled", "skipped"):
            attempt["note"] = attempt["note"] or reasons.get(str(attempt["provider"]))
    return [entry for entry in attempts if (entry["provider"], entry["field"]) != (PAGE, EVERY_FIELD)]


def _closed_providers(entries: Sequence[AnswerEntry], skipped: Sequence[Skipped]) -> list[Answer]:
    """Return the outcomes of the providers that are off, or take no calls now, and have answered none."""
    answered = {entry["provider"] for entry in entries}
    return [
        Answer(
            provider=decision.provider,
            field=EVERY_FIELD,
            match_confidence=0.0,
            status=decision.status,
            note=decision.reason,
        )
        for decision in skipped
        if decision.status != "skipped" and decision.provider not in answered
    ]


def _json_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with a release date of its own precision as text."""
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    day, precision = shown.get("release_date"), shown.pop("release_date_precision", None)
    if isinstance(day, date):
        shown["release_date"] = day.isoformat()[: DATE_LENGTHS.get(str(precision), 10)]
    return {name: value for name, value in shown.items() if value not in (None, [])}
