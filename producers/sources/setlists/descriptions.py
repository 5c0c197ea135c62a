"""Tracklists that people write into free text.

Between prose, greetings and addresses only what is plainly a list is taken: behind a heading that says so, or
numbered, or with times, or a long run of "Artist - Title".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from producers.sources.setlists.entries import Entry, read_entry, with_cue
from songnodes.domain.text import repair

HEADING = re.compile(
    r"^\W*(?:full |the )?(?:track ?list(?:ing)?|set ?list|play ?list|tracks? (?:played|in this mix))\b\W*$",
    re.IGNORECASE,
)
NUMBER = re.compile(r"^#?(\d{1,3})\s*[.):]\s+(?=\S)")
TIME = re.compile(r"^[(\[]?((?:\d{1,2}:)?\d{1,3}:\d{2})[)\]]?\s*(?:[-–—|:]\s*)?(?=\S)")
TIME_AT_END = re.compile(r"\s+[(\[]((?:\d{1,2}:)?\d{1,3}:\d{2})[)\]]$")
UNKNOWN = re.compile(r"^(?:ID|\?+|unknown)(?:\s+-\s+(?:ID|\?+|unknown))?$", re.IGNORECASE)
ADDRESS = re.compile(r"https?://|\bwww\.|\w@\w")
DASH = " - "
MAX_TEXT = 100_000  # characters of a description that are read
MIN_MARKED, MIN_PLAIN, MIN_HEADED = 3, 5, 2
MAX_TRACK = 200  # characters; longer lines are prose with a dash
MOST = 0.8  # share of a run's lines


@dataclass(frozen=True, slots=True)
class _Line:
    raw: str
    text: str
    number: int | None
    time: str | None
    track: bool


def read_description(text: str) -> list[Entry]:
    """The lines of the longest list in a text; empty when it has none."""
    lines = [_line(raw) for raw in text[:MAX_TEXT].splitlines()]
    best: list[_Line] = []
    for whole, headed in _runs(lines):
        run = _trimmed(whole)
        if _is_list(run, headed) and len(run) > len(best):
            best = run
    return _entries(best)


def _line(raw: str) -> _Line:
    plain = repair(raw)
    number = NUMBER.match(plain)
    rest = plain[number.end() :] if number else plain
    time = TIME.match(rest)
    rest = rest[time.end() :] if time else rest
    at_end = None if time else TIME_AT_END.search(rest)
    rest = rest[: at_end.start()] if at_end else rest
    found = time or at_end
    named = DASH in rest and len(rest) <= MAX_TRACK and not ADDRESS.search(rest)
    return _Line(
        raw=raw,
        text=plain,
        number=int(number[1]) if number else None,
        time=found[1] if found else None,
        track=named or bool(UNKNOWN.match(rest)),
    )


def _runs(lines: Sequence[_Line]) -> list[tuple[list[_Line], bool]]:
    """Neighbouring lines that could be tracks, empty ones between them left out, and whether a heading stood
    before them."""
    runs: list[tuple[list[_Line], bool]] = []
    run: list[_Line] = []
    headed = False
    for line in [*lines, _Line("", "end of text", None, None, False)]:
        if line.track:
            run.append(line)
        elif line.text:
            if run:
                runs.append((run, headed))
            run, headed = [], bool(HEADING.match(line.text))
    return runs


def _trimmed(run: list[_Line]) -> list[_Line]:
    """A run without what stands before its first number or time and behind its last: prose with a dash."""
    for marked in (
        [place for place, line in enumerate(run) if line.number is not None],
        [place for place, line in enumerate(run) if line.time is not None],
    ):
        if len(marked) >= MIN_MARKED:
            return run[marked[0] : marked[-1] + 1]
    return run


def _is_list(run: Sequence[_Line], headed: bool) -> bool:
    if headed and len(run) >= MIN_HEADED:
        return True
    if len(run) >= MIN_MARKED and (_numbered(run) or _timed(run)):
        return True
    return len(run) >= MIN_PLAIN


def _numbered(run: Sequence[_Line]) -> bool:
    """Numbers that rise through the list: a loose look damages "808 State" and "4 Strings"."""
    numbers = [line.number for line in run if line.number is not None]
    rising = all(first < second for first, second in pairwise(numbers))
    return rising and len(numbers) >= max(2, MOST * len(run))


def _timed(run: Sequence[_Line]) -> bool:
    return sum(line.time is not None for line in run) >= max(2, MOST * len(run))


def _entries(run: Sequence[_Line]) -> list[Entry]:
    numbered, timed = _numbered(run), _timed(run)
    found = []
    for line in run:
        rest = NUMBER.sub("", line.text, count=1) if numbered and line.number is not None else line.text
        if timed and line.time is not None:
            rest = TIME_AT_END.sub("", TIME.sub("", rest, count=1))
        entry = read_entry(rest, fragment=line.raw)
        if entry is not None:
            number = line.number if numbered else None
            found.append(with_cue(replace(entry, number=number), line.time if timed else entry.cue_text))
    return found
