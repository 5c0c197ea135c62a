"""Classify responses: success, failure, rate limit or block."""

from collections.abc import Mapping
from datetime import datetime

from producers.fetch.rules import FetchOutcome
from songnodes import retry_after

#: Bytes of an error page that are searched for a challenge.
MAX_SEARCHED_BYTES = 65_536
#: Markers of challenge pages. Good pages carry such scripts too, so only error pages are searched.
CHALLENGE_MARKERS = (b"captcha", b"cf-chl", b"challenge-platform", b"unblock_ip")


def from_response(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> FetchOutcome:
    """Return the outcome of a complete response; header names are lower case."""
    min_cooldown = retry_after.seconds(headers, now)
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="challenge")
    if status == 403:
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="403")
    if status >= 400 and any(marker in body[:MAX_SEARCHED_BYTES].lower() for marker in CHALLENGE_MARKERS):
        return FetchOutcome(ending="blocked", hold=min_cooldown, why="captcha")
    if status == 429:
        return FetchOutcome(ending="limited", hold=min_cooldown, why="429")
    if status >= 500:
        return FetchOutcome(ending="failed", hold=min_cooldown, why=str(status))
    return FetchOutcome(ending="fetched")


def from_robots_response(status: int, headers: Mapping[str, str], now: datetime) -> FetchOutcome:
    """Return the outcome of fetching robots.txt; 4xx but 429 means no file (RFC 9309 section 2.3.1.3)."""
    if status == 429 or status >= 500:
        return from_response(status, headers, b"", now)
    return FetchOutcome(ending="fetched")
