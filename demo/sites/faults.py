"""Faults between client and site, at stated rates, on the first request for an address
only, and always the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from typing import Literal

#: 429 with Retry-After; 503; an answer after a while; one that ends in the middle; a limit page with status
#: 200; 403.
Fault = Literal["limited", "failing", "slow", "broken", "blocked", "forbidden"]
SCALE = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rates between 0 and 1 of all addresses. `retry_after` and `slowness` in seconds; the first is sent as
    a whole number, as the header wants it."""

    rates: Mapping[Fault, float] = field(default_factory=dict)
    retry_after: int = 1
    slowness: float = 0.3

    def of(self, address: str, attempt: int) -> Fault | None:
        """Return the fault of a request for an address, or None; the first attempt is 1."""
        if attempt != 1:
            return None
        place = int(sha256(address.encode()).hexdigest()[:8], 16) / SCALE
        sums = accumulate(self.rates.values())
        return next((fault for fault, end in zip(self.rates, sums, strict=True) if place < end), None)


#: Of a bad day that passes: 429 holds the host for a second, so few of them.
USUAL = Faults(rates={"limited": 0.004, "failing": 0.008, "slow": 0.01, "broken": 0.008})
#: Of a site that has had enough.
HOSTILE = Faults(rates={"limited": 0.02, "failing": 0.03, "slow": 0.03, "broken": 0.03, "blocked": 0.05})
NONE = Faults()
