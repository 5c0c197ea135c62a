"""Retry-After (RFC 9110 section 10.2.3): seconds, or a date."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Longer values are errors or traps; the host will repeat a real one.
MAX_RETRY_AFTER_S = 7 * 24 * 3600.0
#: Characters of the header that are read.
MAX_HEADER_CHARS = 200
#: Digits of a number that are converted; a number with more is over MAX_RETRY_AFTER_S, and no milliseconds
#: since 1970.
MAX_DIGITS = 13
_SECONDS = re.compile(
    r"\+?0*([0-9]*)(?:\.([0-9]*))?\s*(?:(?P<minutes>m|mins?|minutes?)|(?P<hours>h|hrs?|hours?)|s|secs?|seconds?)?",
    re.ASCII | re.IGNORECASE,
)
#: ISO 8601, which is no date of HTTP.
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}\S*", re.ASCII)
#: A number within this of the present, in seconds or milliseconds since 1970, is a time and no wait.
NEAR = timedelta(days=30)
#: A Date farther from our clock is that of an old copy.
MAX_CLOCK_DIFFERENCE = timedelta(days=1)


def seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds for which the host wants no request, 0 to 7 days; None without a readable value.

    `headers` have lower case names. Fractions are rounded up and a unit is accepted; of several values in one
    header the longest counts. A negative number is no value. A date is compared with the answer's own Date,
    where there is one: the clocks of two machines differ. The Date of an old copy does not count.
    """
    text = headers.get("retry-after", "")[:MAX_HEADER_CHARS].strip(" \t;\"'")
    numbers = [_number(part.strip()) for part in text.split(",")]
    if all(number is not None for number in numbers):
        longest = max(number for number in numbers if number is not None)
        moment = _moment(longest, now)
        return min(longest if moment is None else max(0.0, math.ceil(moment)), MAX_RETRY_AFTER_S)
    until = _date(text)
    if until is None:
        return None
    reference = _date(headers.get("date", "")[:MAX_HEADER_CHARS])
    if reference is None or abs(reference - now) > MAX_CLOCK_DIFFERENCE:
        reference = now
    return min(max((until - reference).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def _moment(number: float, now: datetime) -> float | None:
    """Return the seconds until a time since 1970; None for a number that is no time near the present."""
    for unit in (1, 1_000):
        wait = number / unit - now.timestamp()
        if abs(wait) <= NEAR.total_seconds():
            return wait
    return None


def _number(text: str) -> float | None:
    match = _SECONDS.fullmatch(text)
    if match is None or not any(map(str.isdigit, text)):
        return None
    if len(match[1]) > MAX_DIGITS:
        return MAX_RETRY_AFTER_S
    unit = 60 if match["minutes"] else 3600 if match["hours"] else 1
    return float(math.ceil(float(f"{match[1] or '0'}.{(match[2] or '0')[:MAX_DIGITS]}") * unit))


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text) if _ISO.fullmatch(text) else parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
