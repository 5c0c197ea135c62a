"""Archive with a limit of time: a client waits for the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from enrichment.gateway.archive import Archive
from songnodes.errors import NotAcknowledged

#: Above the time in which Kafka elects another leader; the client's own timeout is minutes.
ACKNOWLEDGEMENT_TIMEOUT_S = 10.0


class TimedArchive:
    """Archives records; those that are not acknowledged in time may still be written later."""

    def __init__(self, archive: Archive, timeout_s: float = ACKNOWLEDGEMENT_TIMEOUT_S) -> None:
        self._archive = archive
        self._timeout_s = timeout_s

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Return when all records are acknowledged. Raises NotAcknowledged."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._archive.write(records)
        except TimeoutError:
            raise NotAcknowledged("no acknowledgement in time", seconds=self._timeout_s) from None
