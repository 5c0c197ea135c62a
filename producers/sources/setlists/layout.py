"""Sections of a text by its headings, and groups of neighbouring lines that can be a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from producers.sources.setlists import headings, merging, noise, noise_lines, oneline
from producers.sources.setlists.entries import GAP
from producers.sources.setlists.kinds import counts_on, is_mark_only, kind, kind_of, number_of
from producers.sources.setlists.lines import DASH, Line, clean, names_a_track
from producers.sources.setlists.merging import CONTINUES, has_open_bracket

FEWEST_SHARE = 0.6  # of the lines of a part
FEWEST_OF_PART, FEWEST_OF_PLAIN_PART = 3, 5  # lines of a part with marks, tracks of one without
MAX_PART_WORDS = 4  # of the name of a part that is no usual one


@dataclass(slots=True)
class Section:
    """Lines under one heading, or under none. `announced`: a heading that surely announces a list.

    `stopped`: the section follows a line that begins something else: links, dates, thanks.
    """

    lines: list[Line] = field(default_factory=list)
    headed: bool = False
    announced: bool = False
    previous: bool = False
    stopped: bool = False
    part: str | None = None


def sections(lines: Sequence[Line]) -> list[Section]:
    """Divide a text by the lines that announce a list and those that end it."""
    divided = [Section()]
    for index, line in enumerate(lines):
        heading = _heading(line, lines[index + 1 : index + 3])
        if heading is not None:
            rest = [Line(raw=heading.rest, text=clean(heading.rest))] if heading.rest else []
            section = Section(
                lines=oneline.expand(rest, announced=True),
                headed=True,
                announced=heading.sure,
                previous=heading.previous,
                part=heading.part,
            )
            divided.append(section)
        elif (
            headings.is_stop(line.text)
            and not kind_of(line).counted
            and not _is_between(divided[-1].lines, lines[index + 1 : index + 3])
        ):
            divided.append(Section(stopped=True))
        else:
            divided[-1].lines.append(line)
    for section in divided:
        sole = section.headed and len(section.lines) == 1
        section.lines = oneline.expand(section.lines, announced=sole)
        section.lines = noise_lines.without_dates(_with_dates_decided(section.lines))
        section.lines = noise_lines.without_services(section.lines)
    return divided


def _is_between(before: Sequence[Line], following: Sequence[Line]) -> bool:
    """Return True if the numbers of a list go on behind a line: it is a remark within the list."""
    last = next((number for line in reversed(before[-3:]) if (number := number_of(line)) is not None), None)
    return last is not None and any(number_of(line) == last + 1 for line in following)


def _with_dates_decided(lines: list[Line]) -> list[Line]:
    """Mark the lines that begin like a date but are rows: between two rows, or in the count of their list."""
    for index, line in enumerate(lines):
        if kind_of(line).date and _is_row(lines, index):
            lines[index] = replace(line, may_be_date=False)
    return lines


def _is_row(lines: Sequence[Line], index: int) -> bool:
    before = lines[index - 1] if index and not lines[index].after_blank else None
    after = lines[index + 1] if index + 1 < len(lines) and not lines[index + 1].after_blank else None
    rows = [line is not None and kind_of(line).track for line in (before, after)]
    counted = (before is not None and rows[0] and counts_on(before, lines[index])) or (
        after is not None and rows[1] and counts_on(lines[index], after)
    )
    return all(rows) or counted


def _heading(line: Line, following: Sequence[Line]) -> headings.Heading | None:
    heading = headings.announcement(line.text)
    if heading is None or kind_of(line).counted:
        return None
    if heading.rest:
        tracks = bool(DASH.search(heading.rest)) and not noise.is_link(heading.rest)
        listed = tracks and (
            oneline.split(heading.rest, fewest=2) or kind(heading.rest).marked or heading.sure
        )
        if listed and _names_or_lists(heading.rest):
            return heading
        heading = headings.Heading(rest="", sure=False, part=heading.part, previous=heading.previous)
    if heading.sure:
        return heading
    near = [kind_of(line_after) for line_after in following]
    return heading if near and (near[0].track or (near[0].marked and not near[0].date)) else None


def _names_or_lists(text: str) -> bool:
    """Return True if the rest of a heading is a row or a one-line list."""
    return names_a_track(kind(text).rest) or oneline.split(text, fewest=2) is not None


def groups(section: Section) -> list[list[Line]]:
    """Divide lines without a heading where prose is between them; parts and wrapped lines divide nothing."""
    divided: list[list[Line]] = [[]]
    before: list[list[Line]] = [[]]  # the lines before each group that belong to none
    width = merging.wrap_width(section.lines)
    opening: Line | None = None  # the heading of a part directly before a group
    for line in section.lines:
        what = kind_of(line)
        inside = what.track or what.marked or bool(CONTINUES.match(line.text)) or is_mark_only(line.text)
        belongs = divided[-1] and (
            headings.part_name(line.text)
            or GAP.match(line.text)
            or _is_second_line(divided[-1], line)
            or (width and not line.after_blank and merging.is_full(divided[-1][-1], line, width))
            or (")" in line.text and not line.after_blank and has_open_bracket(divided[-1][-1].text))
        )
        if (
            line.after_blank
            and divided[-1]
            and all(noise.is_prose(previous.text) for previous in divided[-1])
        ):
            divided.append([])  # sentences with a dash before the list
            before.append([])
            belongs = False
        if (inside and not what.link) or belongs:
            divided[-1] += [opening, line] if opening and not divided[-1] else [line]
            opening = None
        else:
            opening = line if headings.PART.match(line.text) and headings.part_name(line.text) else None
            if divided[-1]:
                divided.append([])
                before.append([])
            before[-1].append(line)
    grouped = _joined([(group, above) for group, above in zip(divided, before, strict=True) if group])
    if section.stopped and grouped and grouped[0][0] is section.lines[0] and not grouped[0][0].after_blank:
        return grouped if any(kind_of(line).marked for line in grouped[0]) else grouped[1:]
    return grouped


def _is_second_line(group: Sequence[Line], line: Line) -> bool:
    last = kind_of(group[-1])
    return not line.after_blank and last.marked and not last.track and len(line.text) <= 80


def _joined(divided: Sequence[tuple[list[Line], list[Line]]]) -> list[list[Line]]:
    """Join groups, each with the lines above it: one list with remarks between its rows, or its parts."""
    joined: list[list[Line]] = []
    above_last: list[Line] = []
    for group, above in divided:
        if joined and (_goes_on(joined[-1], group) or _is_next_part(joined[-1], above_last, group, above)):
            joined[-1].extend(group)
        else:
            joined.append(list(group))
            above_last = above
    return joined


def _goes_on(before: Sequence[Line], group: Sequence[Line]) -> bool:
    """Return True if the counter of a group goes on from that of the group before."""
    first = number_of(group[0])
    last = next((number for line in reversed(before) if (number := number_of(line)) is not None), None)
    return first is not None and last is not None and first == last + 1


def _is_next_part(
    before: Sequence[Line], above_before: Sequence[Line], group: Sequence[Line], above: Sequence[Line]
) -> bool:
    """Return True for a part of the list before, below a name that is no usual one: "Vinyl set", "Room 2".

    Both have the same marks, and a few words are all that is between them. Without marks, such a name is
    above the first part, too.
    """
    if len(above) != 1 or not _is_name_of_part(above[0]):
        return False
    kinds, kinds_before = [kind_of(line) for line in group], [kind_of(line) for line in before]
    for attribute in ("counted", "timed"):
        shares = [
            sum(getattr(what, attribute) for what in part) / len(part) for part in (kinds_before, kinds)
        ]
        if min(shares) >= FEWEST_SHARE and min(len(kinds_before), len(kinds)) >= FEWEST_OF_PART:
            return True
        if max(shares) >= FEWEST_SHARE:
            return False
    fewest = min(sum(what.track for what in part) for part in (kinds_before, kinds))
    return fewest >= FEWEST_OF_PLAIN_PART and bool(above_before) and _is_name_of_part(above_before[-1])


def _is_name_of_part(line: Line) -> bool:
    text = line.text
    return (
        len(text.split()) <= MAX_PART_WORDS
        and len(text) <= headings.MAX_PART
        and any(map(str.isalpha, text))
        and not noise.is_prose(text)
        and not noise.is_link(text)
        and not kind_of(line).date
        and not headings.is_stop(text)
        and not headings.ELSEWHERE.search(text)
        and not headings.PREVIOUS.search(text)
    )
