"""Checks and quality of an enriched track."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from songnodes.domain.dates import shift
from songnodes.domain.quality.grading import SUBJECTS, Judged, completeness, judge, mean_confidence
from songnodes.domain.quality.rows import MAX_ARTIST, MAX_TITLE
from songnodes.domain.records import Check

TRACKS = SUBJECTS["tracks"]

BPM = (40.0, 250.0)
DURATION_MS = (20_000, 7_200_000)
LOUDNESS = (-60.0, 5.0)  # dB; the lists of providers run from -46.4 to +1.3
#: Promos are played before they are released; a release a year after the first play is another recording.
PROMO = timedelta(days=365)

FORMATS = {
    "isrc": re.compile(r"^[A-Z]{2}[A-Z0-9]{3}\d{7}$"),
    "spotify_id": re.compile(r"^[0-9A-Za-z]{22}$"),
    "musicbrainz_id": re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    "beatport_id": re.compile(r"^\d{1,10}$"),
}


def track_checks(
    values: Mapping[str, Any],
    *,
    first_played: date | None = None,
    as_of: date | None = None,
    conflicts: Sequence[str] = (),
) -> tuple[Check, ...]:
    """Return the verdicts on a track's fields, by the names of its columns; absent ones are not checked.

    `as_of` is the date of the newest evidence (no clock here), `conflicts` the fields on which providers
    contradict each other.
    """
    return tuple(_checks(values, first_played, as_of, conflicts))


def track_quality(
    values: Mapping[str, Any],
    *,
    confidences: Mapping[str, float],
    first_played: date | None = None,
    as_of: date | None = None,
    conflicts: Sequence[str] = (),
) -> Judged:
    """Verdicts and scores; `confidences` holds those of the enriched fields that have a value."""
    checks = track_checks(values, first_played=first_played, as_of=as_of, conflicts=conflicts)
    return judge(
        TRACKS.grade(checks),
        completeness=completeness(values, TRACKS.fields),
        confidence=mean_confidence(confidences[field] for field in sorted(confidences)),
    )


def _checks(
    values: Mapping[str, Any], first_played: date | None, as_of: date | None, conflicts: Sequence[str]
) -> Iterator[Check]:
    credit = ", ".join(values.get("artist_names") or ())
    title = values.get("track_name") or ""
    yield TRACKS.check("artist", 0 < len(credit) <= MAX_ARTIST, f"{len(credit)} characters")
    yield TRACKS.check("title", 0 < len(title) <= MAX_TITLE, f"{len(title)} characters")
    yield from _numbers(values)
    released = values.get("release_date")
    if released is not None and as_of is not None:
        yield TRACKS.check("release_not_ahead", released <= as_of, released.isoformat())
    if released is not None and first_played is not None:
        in_time = released <= shift(first_played, PROMO)
        yield TRACKS.check("release_before_play", in_time, f"{released} after {first_played}")
    for field in FORMATS:
        if values.get(field) is not None:
            yield TRACKS.check(field, is_well_formed(field, values[field]), str(values[field]))
    yield TRACKS.check("no_conflict", not conflicts, ", ".join(sorted(conflicts)))


def _numbers(values: Mapping[str, Any]) -> Iterator[Check]:
    bpm, duration = values.get("bpm"), values.get("duration_ms")
    if bpm is not None:
        yield TRACKS.check("bpm", BPM[0] <= bpm <= BPM[1], str(bpm))
    has_key, has_mode = values.get("key") is not None, values.get("key_mode") is not None
    if has_key or has_mode:
        yield TRACKS.check("key", has_key and has_mode, "one without the other")
    if duration is not None:
        yield TRACKS.check("duration", DURATION_MS[0] <= duration <= DURATION_MS[1], f"{duration} ms")


def is_well_formed(field: str, value: Any) -> bool:
    """Return True if an id has the format of its kind; always True for fields that are no ids."""
    form = FORMATS.get(field)
    return form is None or form.match(str(value)) is not None
