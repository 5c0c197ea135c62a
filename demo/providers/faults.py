"""Faults between a client and a provider, each of which can be switched on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from demo.providers import draws

#: 429 without and with Retry-After, also one of 13 hours; a quota used up; 5xx; slow; status 200 with an
#: error, HTML, half a body.
FaultKind = Literal[
    "limited",
    "limited_until",
    "limited_for_hours",
    "quota",
    "failing",
    "slow",
    "error_body",
    "html",
    "cut",
    "forbidden",
]
LONG_RETRY_AFTER_S = 48_925  # 13 hours 35 minutes, as Spotify sent it in August 2026
RETRY_AFTER_S = 1
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Number of starts that a provider accepts within any window of seconds."""

    starts: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Faults of one provider.

    `rates` are the shares of requests that meet a fault, on the first `attempts` of each request only.
    `limits` are enforced at arrival, per account; `quota` is a rolling window that is answered as a quota.
    `outages` are spans of the server's clock in which everything fails with 503.
    """

    rates: Mapping[FaultKind, float] = field(default_factory=dict)
    attempts: int = 1
    limits: tuple[Limit, ...] = ()
    quota: Limit | None = None
    outages: tuple[tuple[float, float], ...] = ()
    slow_s: float = 0.3
    retry_after_s: int = RETRY_AFTER_S
    token_ttl_s: float = 3600.0
    forbidden: bool = False

    def of(self, key: str, attempt: int) -> FaultKind | None:
        """Return the fault of a request, or None; the first attempt is 1."""
        if attempt > self.attempts:
            return None
        place = draws.share("fault", key)
        sums = accumulate(self.rates.values())
        return next((kind for kind, end in zip(self.rates, sums, strict=True) if place < end), None)

    def is_out(self, since_start_s: float) -> bool:
        """Return True within an outage."""
        return any(start <= since_start_s < end for start, end in self.outages)


NONE = Faults()
#: A usual day: a few of each that passes by itself. Limits are left out: they close a provider for a while.
CALM = Faults(rates={"failing": 0.006, "slow": 0.006, "html": 0.002, "cut": 0.003}, slow_s=0.2)
#: Every kind of fault; those of hours close a provider, so few of them.
CHAOS = Faults(
    rates={
        "limited": 0.02,
        "limited_until": 0.02,
        "failing": 0.05,
        "slow": 0.03,
        "error_body": 0.02,
        "html": 0.02,
        "cut": 0.03,
    },
    attempts=2,
    token_ttl_s=2.0,
)
