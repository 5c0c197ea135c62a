"""Dates of sets, events and releases, which may be partial: "2024-10-25", "1998-01", "2006", "2026-0X".

A set or an event has a date from 1950 to the end of the third year after its page was fetched (next year
+ 2). Outside are the zero dates of programs: 0001-01-01 (Go, .NET), 1753-01-01 (SQL Server), 1899-12-30
(spreadsheets), 1900-01-01, 9999-12-31. The zeros of Unix and DOS, 1970-01-01 and 1980-01-01, are inside and
count as dates only where the page names that year by itself. There is no clock here: callers give the day on
which the page was observed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Precision = Literal["day", "month", "year"]

FIRST_YEAR = 1950
#: Years after the year of the page: next year + 2.
YEARS_AHEAD = 3
#: Zero of Unix time, and what it is in a zone west of Greenwich.
EPOCH_DAYS = frozenset({date(1970, 1, 1), date(1969, 12, 31)})
#: The same with the zero of DOS and of its file systems. A release has it where only its year is known.
ZERO_DAYS = EPOCH_DAYS | {date(1980, 1, 1), date(1979, 12, 31)}
#: Years in which a recording may be released: the first records to what no announcement reaches.
RELEASE_YEARS = (1880, 2199)
#: Zero dates within `RELEASE_YEARS`.
RELEASE_SENTINELS = EPOCH_DAYS | {date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)}
#: The text of a page may name a full date at most so many years from the date of its set.
YEARS_APART = 1

_FORM = re.compile(r"^\s*(\d{4})(?:-([0-9X?]{1,2}))?(?:-([0-9X?]{1,2}))?(?!\d)")
_FULL_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})-\d{2}-\d{2}(?!\d)")
_ZERO_TEXT = re.compile(
    r"(?<!\d)(?:19[78]0[-./]?0?1[-./]?0?1|0?1[-./]0?1[-./]19[78]0|19[67]9[-./]?12[-./]?31|31[-./]12[-./]19[67]9)(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(?:1969|1970|1979|1980)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDate:
    """Date of a set on a page: `day` is the first day that the text names, None where it names none or an
    impossible one. `problem` describes an error, None without one."""

    day: date | None = None
    precision: Precision | None = None
    problem: str | None = None


def read_date(text: str | None) -> tuple[date, Precision] | None:
    """Return the first day of what the text names, and how exact it is; None where it names no year.

    A month or day with an unknown digit is unknown; "2026-13" and "2026-02-30" keep what is right of them.
    Years are 1 to 9998: `read_set_date` and `read_release_date` have the domains of their kinds of date.
    """
    match = _FORM.match(text) if text else None
    if match is None or not 1 <= int(match[1]) <= 9998:
        return None
    year, month, day = int(match[1]), _number(match[2]), _number(match[3])
    if month is None or not 1 <= month <= 12:
        return date(year, 1, 1), "year"
    if day is None:
        return date(year, month, 1), "month"
    try:
        return date(year, month, day), "day"
    except ValueError:
        return date(year, month, 1), "month"


def read_set_date(
    text: str | None,
    observed_on: date,
    page_texts: Iterable[str | None] = (),
    page_years: Iterable[int] = (),
) -> SetDate:
    """Return the date of a set or event from the text of a page that was observed on a day.

    `page_texts` are the other names of the set on the page: title, address, categories. They distinguish a
    real 1970 from the epoch. A date that is years away from every full date in them, and from every year of
    `page_years`, has a problem.
    """
    if not text or not text.strip():
        return SetDate(problem="no date")
    parsed = read_date(text)
    if parsed is None:
        return SetDate(problem=f"no date: {text[:40]!r}")
    day, precision = parsed
    texts = [page_text for page_text in page_texts if page_text]
    is_zero = precision == "day" and day in ZERO_DAYS and not _name_zero_year(texts, day)
    if is_zero or not is_set_year(day.year, observed_on):
        return SetDate(problem=f"implausible date: {text[:40]!r}")
    problem = None if exists(text) else f"no such day: {text[:40]!r}"
    years = {int(year) for page_text in texts for year in _FULL_DATE.findall(page_text)} | set(page_years)
    if years and all(abs(year - day.year) > YEARS_APART for year in years):
        problem = f"the page names {min(years)}, its date is {text[:40]!r}"
    return SetDate(day=day, precision=precision, problem=problem)


def is_set_day(day: date, observed_on: date) -> bool:
    """Return True if a set or event can be on the day, as a page observed on `observed_on` gives it."""
    return day not in ZERO_DAYS and is_set_year(day.year, observed_on)


def is_set_year(year: int, observed_on: date) -> bool:
    """Return True if a set or event can be in the year."""
    return FIRST_YEAR <= year <= observed_on.year + YEARS_AHEAD


def is_placeholder(text: str | None) -> bool:
    """Return True if the text is a date that programs write for "none", whenever the page was observed."""
    parsed = read_date(text)
    if parsed is None:
        return True
    day, precision = parsed
    return not FIRST_YEAR <= day.year <= RELEASE_YEARS[1] or (precision == "day" and day in ZERO_DAYS)


def read_release_date(text: str) -> tuple[date, Precision] | None:
    """Return the date of a release and how exact it is; None for zero dates and years that cannot be."""
    parsed = read_date(text)
    return parsed if parsed is not None and is_release_date(*parsed) else None


def is_release_date(day: date, precision: str) -> bool:
    """Return True if something can be released on the day."""
    return RELEASE_YEARS[0] <= day.year <= RELEASE_YEARS[1] and not (
        precision == "day" and day in RELEASE_SENTINELS
    )


def exists(text: str) -> bool:
    """Return False if the text names a month or day that no calendar has. Zeros are unknown digits."""
    match = _FORM.match(text)
    if match is None:
        return False
    month, day = _number(match[2]), _number(match[3])
    if not month:
        return True
    if month > 12:
        return False
    try:
        date(int(match[1]), month, day or 1)
    except ValueError:
        return False
    return True


def shift(day: date, by: timedelta) -> date:
    """Return the day so much later, or the first or last day that a date can be."""
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta() else date.min


def _name_zero_year(texts: Iterable[str], day: date) -> bool:
    years = {year for text in texts for year in _YEAR.findall(_ZERO_TEXT.sub(" ", text))}
    return str(day.year) in years


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
