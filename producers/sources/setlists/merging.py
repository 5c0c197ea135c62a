"""Rows in work: lines of a list with wrapped ends, marks on lines of their own and titles put together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from producers.sources.setlists import headings, noise, times
from producers.sources.setlists.entries import GAP, JOINED
from producers.sources.setlists.kinds import Kind, counts_on, is_mark_only, kind, kind_of
from producers.sources.setlists.lines import DASH, MAX_TRACK, UNKNOWN, Line

CONTINUES = re.compile(
    r"^(?:[(\[]|-\s|&\s|x\s|vs\.?\s|feat\b|ft\.?\s|pres\.?\s|and\s(?=[^-]*$)|remix(?:ed)?\b)", re.IGNORECASE
)
#: Remarks between rows: not the bracket of a version.
REMARK = re.compile(
    r"^[(\[]\s?(?:interview|talk|chat|speech|voice|jingle|station|news|advert|ad\b|ads\b|break|skit|silence|applause)",
    re.IGNORECASE,
)
#: The guest of an artist whose title is behind it: "feat. Lia - Silver Tide".
GUEST_LINE = re.compile(r"^(?:&|x|vs\.?|feat\.?|ft\.?|and|b2b)\s", re.IGNORECASE)
OPEN_END = re.compile(r"(?:\s-|&|\bvs\.?|\bfeat\.?|\bft\.?|,|\bpres\.?|\bwith|\band|/)$", re.IGNORECASE)
PAIRED_SHARE = 0.7  # of the lines with a mark that are followed by a title
MOST_WRAPPED = 0.9
FEWEST_WRAPPED = 3  # rows with a mark
FEWEST_PARTS = 2  # lines such as "Set Two - Pale Ivory"
FEWEST_LOOSE = 2  # lines without a mark in which a width can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row in work: the text of one or more lines, the lines as written, and its part."""

    text: str
    raw: str
    part: str | None = None


def rows(lines: Sequence[Line], *, part: str | None = None) -> tuple[list[Row], list[str]]:
    """Return the rows of a list in work, and the texts of lines between them that belong to none.

    Wrapped lines are put together, parts are separated, marks on lines of their own go to their text.
    """
    merged = list(_with_marks(lines))
    marked = sum(kind_of(line).marked for line in merged)
    is_marked = marked >= 2 and marked * 2 >= sum(kind_of(line).track for line in merged)
    pairs = _in_pairs(merged)
    width = wrap_width(merged) if is_marked and not pairs else None
    latest: Line | None = None
    merged_rows: list[Row] = []
    skipped: list[str] = []
    has_parts = sum(_names_part(line) for line in merged) >= FEWEST_PARTS
    waiting = False  # a row whose title is on the next line
    for line in merged:
        what = kind_of(line)
        before, latest = latest, line
        if width and merged_rows and before and _is_wrapped(before, line, what, width):
            merged_rows[-1] = _with(merged_rows[-1], line, " ")
            continue
        name = _part(line, what, is_marked or has_parts)
        if name and not waiting:
            part = name
        elif waiting and not what.marked:
            merged_rows[-1] = _with(merged_rows[-1], line, " - ")
        elif merged_rows and merged_rows[-1].part == part and _wraps(merged_rows[-1], line, what, is_marked):
            merged_rows[-1] = _with(merged_rows[-1], line, " ")
        elif what.link or (what.date and not what.marked):
            skipped.append(line.text)
        elif what.marked or what.track or GAP.match(line.text) or JOINED.match(line.text):
            merged_rows.append(Row(text=line.text, raw=line.raw, part=part))
        else:
            skipped.append(line.text)
        waiting = pairs and what.marked and not DASH.search(what.rest) and not UNKNOWN.match(what.rest)
    return merged_rows, skipped


def wrap_width(lines: Sequence[Line]) -> int | None:
    """Return the width to which the lines of a list with marks are wrapped; None where they are not.

    Lines without a mark are wrapped ends if nearly each would not have fit behind the line before it.
    """
    marked = [index for index, line in enumerate(lines) if kind_of(line).marked]
    if len(marked) < FEWEST_WRAPPED:
        return None
    within = lines[marked[0] : marked[-1] + 1]
    width = max(len(line.text) for line in within)
    loose = [
        (before, line)
        for before, line in pairwise(within)
        if not line.after_blank and not kind_of(line).marked and not _begins_row(before, line)
    ]
    full = sum(is_full(before, line, width) for before, line in loose)
    return width if len(loose) >= FEWEST_LOOSE and full >= MOST_WRAPPED * len(loose) else None


def is_full(before: Line, line: Line, width: int) -> bool:
    """Return True if the first word of a line does not fit behind the line before it."""
    return len(before.text) + 1 + len(line.text.split(maxsplit=1)[0]) > width


def _is_wrapped(before: Line, line: Line, what: Kind, width: int) -> bool:
    if what.marked or line.after_blank or _begins_row(before, line):
        return False
    return is_full(before, line, width)


def _begins_row(before: Line, line: Line) -> bool:
    """Return True for a line without a mark that is no wrapped end: "7.808 State" behind "6.Artist"."""
    text = line.text
    return counts_on(before, line) or bool(
        JOINED.match(text) or GAP.match(text) or UNKNOWN.match(text) or headings.PART.match(text)
    )


def has_open_bracket(text: str) -> bool:
    """Return True for a text with a round bracket that is not closed."""
    return text.count("(") > text.count(")")


def _with(row: Row, line: Line, glue: str) -> Row:
    glue = " " if row.text.endswith(" -") or line.text.startswith("- ") else glue
    return Row(text=f"{row.text}{glue}{line.text}", raw=f"{row.raw}\n{line.raw}", part=row.part)


def _names_part(line: Line) -> bool:
    """Return True for "Set Two - Pale Ivory"."""
    left, *right = DASH.split(line.text, maxsplit=1)
    return bool(right) and len(left) <= 20 and headings.NUMBERED_PART.match(left) is not None


def _part(line: Line, what: Kind, is_marked: bool) -> str | None:
    """Return the part that a line opens. If rows have marks, "Hour 2 - Guest" without one is a part too."""
    if what.marked or what.link or UNKNOWN.match(line.text):
        return None
    if what.track:
        divides = _names_part(line)
        decorated = headings.DECORATED.match(line.text) and not headings.DECORATED.match(line.text[1:])
        return line.text.strip("*=~_#[]- :") if (divides and is_marked) or (divides and decorated) else None
    if CONTINUES.match(line.text) and not headings.DECORATED.match(line.text):
        return None
    name = headings.part_name(line.text)
    bracketed = line.text.startswith(("(", "[")) and not line.after_blank
    if name and bracketed and not headings.PART.match(line.text):
        return None  # "(Name Remix)", the end of a wrapped line
    return name


def _wraps(row: Row, line: Line, what: Kind, is_marked: bool) -> bool:
    """Return True if a line is the end of the row before it."""
    text = line.text
    begins = what.counted or REMARK.match(text) or JOINED.match(text) or GAP.match(text)
    if begins or len(row.text) + len(text) > MAX_TRACK:
        return False
    if has_open_bracket(row.text) and ")" in text:
        return True
    if what.timed and not times.back_time(text):
        return False
    if OPEN_END.search(row.text) and not what.link:
        return True
    if line.after_blank:
        return False
    if GUEST_LINE.match(text) and is_marked and not what.link and not DASH.search(kind(row.text).rest):
        return True
    if CONTINUES.match(text) and not (DASH.search(re.sub(r"^-\s|\([^()]*\)|\[[^\[\]]*\]", "", text))):
        return not what.link
    return is_marked and not what.track and len(row.text) >= 45 and not noise.is_prose(text) and not what.link


def _with_marks(lines: Sequence[Line]) -> Iterator[Line]:
    """Put times and counters that are alone on a line to the text that they belong to: the next line where
    the first one comes before a text, else the one before."""
    alone = [is_mark_only(line.text) for line in lines]
    if sum(alone) < 2 or sum(alone) < 0.3 * len(lines):
        yield from lines
        return
    before = alone[0] or alone.index(True) < next(
        (i for i, line in enumerate(lines) if kind_of(line).track), 0
    )
    pending: Line | None = None
    for line, is_alone in zip(lines, alone, strict=True):
        if is_alone == before and pending is not None and is_alone:
            pending = Line(
                raw=f"{pending.raw}\n{line.raw}",
                text=f"{pending.text} {line.text}",
                after_blank=pending.after_blank,
            )
        elif is_alone == before:
            if pending is not None:
                yield pending
            pending = line
        elif pending is not None:
            text = f"{pending.text} {line.text}"
            yield Line(raw=f"{pending.raw}\n{line.raw}", text=text, after_blank=pending.after_blank)
            pending = None
        else:
            yield line
    if pending is not None and not before:
        yield pending


def _in_pairs(lines: Sequence[Line]) -> bool:
    """Return True if artists and titles are on lines of their own, the artist's with a mark."""
    pairs = sole = 0
    for index, line in enumerate(lines[:-1]):
        what = kind_of(line)
        if what.marked:
            sole += 1
            after = lines[index + 1]
            follows = kind_of(after)
            short = len(after.text) <= 80 and not follows.marked and not follows.track
            pairs += short and not DASH.search(what.rest) and not headings.part_name(after.text)
    return sole >= 2 and pairs >= PAIRED_SHARE * sole
