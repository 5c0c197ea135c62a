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
_OF_ALL_ROWS = (
    *("artist", "title", "position", "cue_readable"),
    *("text_undamaged", "version_unambiguous", "parsed_cleanly"),
)
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
    failed: dict[str, str | None] = {}
    if line.status != "unidentified":
        credit, title = len(line.credit), len(line.title)
        if not 0 < credit <= MAX_ARTIST:
            failed["artist"] = f"{credit} characters"
        if not 0 < title <= MAX_TITLE:
            failed["title"] = f"{title} characters"
    if position <= 0:
        failed["position"] = str(position)
    if cue_text is not None and cue_seconds is None and not _is_cue(cue_text):
        failed["cue_readable"] = cue_text
    if "damaged_text" in line.warnings:
        failed["text_undamaged"] = line.raw[:80]
    if line.warnings and (ambiguous := _AMBIGUOUS.intersection(line.warnings)):
        failed["version_unambiguous"] = ", ".join(sorted(ambiguous))
    if warnings:
        failed["parsed_cleanly"] = ", ".join(warnings)
    names: tuple[str, ...] = _OF_ALL_ROWS
    if is_kept_whole(line.credit):
        names += ("credit_searched",)
        failed["credit_searched"] = f"over {MAX_CREDIT} characters or {MAX_NAMES} names: kept whole"
    if cue_seconds is not None and cue_before is not None:
        names += ("cue_in_order",)
        if cue_seconds < cue_before:
            failed["cue_in_order"] = f"{cue_seconds} s after {cue_before} s"
    return ROWS.verdicts(names, failed)


def _is_cue(text: str) -> bool:
    return is_unknown_cue(text) or read_cue(text) is not None
