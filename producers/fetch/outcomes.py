"""Classify responses: success, failure, rate limit or block."""

from collections.abc import Mapping
from datetime import datetime

from producers.fetch.rules import FetchOutcome
from songnodes import retry_after

#: Bytes of an error page that are searched for a challenge.
MAX_SEARCHED_BYTES = 65_536
#: Markers of challenge pages. Good pages carry such scripts too, so only error pages are searched.
CHALLENGE_MARKERS = (b"captcha", b"cf-chl", b"challenge-platform", b"unblock_ip")

#: Refused for a rate limit: 420 and 430 are the forms of some sites.
LIMITED_STATUSES = frozenset({420, 429, 430})
#: Failures of the site although of the class 4xx: too slow, too early.
FAILED_STATUSES = frozenset({408, 425})
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
#: Rest that a redirect can request: its target is awaited within the time that a fetch waits for its turn.
#: A longer one would end the fetch and start it again at the redirect.
MAX_REDIRECT_COOLDOWN_S = 20.0
#: Rest that an answer without a failure can request; the host repeats it if it is in earnest.
MAX_SUCCESS_COOLDOWN_S = 3600.0


def from_response(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> FetchOutcome:
    """Return the outcome of a complete response; header names are lower case."""
    min_cooldown = retry_after.seconds(headers, now, is_limited=status in LIMITED_STATUSES)
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="challenge")
    if status == 403:
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="403")
    if status >= 400 and any(marker in body[:MAX_SEARCHED_BYTES].lower() for marker in CHALLENGE_MARKERS):
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="captcha")
    if status in LIMITED_STATUSES:
        return FetchOutcome(ending="limited", hold=min_cooldown, why=str(status))
    if status >= 500 or status in FAILED_STATUSES:
        return FetchOutcome(ending="failed", hold=min_cooldown, why=str(status))
    if not min_cooldown:
        return FetchOutcome(ending="fetched")
    limit = MAX_REDIRECT_COOLDOWN_S if status in REDIRECT_STATUSES else MAX_SUCCESS_COOLDOWN_S
    return FetchOutcome(ending="fetched", hold=min(min_cooldown, limit), why=f"{status} with Retry-After")


def from_robots_response(status: int, headers: Mapping[str, str], now: datetime) -> FetchOutcome:
    """Return the outcome of fetching robots.txt; 4xx but 429 means no file (RFC 9309 section 2.3.1.3)."""
    if status == 429 or status >= 500:
        return from_response(status, headers, b"", now)
    return FetchOutcome(ending="fetched")
