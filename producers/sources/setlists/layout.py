"""The layout of a text: where a tracklist begins and ends, its parts, its wrapped lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from producers.sources.setlists import counters, headings, noise, oneline, peel, times
from producers.sources.setlists.entries import GAP, JOINED
from producers.sources.setlists.lines import DASH, MAX_TRACK, UNKNOWN, Line, clean, names_a_track

CONTINUES = re.compile(
    r"^(?:[(\[]|-\s|&\s|x\s|vs\.?\s|feat\b|ft\.?\s|pres\.?\s|and\s(?=[^-]*$)|remix(?:ed)?\b)", re.IGNORECASE
)
OPEN_END = re.compile(r"(?:\s-|&|\bvs\.?|\bfeat\.?|\bft\.?|,|\bpres\.?|\bwith|\band|/)$", re.IGNORECASE)
MAX_TURNS = 4
MOST = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a line can be on its own. `rest`: its text without any mark. `counted` and `timed`: marks that are
    rarely part of a name."""

    rest: str
    track: bool
    counted: bool
    timed: bool
    link: bool
    date: bool

    @property
    def marked(self) -> bool:
        """Return True for a line with a counter or a time and something behind it."""
        return (self.counted or self.timed) and not self.link


@lru_cache(maxsize=1 << 15)
def kind(text: str) -> Kind:
    """Classify a line."""
    if len(text) > 4 * MAX_TRACK:
        return Kind(rest=text, track=False, counted=False, timed=False, link=False, date=False)
    rest, counted, timed = text, False, False
    for _ in range(MAX_TURNS):
        front = times.front_time(rest, ranges=True) or times.front_time(rest, ranges=False)
        front = front or times.minute_mark(rest)
        counter = None if front or counted else _counter(rest)
        bare = None if front or counter else peel.bullet(rest)
        if front:
            timed, rest = True, front[1]
        elif counter:
            counted, rest = counter.strong, counter.rest
            if not counter.strong:
                counted = False
                break
        elif bare:
            rest = bare
        else:
            break
    back = times.back_time(rest)
    if back and back[1]:
        timed, rest = True, back[1]
    linked = noise.is_link(text) or noise.is_link(rest)
    dated = noise.is_date(text) or noise.begins_with_date(text)
    named = names_a_track(rest) or names_a_track(text)
    return Kind(
        rest=rest,
        track=named and not linked and not dated,
        counted=counted,
        timed=timed,
        link=linked,
        date=dated,
    )


def _counter(text: str) -> counters.Counter | None:
    for form in counters.FORMS[:4]:
        found = counters.counter(text, form)
        if found:
            return found
    return None


@dataclass(slots=True)
class Section:
    """Lines under one heading, or under none. `announced`: a heading that surely announces a list."""

    lines: list[Line] = field(default_factory=list)
    headed: bool = False
    announced: bool = False
    previous: bool = False
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row in work: the text of one or more lines, the lines as written, and its part."""

    text: str
    raw: str
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
        if joined and _number_of(group[0]) is not None:
            last = next((n for line in reversed(joined[-1]) if (n := _number_of(line)) is not None), None)
            if last is not None and _number_of(group[0]) == last + 1:
                joined[-1].extend(group)
                continue
        joined.append(list(group))
    return joined


def _number_of(line: Line) -> int | None:
    text = line.text
    front = times.front_time(text, ranges=False)
    found = counters.counter(front[1] if front else text, "number")
    return found.value if found and found.strong else None


def is_mark_only(text: str) -> bool:
    front = times.front_time(text, ranges=True) or times.front_time(text, ranges=False)
    if front:
        return not front[1].strip(" -|.:")
    return bool(re.match(r"^[#(\[]?\d{1,3}[.)\]:]$", text))


def rows(lines: Sequence[Line], *, headed: bool, part: str | None = None) -> tuple[list[Row], list[str]]:
    """Return the rows of a list in work, and the texts of lines between them that belong to none.

    Wrapped lines are put together, parts are told apart, marks on lines of their own go to their text.
    """
    merged = list(_with_marks(lines))
    marked = sum(kind(line.text).marked for line in merged)
    is_marked = marked >= 2 and marked * 2 >= sum(kind(line.text).track for line in merged)
    pairs = _in_pairs(merged)
    found: list[Row] = []
    skipped: list[str] = []
    waiting = False  # a row whose title is on the next line
    for line in merged:
        what = kind(line.text)
        name = _part(line, what, is_marked)
        if name and not waiting:
            part = name
        elif waiting and not what.marked:
            found[-1] = _with(found[-1], line, " - ")
        elif found and found[-1].part == part and _wraps(found[-1], line, what, is_marked):
            found[-1] = _with(found[-1], line, " ")
        elif what.link or (what.date and not what.marked):
            skipped.append(line.text)
        elif what.marked or what.track or GAP.match(line.text) or JOINED.match(line.text):
            found.append(Row(text=line.text, raw=line.raw, part=part))
        else:
            skipped.append(line.text)
        waiting = pairs and what.marked and not DASH.search(what.rest) and not UNKNOWN.match(what.rest)
    return found, skipped


def _with(row: Row, line: Line, glue: str) -> Row:
    glue = " " if row.text.endswith(" -") or line.text.startswith("- ") else glue
    return Row(text=f"{row.text}{glue}{line.text}", raw=f"{row.raw}\n{line.raw}", part=row.part)


def _part(line: Line, what: Kind, is_marked: bool) -> str | None:
    """The part that a line opens. With marks on the rows, "Hour 2 - Guest" without one is a part too."""
    if what.marked or what.link or UNKNOWN.match(line.text):
        return None
    if what.track:
        left = DASH.split(line.text)[0]
        divides = headings.PART.match(left) and any(char.isdigit() for char in left) and len(left) <= 20
        decorated = headings.DECORATED.match(line.text) and not headings.DECORATED.match(line.text[1:])
        return line.text.strip("*=~_#[]- :") if (divides and is_marked) or (divides and decorated) else None
    if CONTINUES.match(line.text) and not headings.DECORATED.match(line.text):
        return None
    name = headings.part_name(line.text)
    if name and line.text.startswith(("(", "[")) and not headings.PART.match(line.text):
        return None  # "(Name Remix)", the end of a wrapped line
    return name


def _wraps(row: Row, line: Line, what: Kind, is_marked: bool) -> bool:
    """Return True if a line is the end of the row before it."""
    text = line.text
    if what.counted or JOINED.match(text) or GAP.match(text) or len(row.text) + len(text) > MAX_TRACK:
        return False
    if row.text.count("(") > row.text.count(")") and ")" in text:
        return True
    if what.timed and not times.back_time(text):
        return False
    if OPEN_END.search(row.text) and not what.link:
        return True
    if line.after_blank:
        return False
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
        (i for i, line in enumerate(lines) if kind(line.text).track), 0
    )
    held: Line | None = None
    for line, is_alone in zip(lines, alone, strict=True):
        if is_alone == before and held is not None and is_alone:
            held = Line(
                raw=f"{held.raw}\n{line.raw}", text=f"{held.text} {line.text}", after_blank=held.after_blank
            )
        elif is_alone == before:
            if held is not None:
                yield held
            held = line
        elif held is not None:
            text = f"{held.text} {line.text}"
            yield Line(raw=f"{held.raw}\n{line.raw}", text=text, after_blank=held.after_blank)
            held = None
        else:
            yield line
    if held is not None and not before:
        yield held


def _in_pairs(lines: Sequence[Line]) -> bool:
    """Return True if artists and titles are on lines of their own, the artist's with a mark."""
    pairs = sole = 0
    for index, line in enumerate(lines[:-1]):
        what = kind(line.text)
        if what.marked:
            sole += 1
            after = lines[index + 1]
            follows = kind(after.text)
            short = len(after.text) <= 80 and not follows.marked and not follows.track
            pairs += short and not DASH.search(what.rest) and not headings.part_name(after.text)
    return sole >= 2 and pairs >= MOST * sole
