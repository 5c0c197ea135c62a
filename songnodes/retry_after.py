"""Retry-After (RFC 9110 section 10.2.3): seconds, or a date."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Longer values are errors or traps; the host will repeat a real one.
MAX_RETRY_AFTER_S = 7 * 24 * 3600.0
#: Characters of the header that are read.
MAX_HEADER_CHARS = 200
#: Digits of a number of seconds that are converted; a number with more is over MAX_RETRY_AFTER_S.
MAX_DIGITS = 12
_SECONDS = re.compile(r"\+?0*([0-9]+)(?:\.([0-9]*))?\s*(?:s|secs?|seconds?)?", re.ASCII | re.IGNORECASE)


def seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds for which the host wants no request, 0 to 7 days; None without a readable value.

    `headers` have lower case names. Fractions are rounded up and a unit of seconds is accepted; of several
    values in one header the longest counts. A negative number is no value. A date is compared with the
    answer's own Date, where there is one: the clocks of two machines differ.
    """
    text = headers.get("retry-after", "").strip()[:MAX_HEADER_CHARS]
    numbers = [_number(part.strip()) for part in text.split(",")]
    if all(number is not None for number in numbers):
        return max(number for number in numbers if number is not None)
    until = _date(text)
    if until is None:
        return None
    reference = _date(headers.get("date", "")[:MAX_HEADER_CHARS]) or now
    return min(max((until - reference).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def _number(text: str) -> float | None:
    match = _SECONDS.fullmatch(text)
    if match is None:
        return None
    if len(match[1]) > MAX_DIGITS:
        return MAX_RETRY_AFTER_S
    whole = math.ceil(float(f"{match[1]}.{(match[2] or '0')[:MAX_DIGITS]}"))
    return min(float(whole), MAX_RETRY_AFTER_S)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
