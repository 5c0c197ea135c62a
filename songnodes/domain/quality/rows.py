"""Checks of one row of a tracklist."""

from collections.abc import Sequence

from songnodes.domain.credits import MAX_CREDIT, MAX_NAMES, is_kept_whole
from songnodes.domain.cues import is_unknown_cue, read_cue
from songnodes.domain.lines import Line
from songnodes.domain.quality.grading import SUBJECTS
from songnodes.domain.records import Check

ROWS = SUBJECTS["rows"]

MAX_ARTIST = 200  # characters
MAX_TITLE = 300
_AMBIGUOUS = frozenset({"version_without_name", "not_a_recording"})


def row_checks(
    line: Line,
    *,
    position: int,
    cue_text: str | None,
    cue_seconds: int | None,
    cue_before: int | None,
    warnings: Sequence[str] = (),
) -> tuple[Check, ...]:
    """Return the verdicts on a row. `cue_before` is the latest earlier cue of its part, `warnings` its
    parser's.

    A row marked as unidentified lacks nothing.
    """
    unidentified = line.status == "unidentified"
    title = len(line.title)
    readable = cue_text is None or cue_seconds is not None or _is_cue(cue_text)
    ambiguous = sorted(_AMBIGUOUS.intersection(line.warnings))
    checks = [
        ROWS.check(
            "artist",
            unidentified or 0 < len(line.credit) <= MAX_ARTIST,
            f"{len(line.credit)} characters",
        ),
        ROWS.check("title", unidentified or 0 < title <= MAX_TITLE, f"{title} characters"),
        ROWS.check("position", position > 0, str(position)),
        ROWS.check("cue_readable", readable, cue_text),
        ROWS.check("text_undamaged", "damaged_text" not in line.warnings, line.raw[:80]),
        ROWS.check("version_unambiguous", not ambiguous, ", ".join(ambiguous)),
        ROWS.check("parsed_cleanly", not warnings, ", ".join(warnings)),
    ]
    if is_kept_whole(line.credit):
        reason = f"over {MAX_CREDIT} characters or {MAX_NAMES} names: kept whole"
        checks.append(ROWS.check("credit_searched", False, reason))
    if cue_seconds is not None and cue_before is not None:
        in_order = cue_seconds >= cue_before
        checks.append(ROWS.check("cue_in_order", in_order, f"{cue_seconds} s after {cue_before} s"))
    return tuple(checks)


def _is_cue(text: str) -> bool:
    return is_unknown_cue(text) or read_cue(text) is not None
