"""Counters at the beginning of lines: their forms, and whether the numbers of a list count."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_HAN = {char: value for value, char in enumerate("一二三四五六七八九十", start=1)}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_NAME = (
    r"(?:#|№|n\.?[º°o]\.?(?=\s?\d)|nr\.?(?=\s?\d)"
    r"|(?:track|song|tune|cut|row|position|pos|titel|titre|lied|piste|morceau|canci[oó]n|tema|pista|brano|traccia"
    r"|faixa|m[uú]sica|utw[oó]r|piosenka|skladba|nummer|l[aå]t|kappale|biisi|şarkı|parça|трек|песня|композиция)"
    r"\s?[#:.-]?\s?(?=\d)|tr\.?\s?(?=\d)|(?:曲|第|トラック|트랙|곡)\s?(?=\d))\s?"
)
_SIGN = (
    r"(?:\s?(?:\.\)|\.-|\.:|->|=>|\.{2,3}|\.(?!\d)|:(?!\d\d(?!\d))|[-)、。,|>~=/·•;\u3001\u2192\u25b6\u25ba\u25b8]"
    r"|_{1,2}(?!\d)|\]))"
)
#: Behind the number: "1st -", "3曲目:".
_ORDINAL = r"(?:(?:st|nd|rd|th)(?=\s?[-.:)])|(?:er|[eè]re|[eè]me)(?=[\s.:)-])|曲目|番目?|曲|位|首|번째?|곡)"
#: "[1/12]", "(1/12)": the number of all rows, within brackets.
_OF_ALL = r"(?:\s?/\s?\d{1,3}(?=\s?[)\]]))"
NUMBER = re.compile(
    rf"^(?P<open>[(\[{{<|\"]\s?)?(?P<name>{_NAME})?(?P<n>\d{{1,5}})(?P<ordinal>{_ORDINAL})?{_OF_ALL}?"
    rf"(?P<close>\s?[)\]}}>|\"])?"
    rf"(?P<sign>{_SIGN}{{1,2}})?(?P<blank>\s*)(?=\S)",
    re.IGNORECASE,
)
#: A number between equal marks: "-1- Artist", "~1~", "||1||", "<<1>>", and ".1 Artist".
FRAMED = re.compile(
    r"^(?:(?P<mark>[-=~*+_|:/'])(?P<more>(?P=mark){0,2})(?P<n>\d{1,4})(?P=mark)(?P=more)|<<(?P<angled>\d{1,4})>>"
    r"|\.(?P<dotted>\d{1,4})(?:\.(?!\d)|(?=\s)))\s*(?=\S)"
)
#: "4.808 State", "2.0:04:10 Artist": a number before a digit, believed only where every line has one.
TIGHT = re.compile(r"^(?P<n>\d{1,3})\.(?=\S)")
SIDE = re.compile(
    r"^(?P<open>[(\[])?(?!ID)(?P<side>[A-Z]{1,2})\s?(?P<n>\d{1,2})(?P<close>[)\]])?"
    r"(?P<sign>\s?(?:\.\)|[-.):/|]))?(?P<blank>\s*)(?=\S)"
)
LETTER = re.compile(r"^[(\[]?(?P<letter>[A-Za-z])\s?(?P<sign>[.):]|\s[-|](?=\s))(?P<blank>\s*)(?=\S)")
ROMAN = re.compile(r"^[(\[]?(?P<roman>[ivxl]{1,6})\s?(?:[.)\]:]|-(?=\s))\s*(?=\S)", re.IGNORECASE)
HAN = re.compile(
    r"^[(\[]?第?(?P<han>[一二三四五六七八九十]{1,3})(?:首|曲|位|番)?[)\]]?\s?(?:[.:、,)·]|(?<=[)\]])|(?<=\s)|(?<=[首曲位番]))"
    r"\s*(?=\S)"
)

#: Number of the disc and of its track: "1-01", "2.05", "CD1-01", "D1T1".
DISC = re.compile(
    r"^(?:(?:cd|d|dis[ck])\s?(?P<named>[1-9]\d?)\s?(?P<dash>[-.xt]|-\s|\s)\s?(?P<track>\d{1,2})"
    r"|(?P<side>[1-9]\d?)(?P<dot>[-.x])(?P<n>\d{2}))(?:\s?[.):-])?\s+(?=\S)",
    re.IGNORECASE,
)

Form = Literal["disc", "number", "bracket", "side", "letter", "roman", "han"]
FORMS: tuple[Form, ...] = ("disc", "number", "bracket", "side", "han", "roman", "letter")
COUNTING = 0.7  # share of the steps that count
COUNTED_SHARE = 0.6  # share of the lines that carry the counter
BARE_SHARE = 0.9  # the same for a number without a sign
FEWEST_TIGHT = 3  # lines that all begin with a number and a full stop
FEWEST_UNEVEN = 4  # counters of a list in which some lines repeat or leave out a number
MAX_STEP = 5
MAX_NUMBER = 20_000  # as many lines as are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter at the beginning of a line. `value`: the number within its side; `side`: letters of a record
    side, else "". `strong`: with a sign, or with a leading zero, so that it is rarely part of a name."""

    form: Form
    value: int
    rest: str
    strong: bool
    side: str = ""


def counter(text: str, form: Form) -> Counter | None:
    """Return the counter of a form at the beginning of a text; None if there is none."""
    if form in {"number", "bracket"}:
        return _number(text, form)
    if form == "side":
        return _side(text)
    if form == "disc":
        return _disc(text)
    if form == "letter":
        match = LETTER.match(text)
        value = ord(match["letter"].upper()) - ord("A") + 1 if match else 0
    elif form == "roman":
        match = ROMAN.match(text)
        value = _roman(match["roman"]) if match else 0
    else:
        match = HAN.match(text)
        value = _han(match["han"]) if match else 0
    if match is None or not value:
        return None
    return Counter(form=form, value=value, rest=text[match.end() :], strong=True)


def _number(text: str, form: Form) -> Counter | None:
    if form == "number" and (framed := FRAMED.match(text)):
        value = int(framed["n"] or framed["angled"] or framed["dotted"])
        return Counter(form=form, value=value, rest=text[framed.end() :], strong=True)
    match = NUMBER.match(text)
    if match is None or int(match["n"]) > MAX_NUMBER:
        return None
    opened, closed = bool(match["open"]), bool(match["close"])
    if opened != closed and not (closed and not opened):
        return None
    signed = bool(match["sign"] or match["name"] or match["ordinal"] or closed)
    if not signed and not match["blank"]:
        return None
    if match["name"] and not (match["sign"] or match["blank"] or closed):
        return None
    if match["open"] and match["open"][0] in '|"' and (match["close"] or "").strip() != match["open"][0]:
        return None
    if (form == "bracket") != (opened and (match["open"] or "").startswith("[")):
        return None
    strong = signed or (len(match["n"]) > 1 and match["n"].startswith("0"))
    return Counter(form=form, value=int(match["n"]), rest=text[match.end() :], strong=strong)


def tight(texts: Sequence[str]) -> list[Counter | None] | None:
    """Return the counters "N." of lines that all count by one or restart, also before a digit; else None."""
    matches = [TIGHT.match(text) for text in texts]
    values = [int(match["n"]) for match in matches if match is not None]
    if len(values) < len(texts) or values[:1] not in ([0], [1]):
        return None
    steps = list(pairwise(values))
    ups = sum(after == before + 1 for before, after in steps)
    restarts = sum(after == values[0] and after < before for before, after in steps)
    if len(values) < FEWEST_TIGHT or ups + restarts < len(steps) or ups <= restarts:
        return None
    return [
        Counter(form="number", value=int(match["n"]), rest=text[match.end() :].lstrip(), strong=True)
        for match, text in zip(matches, texts, strict=True)
        if match is not None
    ]


def _disc(text: str) -> Counter | None:
    match = DISC.match(text)
    if match is None:
        return None
    side, number = _disc_numbers(match)
    return Counter(form="disc", value=number, rest=text[match.end() :], strong=True, side=str(side))


def _disc_numbers(match: re.Match[str]) -> tuple[int, int]:
    return int(match["side"] or match["named"]), int(match["n"] or match["track"])


def are_discs(texts: Sequence[str], *, dots: bool) -> bool:
    """Return True for lines that all begin with the number of a disc and of its track, counting up from 1.

    `dots`: "1.01" may be such a number on one disc, too; else it is a time or a day.
    """
    matches = [match for text in texts if (match := DISC.match(text)) is not None]
    if len(texts) < FEWEST_TIGHT or len(matches) < len(texts):
        return False
    numbers = [_disc_numbers(match) for match in matches]
    if numbers[0] != (1, 1) or (numbers[-1][0] == 1 and not dots and matches[0]["dot"] == "."):
        return False
    return all(
        after in {(before[0], before[1] + 1), (before[0] + 1, 1)} for before, after in pairwise(numbers)
    )


def _side(text: str) -> Counter | None:
    match = SIDE.match(text)
    if match is None or not (match["sign"] or match["close"] or match["blank"]):
        return None
    return Counter(
        form="side",
        value=int(match["n"]),
        rest=text[match.end() :],
        strong=bool(match["sign"] or match["close"]),
        side=match["side"],
    )


def _roman(letters: str) -> int:
    values = [_ROMAN[letter] for letter in letters.lower()]
    return sum(
        -value if index + 1 < len(values) and value < values[index + 1] else value
        for index, value in enumerate(values)
    )


def _han(chars: str) -> int:
    if "十" not in chars:
        return _HAN[chars] if len(chars) == 1 else 0
    tens, _, ones = chars.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Direction of the counters of a list: `up` by one, `down`, or `still` where each line has the same."""

    kind: Literal["up", "down", "still"]


def counting(line_counters: Sequence[Counter | None], *, headed: bool = False) -> Counting | None:
    """Decide whether counters (one per line, None for a line without) are marks of the list.

    Numbers that do not count are names ("808 State", "4 Strings"): a number without a sign must count from 0
    or 1 on nearly every line, one with a sign on most lines.
    """
    present = [item for item in line_counters if item is not None]
    fewest = 2 if headed or sum(item.strong for item in present) == len(present) else 3
    if len(present) < fewest:
        return None
    strong = sum(item.strong for item in present) >= 0.5 * len(present)
    if len(present) < (COUNTED_SHARE if strong else BARE_SHARE) * len(line_counters):
        return None
    steps = list(pairwise(present))
    ups = sum(_goes_on(before, after) for before, after in steps)
    first = present[0].value
    if ups >= (COUNTING if strong else 0.99) * len(steps):
        begins = first in {0, 1} or (strong and ups >= 2 and len(present) >= 3)
        return Counting(kind="up") if begins else None
    rises = all(0 <= after.value - before.value <= MAX_STEP for before, after in steps)
    if strong and rises and first in {0, 1} and len(present) >= FEWEST_UNEVEN and ups >= 0.5 * len(steps):
        return Counting(kind="up")
    downs = sum(after.value == before.value - 1 for before, after in steps)
    if strong and len(present) >= 3 and downs >= 0.9 * len(steps) and present[-1].value <= 2:
        return Counting(kind="down")
    still = sum(after.value == before.value for before, after in steps)
    if strong and len(present) >= 3 and (still + ups >= 0.99 * len(steps)):
        return Counting(kind="still")
    return None


def _goes_on(before: Counter, after: Counter) -> bool:
    if before.side != after.side:
        return after.value == 1 or after.value == before.value + 1
    return after.value == before.value + 1 or (after.value in {0, 1} and before.value > after.value)
