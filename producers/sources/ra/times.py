"""Times of events: the wall clock of the place, without a zone in the answer's text."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from songnodes.domain.dates import is_set_day

FORM = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,6})?)?$")
MAX_EVENT_LENGTH = timedelta(days=14)  # festivals run for days; longer is a typing error


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an event is. `start` and `end` are moments (UTC), None where the zone is not known."""

    start_local: datetime | None = None
    end_local: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    warnings: tuple[str, ...] = ()


def clock(text: str | None) -> datetime | None:
    """Parse a wall clock time: "2026-07-08T21:00:00.000"."""
    match = FORM.match(text) if text else None
    if match is None:
        return None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}")
    except ValueError:
        return None


def day(text: str | None, observed_on: date) -> date | None:
    """Return the day of a time as written; None where an event cannot be on it."""
    local = clock(text)
    return local.date() if local and is_set_day(local.date(), observed_on) else None


def zone(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its IANA name."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # an unknown name, no name at all, a folder's name
        return None


def read(start: str | None, end: str | None, zone_name: str | None, observed_on: date) -> Times:
    """Return start and end, partial or absent.

    Left out with a warning: a time on a day on which no event can be, as a page of `observed_on` gives it,
    and an end before the start or two weeks after it.
    """
    warnings: list[str] = []
    begins, ends = clock(start), clock(end)
    for name, text, moment in (("start", start, begins), ("end", end, ends)):
        if text and moment is None:
            warnings.append(f"{name}_unreadable: {text[:40]!r}")
        elif text and moment and not is_set_day(moment.date(), observed_on):
            warnings.append(f"{name}_implausible: {text[:40]!r}")
    begins, ends = (
        local if local and is_set_day(local.date(), observed_on) else None for local in (begins, ends)
    )
    if begins and ends and not timedelta() <= ends - begins <= MAX_EVENT_LENGTH:
        warnings.append(f"end_out_of_order: {ends.isoformat()}")
        ends = None
    place = zone(zone_name)
    if zone_name and place is None:
        warnings.append(f"zone_unknown: {zone_name[:40]!r}")
    return Times(
        start_local=begins,
        end_local=ends,
        start=_moment(begins, place),
        end=_moment(ends, place),
        warnings=tuple(warnings),
    )


def _moment(local: datetime | None, place: ZoneInfo | None) -> datetime | None:
    if local is None or place is None:
        return None
    try:
        return local.replace(tzinfo=place).astimezone(UTC)
    except OverflowError:  # the first and the last day that a date can be
        return None
