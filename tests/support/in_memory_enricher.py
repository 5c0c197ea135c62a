"""Enricher in memory: answers by track id, a count of its calls, and a switch for an outage."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from enrichment.service.enricher import Enrichment, ProviderState, TrackToEnrich
from songnodes.http import Unavailable

NOW = datetime(2025, 10, 10, 6, 20, 15, tzinfo=UTC)
RETRY_DELAY = timedelta(hours=1)
HIT = {"field": "bpm", "provider": "beatport", "status": "hit", "value": 128, "confidence": 0.98}


def enrichment(*statuses: str, is_open: bool = False, cache_hits: int = 0, **values: object) -> Enrichment:
    """Return an enrichment with these values and an attempt for each status; `is_open`: more may follow."""
    return Enrichment(
        values=values,
        attempts=[{**HIT, "status": status} for status in statuses],
        sources_used=["beatport"] if values else [],
        api_calls=len(statuses),
        cache_hits=cache_hits,
        quality_score=0.95 if values else 0.0,
        completed_at=NOW,
        retry_at=NOW + RETRY_DELAY if is_open else None,
    )


class InMemoryEnricher:
    """The twin of the enrichment behind the service. `gate`, if set, is awaited by every call."""

    def __init__(self) -> None:
        self.answers: dict[str, Enrichment] = {}
        self.calls: Counter[str] = Counter()
        self.outage: str | None = None
        self.fault: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        self.calls[track.track_id] += 1
        if self.gate:
            await self.gate.wait()
        if self.outage:
            raise Unavailable(self.outage)
        if self.fault:
            raise self.fault
        return self.answers.get(track.track_id, enrichment("miss"))

    async def unready(self) -> str | None:
        return self.outage

    def providers(self) -> Sequence[ProviderState]:
        return [
            ProviderState(
                name="deezer", title="Deezer", off_because=None, gives=["isrc", "bpm"], unverified=[]
            ),
            ProviderState(
                name="spotify", title="Spotify", off_because="Policy.", gives=[], unverified=["errors"]
            ),
        ]
