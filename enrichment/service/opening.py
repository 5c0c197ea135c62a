"""Opens the enrichment of tracks by the settings: archive, gateway, and the probe of their servers."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from enrichment.gateway.archive import Archive
from enrichment.gateway.opening import configured_terms, opened_archive, opened_gateway
from enrichment.gateway.question import Requester
from enrichment.service.live import LiveEnricher
from enrichment.service.readiness import Readiness
from enrichment.service.timed_archive import TimedArchive
from songnodes.clock import SystemClock
from songnodes.settings import Settings

#: Seconds that a track waits for the start of one call; a later one is left out.
MAX_CALL_WAIT_S = 10.0

#: Called with each record of an attempt that was archived.
OnAttempt = Callable[[Mapping[str, Any]], None]


class _ObservedArchive:
    """An archive that passes its records on."""

    def __init__(self, archive: Archive, on_attempt: OnAttempt) -> None:
        self._archive = archive
        self._on_attempt = on_attempt

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write the records. Raises NotAcknowledged."""
        await self._archive.write(records)
        for record in records:
            self._on_attempt(record)


@asynccontextmanager
async def opened_enricher(
    settings: Settings, requested_by: Requester, on_attempt: OnAttempt | None = None
) -> AsyncIterator[LiveEnricher]:
    """Open the enrichment of tracks."""
    readiness = Readiness(settings)
    async with opened_archive(settings) as kafka_archive:
        archive: Archive = TimedArchive(kafka_archive)
        if on_attempt is not None:
            archive = _ObservedArchive(archive, on_attempt)
        async with opened_gateway(
            settings, configured_terms(settings), archive, max_wait_s=MAX_CALL_WAIT_S
        ) as gateway:
            yield LiveEnricher(gateway, settings, SystemClock(), readiness.reason, requested_by=requested_by)
