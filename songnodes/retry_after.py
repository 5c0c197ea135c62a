"""Time for which a host wants no request: Retry-After (RFC 9110 section 10.2.3), and headers of rate limits.

Retry-After is seconds or a date. Where it says nothing, the reset of a limit that is used up counts:
`RateLimit` and `RateLimit-Reset` of the IETF drafts, `X-RateLimit-Reset` and its spellings.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Longer values are errors or traps; the host will repeat a real one.
MAX_RETRY_AFTER_S = 7 * 24 * 3600.0
#: Characters of a header that are read.
MAX_HEADER_CHARS = 200
#: Digits of a number that are converted; a number with more is over MAX_RETRY_AFTER_S, and no milliseconds
#: since 1970.
MAX_DIGITS = 13
_UNIT_S = {
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
_NUMBER = r"0*(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?"
_AMOUNT = re.compile(_NUMBER + r"[ \t]*(?P<unit>[a-z]*)\.?[ \t]*", re.IGNORECASE)
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{2})")
_ISO_DURATION = re.compile(r"P(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,7})S)?)?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,4}")
_COMMENT = re.compile(r"\([^()]*\)")
_PREFIX = re.compile(r"^(?:seconds|delay|delta-seconds|retry-after)[ \t]*[=:][ \t]*", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
#: Dates of HTTP in their three forms, and of ISO 8601, which is none of HTTP. Their commas separate nothing.
_DATES = re.compile(
    r"(?:[a-z]{3,9},?[ \t]+)?[0-9]{1,2}[ -]"
    + _MONTH
    + r"[ -][0-9]{2,4}[ \t]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
    r"(?:[ \t]+(?:[a-z]{1,5}|[+-][0-9]{4}))?"
    r"|[a-z]{3}[ \t]+" + _MONTH + r"[ \t]+[0-9]{1,2}[ \t]+[0-9]{1,2}:[0-9]{2}:[0-9]{2}[ \t]+[0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[t ][0-9]{2}:[0-9]{2}[^\s,;]*)?",
    re.IGNORECASE,
)
#: A number within this of the present, in seconds or milliseconds since 1970, is a time and no wait.
NEAR = timedelta(days=30)
#: A Date farther from our clock is that of an old copy.
MAX_CLOCK_DIFFERENCE = timedelta(days=1)
_SYNONYMS = ("x-retry-after", "x-ratelimit-retry-after", "x-rate-limit-retry-after")
_RESET_NAME = re.compile(r"(?:x-)?(?:[a-z]{2,20}-)?rate-?limit-(?:[a-z0-9]{1,20}-)?reset(?:-[a-z]{1,20})?")
_RESET_PART = re.compile(r"reset(?:-after|-in)?")
_REMAINING_ITEM = re.compile(r"\b(?:remaining|r)[ \t]*=[ \t]*([0-9]{1,9})\b", re.IGNORECASE)
_RESET_ITEM = re.compile(r"\b(?:reset|t)[ \t]*=[ \t]*([0-9]{1,9})\b", re.IGNORECASE)


def seconds(headers: Mapping[str, str], now: datetime, *, is_limited: bool = False) -> float | None:
    """Return the seconds for which the host wants no request, 0 to 7 days; None without a readable value.

    `headers` have lower case names; `is_limited`: the host refused for a rate limit. Fractions are rounded up
    and a unit is accepted; of several values the longest counts. A negative number is no value. A date is
    compared with the answer's own Date, where there is one: the clocks of two machines differ. The Date of an
    old copy does not count. A limit's reset counts where Retry-After is absent, 0 or past.
    """
    waits = [_longest(headers.get(name, ""), headers, now) for name in ("retry-after", *_SYNONYMS)]
    milliseconds = headers.get("retry-after-ms", "").strip()
    waits.append(_longest(f"{milliseconds}ms" if milliseconds else "", headers, now))
    wait_s = next(filter(None, waits), None)
    if wait_s is None:
        wait_s = _until_reset(headers, now, is_limited)
    if wait_s is None:
        wait_s = next((wait for wait in waits if wait is not None), None)
    return None if wait_s is None else min(wait_s, MAX_RETRY_AFTER_S)


def _longest(text: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the longest wait in a header, in seconds; None without a readable one."""
    cut = text[:MAX_HEADER_CHARS].strip(" \t;\"'")
    waits = [_until(match[0], headers, now) for match in _DATES.finditer(cut)]
    rest = _COMMENT.sub("", _DATES.sub(",", cut)).strip()
    parts = [rest.replace(",", "")] if _THOUSANDS.fullmatch(rest) else re.split("[,;|]", rest)
    waits += [_wait(_PREFIX.sub("", part.strip(" \t\"'")), now) for part in parts]
    return max((wait for wait in waits if wait is not None), default=None)


def _wait(text: str, now: datetime) -> float | None:
    """Return the seconds of a number, of "1m 30s", "0:01:30" or "PT90S"."""
    plain = text.removeprefix("+")
    if clock := _CLOCK.fullmatch(plain):
        return float(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    iso = _ISO_DURATION.fullmatch(plain.upper())
    if iso and any(iso.groups()):
        days, hours, minutes, whole = (int(part or 0) for part in iso.groups())
        return float(days * 86400 + hours * 3600 + minutes * 60 + whole)
    amounts = list(_amounts(plain))
    if not amounts or None in amounts:
        return None
    total = sum(filter(None, amounts))
    moment = _moment(total, now)
    return float(math.ceil(total if moment is None else max(0.0, moment)))


def _amounts(text: str) -> Iterator[float | None]:
    """Yield the amounts of a text in seconds, None for what is no amount; only the last may have no unit."""
    at = 0
    while at < len(text):
        match = _AMOUNT.match(text, at)
        unit = match["unit"].lower() if match else ""
        if match is None or not any(map(str.isdigit, match[0])) or unit not in _UNIT_S:
            yield None
            return
        at = match.end()
        if not unit and at < len(text):
            yield None
            return
        if len(match["whole"]) > MAX_DIGITS:
            yield MAX_RETRY_AFTER_S
        else:
            number = float(f"{match['whole'] or '0'}.{(match['fraction'] or '0')[:MAX_DIGITS]}")
            yield number * _UNIT_S[unit]


def _moment(number: float, now: datetime) -> float | None:
    """Return the seconds until a time since 1970; None for a number that is no time near the present."""
    for unit in (1, 1_000):
        wait = number / unit - now.timestamp()
        if abs(wait) <= NEAR.total_seconds():
            return wait
    return None


def _until(text: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until a date, 0 for a past one."""
    until = _date(text)
    if until is None:
        return None
    reference = _date(headers.get("date", "")[:MAX_HEADER_CHARS])
    if reference is None or abs(reference - now) > MAX_CLOCK_DIFFERENCE:
        reference = now
    return float(math.ceil(max((until - reference).total_seconds(), 0.0)))


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text.upper()) if text[:4].isdigit() else parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _until_reset(headers: Mapping[str, str], now: datetime, is_limited: bool) -> float | None:
    """Return the seconds until the limits that are used up are reset.

    A host that refused for a limit and gives no limit as used up names at least the first reset.
    """
    used_up, unused = [], []
    for wait, remaining in (*_resets(headers, now), *_reset_items(headers)):
        if wait >= MAX_RETRY_AFTER_S:
            continue
        if remaining == 0 or (remaining is None and is_limited):
            used_up.append(wait)
        else:
            unused.append(wait)
    if used_up:
        return max(used_up)
    return min(unused, default=None) if is_limited else None


def _resets(headers: Mapping[str, str], now: datetime) -> Iterator[tuple[float, int | None]]:
    """Yield the waits of reset headers, each with what remains of its limit; None where it is not given."""
    for name, text in headers.items():
        if _RESET_NAME.fullmatch(name) and (wait := _longest(text, headers, now)) is not None:
            remaining = headers.get(_RESET_PART.sub("remaining", name), "").strip()
            is_count = remaining.isascii() and remaining.isdigit() and len(remaining) <= MAX_DIGITS
            yield wait, int(remaining) if is_count else None


def _reset_items(headers: Mapping[str, str]) -> Iterator[tuple[float, int | None]]:
    """Yield the waits of a RateLimit header: `limit=9, remaining=0, reset=60` or `"name";r=0;t=60, ...`."""
    text = headers.get("ratelimit", "")[:MAX_HEADER_CHARS]
    for item in [text] if "remaining" in text.lower() else text.split(","):
        reset, remaining = _RESET_ITEM.search(item), _REMAINING_ITEM.search(item)
        if reset:
            yield float(reset[1]), int(remaining[1]) if remaining else None
