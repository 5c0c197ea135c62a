"""The extent of a list within its section: its first and last line, prose and links left out."""

from collections.abc import Sequence

from producers.sources.setlists import headings, merging, noise, noise_lines
from producers.sources.setlists.entries import GAP, JOINED
from producers.sources.setlists.kinds import counts_on, is_mark_only, kind, kind_of, leading_number
from producers.sources.setlists.lines import DASH, UNKNOWN, Line

MARKED_SHARE = 0.6  # of the rows; with fewer, counters and times are no marks of the list
MAX_REMARK = 3  # words of a line between rows
FEWEST_HEADED, FEWEST_MARKED = 2, 3  # rows that make a list under a heading, and one with marks


def first_block(lines: Sequence[Line]) -> list[Line]:
    """Return the lines up to the first sentence or empty line behind at least two lines."""
    block: list[Line] = []
    for line in lines:
        if noise.is_prose(line.text) or (line.after_blank and len(block) > 1):
            break
        block.append(line)
    return block


def until_prose(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a headed section from the first row to the last.

    Rows with marks go to the last mark. Without marks, a short run behind prose is no part of the list.
    """
    kinds = [kind_of(line) for line in lines]
    marked = [index for index, what in enumerate(kinds) if what.marked]
    tracks = [index for index, what in enumerate(kinds) if what.track or what.marked]
    if not tracks:
        return []
    if len(marked) >= FEWEST_HEADED and 2 * len(marked) >= _tracks_around(lines, marked[0], marked[-1]):
        first, last = _counted_around(lines, marked[0], marked[-1])
        last = _with_named_part(lines, last, len(marked))
        width = merging.wrap_width(lines)
        return list(lines[first_part(lines, first) : last_wrapped(lines, last, width) + 1])
    end, run = tracks[0], 0
    prose = part = False
    for index in range(tracks[0], len(lines)):
        what = kinds[index]
        if what.track or what.marked:
            run += 1
            if not prose or part or run >= FEWEST_MARKED:
                end, prose = index, prose and not part and run < FEWEST_MARKED
        elif headings.part_name(lines[index].text):
            part, run = True, 0
        elif not (
            merging.CONTINUES.match(lines[index].text)
            or GAP.match(lines[index].text)
            or is_mark_only(lines[index].text)
            or _is_remark(lines, index)
        ):
            prose, part, run = True, False, 0
    end = noise_lines.last_row(lines, end)
    return list(lines[first_part(lines, tracks[0]) : last_wrapped(lines, end) + 1])


def _is_remark(lines: Sequence[Line], index: int) -> bool:
    """Return True for a line between rows that does not end the list: a rule, or a few words without an
    empty line before and behind it."""
    text = lines[index].text
    if not any(map(str.isalnum, text)):
        return True
    following = lines[index + 1] if index + 1 < len(lines) else None
    is_tight = following is not None and not (lines[index].after_blank or following.after_blank)
    return is_tight and following is not None and kind_of(following).track and len(text.split()) <= MAX_REMARK


def _with_named_part(lines: Sequence[Line], last: int, marked: int) -> int:
    """Return the place of the last row of a part without marks behind a list with marks: "Guest mix:".

    `last` where none follows, or so long a part that the marks would be no longer those of the list.
    """
    if last + 1 >= len(lines) or not headings.PART.match(lines[last + 1].text):
        return last
    end = last + 1
    while end + 1 < len(lines) and kind_of(lines[end + 1]).track and not lines[end + 1].after_blank:
        end += 1
    rows = end - last - 1
    return end if rows >= FEWEST_HEADED and marked >= MARKED_SHARE * (marked + rows) else last


def _tracks_around(lines: Sequence[Line], first: int, last: int) -> int:
    """Return the number of tracks from `first` to `last` and on the lines directly before and after.

    An empty line ends them, unless there are empty lines between the first and the last, too.
    """
    kinds = [kind_of(line) for line in lines]
    tight = not any(line.after_blank for line in lines[first + 1 : last + 1])
    while first > 0 and kinds[first - 1].track and not (tight and lines[first].after_blank):
        first -= 1
    while last + 1 < len(kinds) and kinds[last + 1].track and not (tight and lines[last + 1].after_blank):
        last += 1
    return sum(what.track or what.marked for what in kinds[first : last + 1])


def _counted_around(lines: Sequence[Line], first: int, last: int) -> tuple[int, int]:
    """Return the places of the first and last lines whose numbers go on from those at `first` and `last`.

    "10 Artist" behind "09 Artist" and "1.808 State" before "2.Artist" have no mark of their own.
    """
    while (before := first_part(lines, first) - 1) >= 0 and _goes_on(lines, before, first):
        first = before
    while (after := _after_part(lines, last)) < len(lines) and _goes_on(lines, last, after):
        last = after
    return first, last


def _goes_on(lines: Sequence[Line], before: int, after: int) -> bool:
    """Return True if the number of a line follows that of the row before it, or restarts in the next part."""
    if counts_on(lines[before], lines[after]):
        return True
    is_next_part = after - before > 1
    return is_next_part and leading_number(lines[before]) is not None and leading_number(lines[after]) == 1


def _after_part(lines: Sequence[Line], index: int) -> int:
    """Return the place of the next line that is not the heading of a part."""
    following = index + 1
    if following < len(lines) and headings.part_name(lines[following].text):
        following += 1
    return following


def first_part(lines: Sequence[Line], first: int) -> int:
    """Return the place of the heading of a part directly before a row, else of the row."""
    if first and is_mark_only(lines[first].text) and _marks_follow(lines, first):
        first -= 1
    elif first and is_mark_only(lines[first - 1].text) and kind_of(lines[first]).track:
        first -= 1  # "1." on a line of its own
    before = first - 1
    return before if before >= 0 and headings.part_name(lines[before].text) else first


def _marks_follow(lines: Sequence[Line], first: int) -> bool:
    """Return True where each text has its mark on the line behind it, the first mark at `first`."""
    before = kind_of(lines[first - 1])
    last = max(index for index in range(first, len(lines)) if is_mark_only(lines[index].text))
    follows = last + 1 < len(lines) and kind_of(lines[last + 1]).track
    return before.track and not before.marked and not follows


def last_wrapped(lines: Sequence[Line], last: int, width: int | None = None) -> int:
    """Return the place of the last line of the row at `last`: its wrapped end, rows played with it.

    `width`: the width to which the lines of the list are wrapped; None where they are not.
    """
    end = last
    for index in range(last + 1, min(len(lines), last + 4)):
        text = lines[index].text
        joined = JOINED.match(text) and kind(text).track
        before = lines[index - 1].text
        open_end = merging.OPEN_END.search(before) or merging.has_open_bracket(before)
        full = width is not None and merging.is_full(lines[index - 1], lines[index], width)
        wraps = merging.CONTINUES.match(text) or full or open_end or is_mark_only(text) or GAP.match(text)
        sole = kind_of(lines[last]).marked and not DASH.search(lines[last].text) and len(text) <= 80
        if (
            lines[index].after_blank
            or not (joined or wraps or sole or UNKNOWN.match(text))
            or kind(text).link
        ):
            break
        end = index
    return end
