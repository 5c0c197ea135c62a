"""One line of a written tracklist: its cue and its text, or a gap."""

import re
from dataclasses import dataclass

from songnodes.domain.cues import Grain, read_cue, says_nothing

GAP = re.compile(r"^(?:\.{2,}|…)$")
BRACKETED = re.compile(r"^\[\s*([\d?:]{1,9})\s*\]\s*")
JOINED = re.compile(r"^(?:w/|\+)\s*(?=\S)", re.IGNORECASE)
#: Grains that place a track: with a coarser one ("[3?]") only the text of the cue is kept.
PLACING: frozenset[Grain] = frozenset({"second", "ten_seconds", "minute"})
LONGEST = 7 * 24 * 3600  # seconds; longer than any recording
MAX_LINE = 2_000  # characters of a line that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line. `text` is None where the track is not named at all; `cue_text` is as written, without brackets.

    `cue_seconds` only where the cue places the track within its minute; `cue_grain` says how finely it is
    told, also where that is coarser. `gap`: the line stands for missing tracks, nobody knows how many.
    """

    text: str | None
    cue_text: str | None = None
    cue_seconds: int | None = None
    cue_grain: Grain | None = None
    number: int | None = None
    joined: bool = False
    gap: bool = False
    part: str | None = None
    fragment: str = ""
    warnings: tuple[str, ...] = ()


def read_entry(line: str, *, part: str | None = None, fragment: str | None = None) -> Entry | None:
    """`[05] Artist - Title [Label]`, `w/ Artist - Title`, `?`, `...`; None for a line with nothing in it.

    `fragment` is the line as the page has it, where markup was taken off.
    """
    raw = line if fragment is None else fragment
    plain = line[:MAX_LINE].strip()
    if GAP.match(plain):
        return Entry(text=None, gap=True, part=part, fragment=raw)
    cue = BRACKETED.match(plain)
    if cue:
        plain = plain[cue.end() :].strip()
    joined = JOINED.match(plain)
    if joined:
        plain = plain[joined.end() :]
    if not plain and not cue:
        return None
    return with_cue(
        Entry(text=plain or None, joined=bool(joined), part=part, fragment=raw), cue[1] if cue else None
    )


def with_cue(entry: Entry, cue_text: str | None) -> Entry:
    """The entry with a cue in any real form: minutes, m:ss, h:mm:ss, `?` for any digit."""
    if cue_text is None:
        return entry
    cue = read_cue(cue_text)
    warnings = entry.warnings
    if cue is None and not says_nothing(cue_text):
        warnings = (*warnings, f"cue_unreadable: {cue_text!r}")
    placing = cue is not None and cue.grain in PLACING and cue.seconds < LONGEST
    return Entry(
        text=entry.text,
        cue_text=cue_text,
        cue_seconds=cue.seconds if cue is not None and placing else None,
        cue_grain=cue.grain if cue is not None else None,
        number=entry.number,
        joined=entry.joined,
        gap=entry.gap,
        part=entry.part,
        fragment=entry.fragment,
        warnings=warnings,
    )
