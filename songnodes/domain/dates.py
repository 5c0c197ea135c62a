"""Dates of sets, which may be partial: "2024-10-25", "1998-01", "2006", "2026-0X"."""

import re
from datetime import date
from typing import Literal

Precision = Literal["day", "month", "year"]

_FORM = re.compile(r"^\s*(\d{4})(?:-([0-9X?]{1,2}))?(?:-([0-9X?]{1,2}))?(?!\d)")


def read_date(text: str | None) -> tuple[date, Precision] | None:
    """The first day of what the text names, and how exact it is; None where it names no year.

    A month or day with an unknown digit is unknown; "2026-13" and "2026-02-30" keep what is right of them.
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


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
