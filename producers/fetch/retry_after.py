"""Retry-After (RFC 9110 section 10.2.3): seconds, or a date."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Seconds. Longer is a mistake or a trap; the host will say it again.
LONGEST = 7 * 24 * 3600.0
DIGITS = 12  # of the seconds; more is no number of seconds


def seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the host wants to be left alone, 0 to 7 days; None when it does not say, or not readably.

    `headers` have lower case names. A date is taken against the answer's own Date, where there is one: the
    clocks of two machines differ.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= DIGITS:
        return min(float(text), LONGEST)
    until = _date(text)
    if until is None:
        return None
    since = _date(headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
