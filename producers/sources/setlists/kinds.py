"""Classes of lines: what a line can be on its own, before the list is decided as a whole."""

import re
from dataclasses import dataclass
from functools import lru_cache

from producers.sources.setlists import counters, headings, noise, peel, times
from producers.sources.setlists.lines import DASH, MAX_TRACK, Line, names_a_track

MAX_TURNS = 4
LEADING_NUMBER = re.compile(r"^\W{0,4}(\d{1,5})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The kinds that a line can be on its own.

    `rest`: its text without any mark. `counted` and `timed`: marks that are rarely part of a name.
    """

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
def kind(text: str, may_be_date: bool = True) -> Kind:
    """Classify the text of a line."""
    if len(text) > 4 * MAX_TRACK:
        return Kind(rest=text, track=False, counted=False, timed=False, link=False, date=False)
    if headings.NUMBERED_PART.match(text):  # "2. Stunde"
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
    dated = may_be_date and (noise.is_date(text) or noise.begins_with_date(text))
    named = names_a_track(rest) or names_a_track(text)
    if not may_be_date and not named:
        named = DASH.search(text) is not None and len(text) <= MAX_TRACK
    return Kind(
        rest=rest,
        track=named and not linked and not dated,
        counted=counted,
        timed=timed,
        link=linked,
        date=dated,
    )


def kind_of(line: Line) -> Kind:
    """Classify a line within its text."""
    return kind(line.text, line.may_be_date)


def _counter(text: str) -> counters.Counter | None:
    for form in counters.FORMS[1:5]:
        counter = counters.counter(text, form)
        if counter:
            return counter
    return None


def leading_number(line: Line) -> int | None:
    """Return the number at the beginning of a line, whether it is a counter or part of a name."""
    match = LEADING_NUMBER.match(line.text)
    return int(match[1]) if match else None


def counts_on(before: Line, after: Line) -> bool:
    """Return True if the number at the beginning of a line follows that of the line before."""
    number, following = leading_number(before), leading_number(after)
    return number is not None and following == number + 1


def number_of(line: Line) -> int | None:
    text = line.text
    front = times.front_time(text, ranges=False)
    counter = counters.counter(front[1] if front else text, "number")
    return counter.value if counter and counter.strong else None


def is_mark_only(text: str) -> bool:
    front = times.front_time(text, ranges=True) or times.front_time(text, ranges=False)
    if front:
        return not front[1].strip(" -|.:")
    return bool(re.match(r"^[#(\[]?\d{1,3}[.)\]:]$", text))
