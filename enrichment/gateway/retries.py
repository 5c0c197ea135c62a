"""Retries of one call: how many, and after which delay. Pure; the caller supplies the random number.

A retry is inline, within the call, up to MAX_INLINE_DELAY_S. Longer delays are those of the breaker: the
call ends, and the worker moves its track to a retry topic.
"""

from enrichment.types import Classified

#: Retries after the first request. A broken answer is the provider's error and is repeated once only.
MAX_RETRIES = 3
MAX_RETRIES_BROKEN = 1
FIRST_DELAY_S = 0.5  # upper bound of the first delay; doubles with each further one
MAX_DELAY_S = 8.0
MAX_INLINE_DELAY_S = 30.0


def retry_delay(classified: Classified, retries: int, random: float) -> float | None:
    """Return the seconds until the next request, None for no further one.

    `retries` counts those before, `random` is from 0 to 1: full jitter, which spreads the retries of all
    processes evenly. Retry-After is a lower bound.
    """
    limit = {"busy": MAX_RETRIES, "broken": MAX_RETRIES_BROKEN}.get(classified.outcome, 0)
    if retries >= limit:
        return None
    requested = classified.retry_after_s or 0.0
    if requested > MAX_INLINE_DELAY_S:
        return None
    return float(requested + random * min(FIRST_DELAY_S * 2**retries, MAX_DELAY_S))
