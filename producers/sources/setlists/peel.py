"""Marks of a list taken off its lines: bullets, counters, times at both ends.

Every decision is about the list as a whole: a mark is one only where most lines have it.
"""

import re
import unicodedata
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from producers.sources.setlists import counters as count
from producers.sources.setlists import times as clock
from producers.sources.setlists.counters import Counter, Counting
from producers.sources.setlists.times import Time

BULLET = re.compile(r"^[-*•·‣◦○●■□▪▫◆◇★☆✓✔♪♫♬~+>=_|#›]+(?:\s+|(?<=[•‣◦○●■□▪▫◆◇★☆✓✔♪♫♬›])\s*)(?=\S)")
#: A bullet behind another one: "- - Artist".
SECOND_BULLET = re.compile(r"^[-*•·>|]\s+(?=\S)")
#: Check boxes, and the bullet that a word processor copies as the letter "o".
BOX = re.compile(r"^(?:\[[ xX*✓✔]?\]|\(\*\)|[xX]\))\s*(?=\S)")
LETTER_O = re.compile(r"^o\s+(?=\S)")
TOTAL = re.compile(r"^(?:/|of)?\s?(?P<n>\d{1,3})\s?[.):]?(?:\s-)?\s+(?=\S)")
TIMED_SHARE = 0.6  # share of the lines that carry a time
BULLET_SHARE = 0.8
MAX_TURNS = 5


@dataclass(slots=True)
class Peeled:
    """A line in work: `text` is what is left of it."""

    text: str
    counter: Counter | None = None
    front: Time | None = None
    back: Time | None = None
    bullet: bool = False


@dataclass(slots=True)
class Marks:
    """The marks that the lines of a list have in common."""

    counting: Counting | None = None
    front: bool = False
    back: bool = False
    bullets: bool = False
    forms: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Return True if the list is numbered or has times."""
        return self.counting is not None or self.front or self.back


#: Signs that begin a text and open nothing.
SIGNS = re.compile(r"^[^\w\s\"'(\[{<$@&¡¿]{1,5}\s*(?=\S)")
FEWEST_SIGNED = 3  # lines that begin with the same signs


def bullet(text: str) -> str | None:
    """Return a text without the bullet at its beginning; None if there is none."""
    match = BULLET.match(text) or BOX.match(text)
    if match:
        rest = text[match.end() :]
        again = BOX.match(rest) or SECOND_BULLET.match(rest)
        return rest[again.end() :] if again else rest
    if len(text) > 1 and (unicodedata.category(text[0]) == "So" or "\u25a0" <= text[0] <= "\u25ff"):
        rest = text[1:].lstrip("\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
        while rest and unicodedata.category(rest[0]) == "So":
            rest = rest[1:]
        rest = rest.lstrip()
        again = SECOND_BULLET.match(rest)
        return (rest[again.end() :] if again else rest) or None
    return None


def peel(
    texts: Sequence[str], *, headed: bool = False, boxed_counters: bool = True, with_times: bool = True
) -> tuple[list[Peeled], Marks]:
    """Take the marks off the lines of one list.

    `headed`: a heading announced the list, so that two lines are enough. `boxed_counters`: "[1]" may count;
    else it is a time in minutes. `with_times`: times are taken off as well.
    """
    lines = [Peeled(text=text) for text in texts]
    marks = Marks()
    for _ in range(MAX_TURNS):
        changed = (
            _bullets(lines, marks)
            or (with_times and not _are_discs(lines, marks, headed) and _front(lines, marks))
            or _counter(lines, marks, headed, boxed_counters)
            or (with_times and _minutes(lines, marks, boxed_counters))
        )
        if not changed:
            break
    if with_times:
        _back(lines, marks)
    if marks.front and not marks.back:
        _second_front(lines, marks)
    return lines, marks


def _bullets(lines: list[Peeled], marks: Marks) -> bool:
    if marks.bullets:
        return False
    rests = [bullet(line.text) for line in lines]
    if all(LETTER_O.match(line.text) for line in lines):
        rests = [line.text[1:].lstrip() for line in lines]
    if len(lines) < 2:
        return False
    if sum(rest is not None for rest in rests) < BULLET_SHARE * len(lines):
        rests = _after_same_signs([line.text for line in lines])
    if sum(rest is not None for rest in rests) < BULLET_SHARE * len(lines):
        return False
    for line, rest in zip(lines, rests, strict=True):
        if rest is not None:
            line.text, line.bullet = rest, True
    marks.bullets = True
    return True


def _after_same_signs(texts: Sequence[str]) -> list[str | None]:
    """Return the texts without the signs with which most of them begin; None where there are none."""
    matches = [SIGNS.match(text) for text in texts]
    signs = Tally(match[0].strip() for match in matches if match is not None)
    sign, count = next(iter(signs.most_common(1)), ("", 0))
    if count < FEWEST_SIGNED:
        return [None] * len(texts)
    return [
        text[match.end() :] if match is not None and match[0].strip() == sign else None
        for text, match in zip(texts, matches, strict=True)
    ]


def _are_discs(lines: list[Peeled], marks: Marks, headed: bool) -> bool:
    return marks.counting is None and count.are_discs([line.text for line in lines], dots=headed)


def _front(lines: list[Peeled], marks: Marks) -> bool:
    if marks.front:
        return False
    for ranges in (True, False):
        times = [clock.front_time(line.text, ranges=ranges) for line in lines]
        signed = sum(item is not None and item[0].is_clock for item in times)
        if not ranges and 0 < 2 * signed < len(lines):  # one row begins with a name: "AM/FM Parade"
            times = [clock.front_time(line.text, ranges=False, signs=False) for line in lines]
        if _apply_front(lines, marks, times):
            return True
    return False


def _apply_front(lines: list[Peeled], marks: Marks, times: Sequence[tuple[Time, str] | None]) -> bool:
    if sum(item is not None for item in times) < max(2, TIMED_SHARE * len(lines)):
        return False
    for line, item in zip(lines, times, strict=True):
        if item is not None:
            line.front, line.text = item
    marks.front = True
    return True


def _counter(lines: list[Peeled], marks: Marks, headed: bool, boxed: bool) -> bool:
    if marks.counting is not None:
        return False
    for form in count.FORMS:
        if (form == "bracket" and not boxed) or (form == "disc" and not _are_discs(lines, marks, headed)):
            continue
        line_counters = [count.counter(line.text, form) for line in lines]
        if form == "number" and None in line_counters:
            line_counters = count.tight([line.text for line in lines]) or line_counters
        counting = count.counting(line_counters, headed=headed)
        if counting is None or (form == "bracket" and counting.kind != "up"):
            continue
        if counting.kind == "still" and all(
            item is None or item.rest[:1].isdigit() for item in line_counters
        ):
            continue  # "03/12", "03/14": days of one month
        rests = _without_total([item.rest if item is not None else None for item in line_counters])
        for line, item, rest in zip(lines, line_counters, rests, strict=True):
            if item is not None and rest is not None:
                line.counter, line.text = item, rest
        marks.counting = counting
        marks.forms.append(form)
        return True
    return False


def _without_total(rests: Sequence[str | None]) -> list[str | None]:
    """Take off the number of all rows behind each counter: "1/12 Artist", "2/12 Artist"."""
    matches = [TOTAL.match(rest) if rest is not None else None for rest in rests]
    totals = {match["n"] for match in matches if match is not None}
    size = sum(rest is not None for rest in rests)
    if len(totals) != 1 or None in [m for m, rest in zip(matches, rests, strict=True) if rest is not None]:
        return list(rests)
    if not size <= int(totals.pop()) <= 2 * size:
        return list(rests)
    return [
        rest[match.end() :] if rest and match else rest for rest, match in zip(rests, matches, strict=True)
    ]


def _minutes(lines: list[Peeled], marks: Marks, boxed: bool) -> bool:
    """Minutes in brackets: rising from the first ones, on most lines."""
    if marks.front:
        return False
    times = [clock.minute_mark(line.text) for line in lines]
    values = [item[0].seconds for item in times if item and item[0].seconds is not None]
    rising = all(before <= after for before, after in pairwise(values))
    if not values or values[0] > 10 * 60 or (boxed and not rising):
        return False
    return _apply_front(lines, marks, times)


def _second_front(lines: list[Peeled], marks: Marks) -> None:
    """Take off a second time behind that at the front: "00:05:30 05:45 Artist", start and length."""
    times = [clock.front_time(line.text, ranges=False) if line.front else None for line in lines]
    if sum(item is not None and bool(item[1]) for item in times) < max(3, BULLET_SHARE * len(lines)):
        return
    for line, item in zip(lines, times, strict=True):
        if item is not None and item[1]:
            line.back, line.text = item
    marks.back = True


def _back(lines: list[Peeled], marks: Marks) -> None:
    times = [clock.back_time(line.text) for line in lines]
    if sum(bool(clock.AT_SIGN.search(line.text)) for line in lines) < TIMED_SHARE * len(lines):
        times = [clock.back_time(line.text, at_signs=False) for line in lines]
    named = [item is not None and bool(item[1]) for item in times]
    if sum(named) < max(2, TIMED_SHARE * len(lines)):
        return
    for line, item in zip(lines, times, strict=True):
        if item is not None and item[1]:
            line.back, line.text = item
    marks.back = True
