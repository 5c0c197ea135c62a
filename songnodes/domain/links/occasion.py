"""Occasion of a set: the words of its event or show, and its numbers.

Days, nights, stages and episodes separate two sets that are equal in everything else: a residency of
two nights is two sets (docs/domain.md, section 11). Of 25,392 real titles 84 pairs of one DJ have the same
words a day apart, and 40 on one day, after parties and second stages of a festival among them: so the stage's
name and the word "after" count too.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from songnodes.domain.text import norm_v1

#: Words about any set or place, which name no occasion.
GENERIC = frozenset(
    word
    for line in files(__package__).joinpath("generic.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)
#: Weekdays by their names in normal form.
_WEEKDAYS = {
    name: names.split()[0]
    for names in (
        "monday montag lundi lunes lunedi maandag",
        "tuesday dienstag dinsdag",
        "wednesday mittwoch mercredi miercole mercoledi woensdag",
        "thursday donnerstag jeudi jueve giovedi donderdag",
        "friday freitag vendredi vierne venerdi vrijdag",
        "saturday samstag sonnabend samedi sabado sabato zaterdag",
        "sunday sonntag dimanche domingo domenica zondag",
    )
    for name in names.split()
}
#: A word before a number, and what it counts.
_COUNTED = {
    **dict.fromkeys(("day", "tag", "jour"), "day"),
    **dict.fromkeys(("night", "nacht", "nuit"), "night"),
    **dict.fromkeys(("stage", "floor", "room", "area"), "stage"),
    **dict.fromkeys(("weekend", "week", "we"), "weekend"),
    **dict.fromkeys(("part", "pt", "set", "hour", "disc", "cd"), "part"),
    **dict.fromkeys(("episode", "ep", "show", "no", "nr", "number", "vol", "volume", "edition"), "number"),
}
_NUMBERS = {
    **{word: str(n) for n, word in enumerate(("one", "two", "three", "four", "five"), start=1)},
    **{
        word: str(n)
        for n, word in enumerate(
            ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], start=1
        )
    },
}
_ORDINALS = {word: str(n) for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), start=1)}
#: Defaults of a set: the first part, and not the party after.
_PLAIN = {"part": frozenset({"1"}), "after": frozenset({"no"})}
_AFTER = frozenset({"after", "afterparty", "afterparties", "afterhours"})
_STAGE = "stage"
#: Characters of a title.
MAX_TEXT = 1_000
_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro)?|enero|gennaio|feb(?:ruary|ruar|rero|braio)?|f[eé]vrier|fevereiro|mar(?:ch|s|zo|t|ço)?"
    r"|m[aä]rz|maart|apr(?:il|ile)?|avril|abril|may|mai|mei|mayo|maggio|maio|june?|juni|juin|junio|giugno|junho"
    r"|july?|juli|juillet|julio|luglio|julho|aug(?:ust|ustus)?|ao[uû]t|agosto|sept?(?:ember|embre|iembre)?|settembre"
    r"|setembro|o[ck]t(?:ober|obre|ubre)?|ottobre|outubro|nov(?:ember|embre|iembre|embro)?|de[czs](?:ember|embre|iembre)?"
    r"|d[eé]cembre|dicembre|dezembro|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_IN_MONTH = r"(?:0?[1-9]|1[0-2])"
#: Days and months with a year in the forms of titles; "9.10" alone may be an episode.
_DATE = re.compile(
    rf"(?<![^\W_])(?:(?:19|20)\d\d\s?([-./_·])\s?{_IN_MONTH}(?:\s?\1\s?{_DAY}(?:t\d\d:\d\d\S*)?)?"
    rf"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|(?:{_DAY}\s?([-./_·])\s?{_IN_MONTH}|{_IN_MONTH}\s?([-./_·])\s?{_DAY})\s?(?:\2|\3)\s?(?:(?:19|20)\d\d|\d\d)"
    rf"|{_DAY}(?:(?:st|nd|rd|th|er|\.|º)?\s(?:of\s|de\s)?{_MONTH},?\s(?:de\s)?(?:(?:19|20)\d\d|'?\d\d)"
    rf"|(?:st|nd|rd|th)\s(?:of\s)?{_MONTH})"
    rf"|{_MONTH}\s{_DAY}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d|{_MONTH}\s(?:19|20)\d\d"
    r"|(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日)(?![^\W_])",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\u2010-\u2015\u2212]")
_JOINED = re.compile(r"^(day|night|part|pt|ep|vol|no|week|stage|room|set|cd|w)(\d+)$")
#: "S02E05"
_SEASON = re.compile(r"^s(\d{1,2})e(\d{1,3})$")
#: "1/2": the first of two parts, or "night 1/2".
_OF_ALL = re.compile(r"(?P<before>[^\W\d_]*\W{0,2})(?<![\d/])(?P<number>[1-9])\s?/\s?(?P<all>[2-9])(?![\d/])")
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """`words` name the event, show and venue; `places` the city and country, which sites give or leave out;
    `numbers` are values by what they count: days, nights, parts, episodes, and names of stages."""

    words: frozenset[str]
    places: frozenset[str]
    numbers: Mapping[str, frozenset[str]]

    def contradicts(self, other: "Occasion") -> bool:
        """Return True if both number the same thing and no value agrees."""
        return any(
            self.numbers[kind].isdisjoint(other.numbers[kind])
            for kind in self.numbers.keys() & other.numbers.keys()
        )

    def equals(self, other: "Occasion") -> bool:
        """Return True for the same words, places excluded, and no contradiction."""
        ours, theirs = self._names(other), other._names(self)
        return bool(ours) and ours == theirs and not self.contradicts(other)

    def agrees(self, other: "Occasion") -> bool:
        """Return True if the words of one are among those of the other, and at least half of them."""
        ours, theirs = self._names(other), other._names(self)
        small, large = sorted((ours, theirs), key=len)
        enough = 0 < len(large) <= 2 * len(small)
        return enough and small <= large and not self.contradicts(other)

    def is_elsewhere(self, other: "Occasion") -> bool:
        """Return True if both name a place or event, and no word is the same."""
        ours, theirs = self.words | self.places, other.words | other.places
        return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)

    def _names(self, other: "Occasion") -> frozenset[str]:
        return self.words - self.places - other.places


def occasion(
    texts: Iterable[str | None], *, places: Iterable[str | None] = (), djs: Iterable[str] = ()
) -> Occasion:
    """Return the occasion from a set's event name, venue and title; names of the DJs are ignored."""
    words: set[str] = set()
    numbers: dict[str, set[str]] = defaultdict(set)
    names = {word for dj in djs for word in norm_v1(dj).split()}
    for text in filter(None, texts):
        _read(norm_v1(_without_dates(text)).split(), words, numbers)
    where = frozenset(word for place in filter(None, places) for word in norm_v1(place).split())
    return Occasion(
        words=frozenset(words) - names,
        places=where - GENERIC,
        numbers={**_PLAIN, **{kind: frozenset(values) for kind, values in numbers.items()}},
    )


def _without_dates(text: str) -> str:
    """Return a text without its dates in any usual form; empty where only signs are left."""
    plain = _DATE.sub(" ", _SIGNS.sub("-", unicodedata.normalize("NFKC", text[:MAX_TEXT])))
    plain = _OF_ALL.sub(_part_of_all, plain) if "/" in plain else plain
    return plain if any(map(str.isalnum, plain)) else ""


def _part_of_all(match: re.Match[str]) -> str:
    if match["number"] > match["all"]:
        return match[0]
    counted = norm_v1(match["before"]) in _COUNTED
    return f"{match['before']}{match['number']}" if counted else f"{match['before']} part {match['number']} "


def _read(text: list[str], words: set[str], numbers: dict[str, set[str]]) -> None:
    """Sort the words of one text. Years are neither: sites add and leave them out."""
    before = ""
    counted: str | None = None
    split = [part for whole in text for part in _apart(whole)]
    if not split:  # a title that is only a date, or only marks
        return
    for word, after in zip(split, [*split[1:], ""], strict=True):
        value = _value(word, counted, after)
        if value is not None:
            kind = counted if _ordinal(word) is None else _COUNTED[after]
            if not _is_year(value) or kind in ("number", "part"):
                numbers[kind or "number"].add(value.lstrip("0") or "0")
            counted = None
            continue
        counted = _COUNTED.get(word)
        if word == "mainstage" or (word == _STAGE and before):
            numbers["stage"].add(before if word == _STAGE else "main")
        elif word.rstrip("s") in _WEEKDAYS:
            numbers["weekday"].add(_WEEKDAYS[word.rstrip("s")])
        elif word in _AFTER:
            numbers["after"].add("yes")
        elif word not in GENERIC and len(word) > 1:
            words.add(word)
        before = word


def _value(word: str, counted: str | None, after: str) -> str | None:
    """Return the number in a word: alone, behind what it counts ("night two"), or before it ("2nd night")."""
    if after in _COUNTED and (ordinal := _ordinal(word)) is not None:
        return ordinal
    return word if word.isdigit() else _NUMBERS.get(word) if counted else None


def _ordinal(word: str) -> str | None:
    match = _ORDINAL.match(word)
    return match[1] if match else _ORDINALS.get(word)


def _apart(word: str) -> tuple[str, ...]:
    """Split "day2" into "day" and "2"; "w2" is the second weekend, "s02e05" an episode of a season."""
    season = _SEASON.match(word)
    if season is not None:
        return "ep", f"{season[1]}{season[2]:0>3}"
    joined = _JOINED.match(word)
    if joined is None:
        return (word,)
    return "weekend" if joined[1] == "w" else joined[1], joined[2]


def _is_year(text: str) -> bool:
    return len(text) == 4 and text[:2] in ("19", "20")
