"""Lists written on one line: "1. A - B 2. C - D", "00:00 A - B 04:10 C - D", "A - B / C - D / E - F"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from producers.sources.setlists.lines import DASH, MAX_TRACK, UNKNOWN, Line, names_a_track

NUMBERED = re.compile(
    r"(?:(?<=\s)|(?<=[;,/|])|^)(?:#\s?|[(\[])?(\d{1,3})\s?(?:[.):\]]|-(?=\s)|、)(?:\s(?!:)|(?![\d:\s]))(?=\S)"
)
BARE = re.compile(r"(?:(?<=\s)|^)#?(\d{1,3})\s(?=\S)")
TIMED = re.compile(r"(?:(?<=\s)|^)[(\[]?(\d{1,3}(?::\d{2}){1,2})[)\]]?\s*(?:[-|]\s*)?(?=[^\s\d])")
SEPARATORS = (
    " / ",
    " // ",
    " | ",
    "; ",
    " • ",
    " · ",
    " * ",
    " ● ",
    " → ",
    " > ",
    " ~ ",
    " + ",
    ", ",
    " ; ",
    "/",
)
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
#: A sentence behind the last row: "Artist - Title. Thanks for listening!"
LAST_SENTENCE = re.compile(r"[.!]\s+[A-Z][^-]{8,}[.!]$")
FEWEST = 3
FEWEST_COMMAS = 4
MIN_GOOD_SHARE = 0.8


def expand(lines: Sequence[Line], *, announced: bool = False) -> list[Line]:
    """Return the lines with each one-line list split into its rows.

    `announced`: the lines are the rest of a heading. A line is split only where the text has no longer list
    of one row per line.
    """
    simple = sum(names_a_track(line.text) for line in lines)
    expanded: list[Line] = []
    for line in lines:
        pieces = split(line.text, fewest=2 if announced else FEWEST) if len(line.text) > 20 else None
        if pieces and (announced or len(pieces) > max(2, simple - 1)):
            expanded += [replace(line, raw=piece, text=piece, after_blank=False) for piece in pieces]
        else:
            expanded.append(line)
    return expanded


def split(text: str, *, fewest: int = FEWEST) -> list[str] | None:
    """Return the rows of a line that is a list; None for any other line."""
    if len(DASH.findall(text)) < fewest:
        return None
    for pattern in (NUMBERED, BARE):
        pieces = _at_numbers(text, pattern, fewest)
        if pieces:
            return pieces
    pieces = _at_times(text, fewest)
    if pieces:
        return pieces
    for separator in SEPARATORS:
        parts = [part.strip() for part in text.split(separator)]
        parts = [part for part in parts if part]
        least = max(fewest, FEWEST_COMMAS) if separator == ", " else fewest
        if len(parts) >= least and _are_tracks(parts, one_dash=True):
            return parts
    return None


def _at_numbers(text: str, pattern: re.Pattern[str], fewest: int) -> list[str] | None:
    starts: list[int] = []
    wanted = None
    for match in pattern.finditer(text):
        number = int(match[1])
        if (wanted is None and number in {0, 1}) or number == wanted:
            starts.append(match.start())
            wanted = number + 1
    return _pieces(text, starts, fewest)


def _at_times(text: str, fewest: int) -> list[str] | None:
    starts: list[int] = []
    latest = -1
    for match in TIMED.finditer(text):
        seconds = 0
        for number in match[1].split(":"):
            seconds = seconds * 60 + int(number)
        if seconds > latest:
            starts.append(match.start())
            latest = seconds
    return _pieces(text, starts, fewest)


def _pieces(text: str, starts: Sequence[int], fewest: int) -> list[str] | None:
    if len(starts) < fewest:
        return None
    bounds = [*starts, len(text)]
    pieces = [text[start:end].strip(" ,;/|•·") for start, end in pairwise(bounds)]
    if not _are_tracks(pieces, one_dash=False):
        return None
    pieces[-1] = LAST_SENTENCE.sub("", pieces[-1])
    before = text[: starts[0]].strip()
    return [before, *pieces] if before else pieces


def _are_tracks(pieces: Sequence[str], *, one_dash: bool) -> bool:
    good = 0
    for piece in pieces:
        if len(piece) > MAX_TRACK:
            return False
        unknown = bool(UNKNOWN.match(piece))
        dashes = len(DASH.findall(BRACKETS.sub("", piece)))
        good += unknown or (dashes == 1 if one_dash else dashes >= 1)
    return good >= MIN_GOOD_SHARE * len(pieces)
