"""Checks and quality of a set."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from songnodes.domain.numbering import stands_still
from songnodes.domain.quality.grading import SUBJECTS, Judged, completeness, judge, mean_confidence
from songnodes.domain.records import Check, PlaylistRow

PLAYLISTS = SUBJECTS["playlists"]

MIN_IDENTIFIED_SHARE = 0.5
#: A set of more rows is compared with others by its names only (`links.sets`).
MAX_COMPARED_ROWS = 2_000
#: Confidence of a row by its status; 0 for others.
ROW_CONFIDENCE = {"identified": 1.0, "artist_only": 0.5, "title_only": 0.5, "base_only": 0.5}


def playlist_quality(
    *,
    rows: Sequence[PlaylistRow],
    djs: Sequence[str],
    set_date: date | None,
    latest_date: date,
    declared: int | None,
    header: Mapping[str, Any],
    date_problem: str | None = None,
) -> Judged:
    """Verdicts and scores of a set.

    `latest_date` is the last date that passes (30 days after the page was fetched), `date_problem` the error
    in the text of the date, `declared` the number of rows that the page announces, `header` its
    fields by name. Confidence is the mean over the rows of how far each is identified.
    """
    checks = list(_checks(rows, djs, set_date, latest_date, declared, date_problem))
    confidence = mean_confidence(ROW_CONFIDENCE.get(row["status"], 0.0) for row in rows)
    complete = completeness(header, PLAYLISTS.fields)
    return judge(PLAYLISTS.grade(checks), completeness=complete, confidence=confidence)


def _checks(
    rows: Sequence[PlaylistRow],
    djs: Sequence[str],
    set_date: date | None,
    latest_date: date,
    declared: int | None,
    date_problem: str | None,
) -> Iterator[Check]:
    yield PLAYLISTS.check("rows", bool(rows), "no rows")
    if len(rows) > MAX_COMPARED_ROWS:
        reason = f"{len(rows)} rows: kept whole, not compared with other sets row by row"
        yield PLAYLISTS.check("compared", False, reason)
    positions = [row["position"] for row in rows]
    yield PLAYLISTS.check("positions", positions == list(range(1, len(rows) + 1)), "holes or repeats")
    late = _first_cue_out_of_order(rows)
    yield PLAYLISTS.check("cues", late is None, f"row {late}")
    numbers = _numbers_by_part(rows)
    if numbers:
        still = [part or "no part" for part, values in numbers.items() if stands_still(values)]
        yield PLAYLISTS.check("numbers", not still, f"the counter stands still: {', '.join(still)[:80]}")
    has_date = set_date is not None and date_problem is None
    yield PLAYLISTS.check("date", has_date, date_problem or "no date")
    if set_date is not None:
        yield PLAYLISTS.check("date_not_ahead", set_date <= latest_date, set_date.isoformat())
    yield PLAYLISTS.check("dj", bool(djs), "no DJ")
    if declared is not None:
        yield PLAYLISTS.check(
            "declared_count", declared == len(rows), f"{declared} announced, {len(rows)} here"
        )
    identified = sum(row["status"] == "identified" for row in rows)
    if rows:
        enough = identified / len(rows) >= MIN_IDENTIFIED_SHARE
        yield PLAYLISTS.check("half_identified", enough, f"{identified} of {len(rows)}")


def _numbers_by_part(rows: Sequence[PlaylistRow]) -> dict[str | None, list[int]]:
    numbers: dict[str | None, list[int]] = {}
    for row in rows:
        if row["number"] is not None:
            numbers.setdefault(row["part"], []).append(row["number"])
    return numbers


def _first_cue_out_of_order(rows: Sequence[PlaylistRow]) -> int | None:
    """Return the position of the first row whose cue is before an earlier one's in the same part."""
    part, latest = None, 0
    for row in rows:
        if row["part"] != part:
            part, latest = row["part"], 0
        cue = row["cue_seconds"]
        if cue is not None and cue < latest:
            return row["position"]
        latest = max(latest, cue or 0)
    return None
