"""What is compared of a line: names, words and numbers, each in one form, whatever the spelling."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from songnodes.domain.credits import over_split
from songnodes.domain.lines import Line
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.text import norm_v1

#: How people shorten words in titles. Not in the identity key: there a rule must never be wrong.
_LONG = {"u": "you", "ur": "your", "n": "and", "em": "them", "til": "till", "thru": "through", "ya": "you"}
_NUMERALS = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}
_COUNTED = {"one": "1", "i": "1", "two": "2", "three": "3", "four": "4", "v": "5", "five": "5", "six": "6"}
_PARTS = frozenset({"part", "pt", "vol", "volume", "chapter", "movement", "act", "no", "episode"})
_DIGITS = re.compile(r"\d+")
_SAME_WORD = 80  # rapidfuzz ratio; "triangle" and "trianglee" are 94, "day" and "bay" 67
_SAME_NAME = 86  # "sneijder" and "snejider" are 88, "lange" and "lane8" 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """A line in the form in which it is compared. Names have no blanks: "camelphat"."""

    artists: frozenset[str]
    featured: frozenset[str]
    credit: str  # all main artists, sorted, with blanks
    base: tuple[str, ...]
    title: tuple[str, ...]  # words of base title and subtitles
    numbers: tuple[str, ...]  # of the title, sorted: "Part II" is 2
    version_names: tuple[str, ...]  # with blanks: whole words matter there
    kinds: frozenset[str]  # "club", "2014", "part 2"


def facets(line: Line) -> Facets:
    """What is compared of this line."""
    title = _words(line.title)
    return Facets(
        artists=frozenset(_joined(name) for name in line.key_artists),
        featured=frozenset(_joined(name) for credit in line.featured for name in over_split(credit)),
        credit=" ".join(sorted(line.key_artists)),
        base=_words(line.base_title),
        title=title,
        numbers=numbers(title),
        version_names=tuple(key for key in line.version_keys if not is_kind(key)),
        kinds=frozenset(filter(is_kind, line.version_keys)),
    )


def is_kind(key: str) -> bool:
    """Whether a version key is a kind of mix, a year or a number, not a name."""
    return key in words.KINDS or bool(words.YEAR.match(key) or words.NUMBER.match(key))


@lru_cache(maxsize=1 << 12)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_LONG.get(word, word) for word in norm_v1(text).split())


def numbers(title: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers of a title: two titles that differ in one are two tracks ("Exile 007 B2", "Pt. II")."""
    found: list[str] = []
    for index, word in enumerate(title):
        if index and title[index - 1] in _PARTS and word in _COUNTED:
            found.append(_COUNTED[word])
        elif word in _NUMERALS:
            found.append(_NUMERALS[word])
        else:
            found += (digits.lstrip("0") or "0" for digits in _DIGITS.findall(word))
    return tuple(sorted(found))


def _joined(name: str) -> str:
    return name.replace(" ", "")


def same_word(one: str, other: str) -> bool:
    """Equal, or a slip of the pen in a word of four letters or more."""
    return one == other or (min(len(one), len(other)) >= 4 and fuzz.ratio(one, other) >= _SAME_WORD)


def same_name(one: str, other: str) -> bool:
    """Equal without blanks, or a slip of the pen in a name of five letters or more; never in a number."""
    one, other = _joined(one), _joined(other)
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    return fuzz.ratio(one, other) >= _SAME_NAME
