"""A row of a written tracklist, and the list as a whole."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from songnodes.domain.cues import Grain, is_unknown_cue, read_cue

GAP = re.compile(r"^(?:[\[(]?(?:\.{2,}|…)[\])]?)$")
BRACKETED = re.compile(r"^\[\s*([\d?:]{1,9})\s*\]\s*")
JOINED = re.compile(r"^(?:w/|\+)\s*(?=\S)", re.IGNORECASE)
#: Grains that place a track: with a coarser one ("[3?]") only the text of the cue is kept.
PLACING: frozenset[Grain] = frozenset({"second", "ten_seconds", "minute"})
LONGEST_S = 7 * 24 * 3600  # longer than any recording
MAX_LINE = 2_000  # characters of a line that are looked at

#: The meaning of the times of a list: moments at which tracks begin (given alone or as a range), lengths of
#: the tracks, or hours of the day.
TimesMeaning = Literal["start", "range", "length", "time_of_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. `text` is None where the track is not named; `cue_text` is as written, without brackets.

    `cue_seconds` only where the cue places the track within its minute; `cue_grain` is the precision of the
    cue, also where that is coarser. `duration_seconds` is the length of the track where the list gives one.
    `gap`: the line represents missing tracks, their number unknown. `fragment` is the line as written.
    """

    text: str | None
    cue_text: str | None = None
    cue_seconds: int | None = None
    cue_grain: Grain | None = None
    duration_seconds: int | None = None
    number: int | None = None
    joined: bool = False
    gap: bool = False
    part: str | None = None
    fragment: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenList:
    """A tracklist read from text.

    `parts`: headings within the list, in order. `times`: None for a list without times. `confidence`: 0 (no
    list) to 1 (announced by a heading, numbered or timed, every line read). `warnings` concern the list as a
    whole, each "code: explanation".
    """

    rows: tuple[Entry, ...] = ()
    parts: tuple[str, ...] = ()
    times: TimesMeaning | None = None
    confidence: float = 0.0
    warnings: tuple[str, ...] = ()


def with_cue(entry: Entry, cue_text: str | None) -> Entry:
    """Return the entry with a cue in any form of `read_cue`: minutes, m:ss, h:mm:ss, `?` for any digit."""
    if cue_text is None:
        return entry
    cue = read_cue(cue_text)
    warnings = entry.warnings
    if cue is None and not is_unknown_cue(cue_text):
        warnings = (*warnings, f"cue_unreadable: {cue_text!r}")
    placing = cue is not None and cue.grain in PLACING and cue.seconds < LONGEST_S
    return replace(
        entry,
        cue_text=cue_text,
        cue_seconds=cue.seconds if cue is not None and placing else None,
        cue_grain=cue.grain if cue is not None else None,
        warnings=warnings,
    )
