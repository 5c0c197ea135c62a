"""Readiness of the servers that the service needs."""

import asyncio
from collections.abc import Callable, Mapping

from songnodes.access import Access
from songnodes.probes import PROBES

#: Servers without which an answer is neither archived nor within limits.
REQUIRED: Mapping[str, str] = {
    "kafka_bootstrap": "Kafka",
    "schema_registry_url": "The schema registry",
    "redis_url": "Redis",
}
#: Seconds for which a result serves further requests.
MAX_AGE_S = 1.0

Probe = Callable[[Access], bool]


class Readiness:
    """Probes the servers on demand; requests of the same moment share one probe of each."""

    def __init__(self, access: Access, probes: Mapping[str, Probe] = PROBES) -> None:
        self._access = access
        self._probes = probes
        self._lock = asyncio.Lock()
        self._probed_at: float | None = None
        self._reason: str | None = None

    async def reason(self) -> str | None:
        """Return the first server that does not respond, in a sentence; None if all do."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._probed_at is None or now - self._probed_at > MAX_AGE_S:
                self._reason = await self._probe()
                self._probed_at = asyncio.get_running_loop().time()
            return self._reason

    def expire(self) -> None:
        """Let the next request probe again."""
        self._probed_at = None

    async def _probe(self) -> str | None:
        results = await asyncio.gather(
            *(asyncio.to_thread(self._probes[setting], self._access) for setting in REQUIRED)
        )
        for name, responds in zip(REQUIRED.values(), results, strict=True):
            if not responds:
                return f"{name} does not respond."
        return None
