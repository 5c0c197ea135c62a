"""Sections of a text by its headings, and groups of neighbouring lines that can be a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from producers.sources.setlists import headings, noise, oneline
from producers.sources.setlists.entries import GAP
from producers.sources.setlists.kinds import is_mark_only, kind, number_of
from producers.sources.setlists.lines import DASH, Line, clean, names_a_track
from producers.sources.setlists.merging import CONTINUES


@dataclass(slots=True)
class Section:
    """Lines under one heading, or under none. `announced`: a heading that surely announces a list."""

    lines: list[Line] = field(default_factory=list)
    headed: bool = False
    announced: bool = False
    previous: bool = False
    part: str | None = None


def sections(lines: Sequence[Line]) -> list[Section]:
    """Divide a text by the lines that announce a list and those that end it."""
    found = [Section()]
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
            found.append(section)
        elif headings.is_stop(line.text) and not kind(line.text).counted:
            found.append(Section())
        else:
            found[-1].lines.append(line)
    for section in found:
        if len(section.lines) > 1 or not section.headed:
            section.lines = oneline.expand(section.lines)
    return found


def _heading(line: Line, following: Sequence[Line]) -> headings.Heading | None:
    heading = headings.announcement(line.text)
    if heading is None or kind(line.text).counted:
        return None
    if heading.rest:
        tracks = bool(DASH.search(heading.rest)) and not noise.is_link(heading.rest)
        listed = tracks and (
            oneline.split(heading.rest, fewest=2) or kind(heading.rest).marked or heading.sure
        )
        if listed and names_or_lists(heading.rest):
            return heading
        heading = headings.Heading(rest="", sure=False, part=heading.part, previous=heading.previous)
    if heading.sure:
        return heading
    near = [kind(other.text) for other in following]
    return heading if near and (near[0].track or (near[0].marked and not near[0].date)) else None


def names_or_lists(text: str) -> bool:
    """Return True if the rest of a heading is a row or a one-line list."""
    return names_a_track(kind(text).rest) or oneline.split(text, fewest=2) is not None


def groups(section: Section) -> list[list[Line]]:
    """Divide lines without a heading where prose is between them; parts and wrapped lines divide nothing."""
    divided: list[list[Line]] = [[]]
    for line in section.lines:
        what = kind(line.text)
        inside = what.track or what.marked or bool(CONTINUES.match(line.text)) or is_mark_only(line.text)
        belongs = divided[-1] and (
            headings.part_name(line.text) or GAP.match(line.text) or _is_second_line(divided[-1], line)
        )
        if (inside and not what.link) or belongs:
            divided[-1].append(line)
        elif divided[-1]:
            divided.append([])
    return _joined([group for group in divided if group])


def _is_second_line(group: Sequence[Line], line: Line) -> bool:
    last = kind(group[-1].text)
    return not line.after_blank and last.marked and not last.track and len(line.text) <= 80


def _joined(divided: list[list[Line]]) -> list[list[Line]]:
    """Join groups whose counters go on: one list with remarks between its rows."""
    joined: list[list[Line]] = []
    for group in divided:
        if joined and number_of(group[0]) is not None:
            last = next((n for line in reversed(joined[-1]) if (n := number_of(line)) is not None), None)
            if last is not None and number_of(group[0]) == last + 1:
                joined[-1].extend(group)
                continue
        joined.append(list(group))
    return joined
