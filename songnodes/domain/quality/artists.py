"""Checks and quality of an artist, and of an event."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from songnodes.domain.dates import is_set_day, shift
from songnodes.domain.quality.grading import SUBJECTS, Judged, completeness, judge
from songnodes.domain.quality.rows import MAX_ARTIST
from songnodes.domain.records import Check
from songnodes.domain.text import norm_v1

ARTISTS = SUBJECTS["artists"]
EVENTS = SUBJECTS["events"]

#: Names of no particular artist, in normal form.
GENERIC = frozenset(
    {
        *("va", "v a", "various", "various artists", "unknown", "unknown artist", "id", "tba", "n a"),
        *("dj", "artist", "guest", "special guest", "special guests", "secret guest", "residents", "friends"),
    }
)
#: Confidence of a name: by an id of a site, by two sources, by one source's text alone.
BY_ID, BY_TWO, BY_TEXT = 1.0, 0.95, 0.75

PLAUSIBLE = timedelta(days=730)


def is_generic(name: str) -> bool:
    """Return True if a name identifies no particular artist."""
    return norm_v1(name) in GENERIC


def artist_quality(
    *, name: str, native_ids: Sequence[str], sources: int, values: Mapping[str, Any]
) -> Judged:
    """Verdicts and scores of an artist; `sources` counts the sites that name it, `values` has its fields."""
    checks = [
        ARTISTS.check("name", 0 < len(name) <= MAX_ARTIST, f"{len(name)} characters"),
        ARTISTS.check("not_generic", not is_generic(name), name),
        ARTISTS.check("known", bool(native_ids) or sources > 1, f"{sources} source, no id"),
    ]
    confidence = BY_ID if native_ids else BY_TWO if sources > 1 else BY_TEXT
    complete = completeness({**values, "name": name, "native_ids": list(native_ids)}, ARTISTS.fields)
    return judge(ARTISTS.grade(checks), completeness=complete, confidence=confidence)


def event_quality(values: Mapping[str, Any], *, latest_date: date) -> Judged:
    """Verdicts and scores of an event; `latest_date` is when its page was fetched. One source, with an id."""
    checks = list(_event_checks(values, latest_date))
    return judge(EVENTS.grade(checks), completeness=completeness(values, EVENTS.fields), confidence=BY_ID)


def _event_checks(values: Mapping[str, Any], latest_date: date) -> Iterator[Check]:
    day, start, end = values.get("date"), values.get("start_time"), values.get("end_time")
    yield EVENTS.check("title", bool(values.get("title")), "no title")
    can_be = day is not None and is_set_day(day, latest_date)
    yield EVENTS.check("date", can_be, f"implausible date: {day.isoformat()}" if day else "no date")
    if day is not None:
        yield EVENTS.check("date_plausible", day <= shift(latest_date, PLAUSIBLE), day.isoformat())
    yield EVENTS.check("venue", bool(values.get("venue")), "no venue")
    yield EVENTS.check("lineup", bool(values.get("lineup")), "no acts")
    if start is not None and end is not None:
        yield EVENTS.check("times", end > start, f"{start} to {end}")
