"""Facets of a line for comparison: names, words and numbers, in one form for all spellings."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from songnodes.domain.credits import over_split
from songnodes.domain.lines import Line
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import is_altered_kind
from songnodes.domain.part_numbers import with_part_numbers, without_total
from songnodes.domain.text import norm_v1

#: How people shorten words in titles. Not in the identity key: there a rule must never be wrong.
_LONG = {
    "u": "you", "ya": "you", "ur": "your", "n": "and", "em": "them", "da": "the", "tha": "the", "til": "till",
    "thru": "through", "pt": "part", "vol": "volume", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7",
}  # fmt: skip
_COUNTED = {"one": "1", "i": "1", "two": "2", "three": "3", "four": "4", "v": "5", "five": "5", "six": "6"}
_PARTS = frozenset({"part", "volume", "chapter", "movement", "act", "episode"})
_DIGITS = re.compile(r"\d+")
_SAME_WORD = 80  # rapidfuzz ratio; "triangle" and "trianglee" are 94, "day" and "bay" 67
_SAME_NAME = 86  # "sneijder" and "snejider" are 88, "lange" and "lane8" 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """A line in the form in which it is compared. Names have no blanks: "camelphat"."""

    artists: frozenset[str]  # main artists; who is also named as featured is not one
    featured: frozenset[str]
    names: tuple[frozenset[str], ...]  # each artist, taken apart: "W&W" is one of {"w"}
    credit: str  # all main artists, sorted, with blanks
    base: tuple[str, ...]  # words
    title: tuple[str, ...]  # words of base title and subtitles
    version_names: tuple[str, ...]  # with blanks: whole words matter there
    kinds: frozenset[str]  # "club", "2014", "part 2"
    joined: str  # the title without blanks, its short words as written: "rocknroll"
    text: str  # title and version as written, in normal form; empty for a title alone


@lru_cache(maxsize=1 << 12)
def facets(line: Line) -> Facets:
    """Return the facets of a line."""
    featured = {name for credit in line.featured for name in over_split(credit)}
    guests = frozenset(map(_joined, featured))
    main = [name for name in line.key_artists if _joined(name) not in guests] or list(line.key_artists)
    artists = frozenset(map(_joined, main))
    return Facets(
        artists=artists,
        featured=guests - artists,
        names=tuple(frozenset(map(_joined, over_split(name))) for name in line.artists),
        credit=" ".join(sorted(main)),
        base=_words(line.base_title),
        title=_words(line.title),
        version_names=tuple(key for key in line.version_keys if not is_kind(key)),
        kinds=frozenset(filter(is_kind, line.version_keys)),
        joined=_joined(norm_v1(line.title)),
        text=norm_v1(line.track_name) if line.other_tokens or line.version_text else "",
    )


def is_kind(key: str) -> bool:
    """Return True if a version key is a kind of mix, a year or a number, not a name."""
    return (
        key in words.KINDS or is_altered_kind(key) or bool(words.YEAR.match(key) or words.NUMBER.match(key))
    )


@lru_cache(maxsize=1 << 12)
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a title, numbers as digits: "Pt. Two" and "Part II" are "part 2"."""
    title_words: list[str] = []
    for word in with_part_numbers(norm_v1(without_total(text))).split():
        numbered = bool(title_words) and title_words[-1] in _PARTS
        title_words.append(_COUNTED[word] if numbered and word in _COUNTED else _LONG.get(word, word))
    return tuple(title_words)


def numbers(title: tuple[str, ...]) -> tuple[str, ...]:
    """Return the numbers of a title, sorted: titles that differ in one are two tracks ("Exile 007 B2")."""
    return tuple(sorted(digits.lstrip("0") or "0" for word in title for digits in _DIGITS.findall(word)))


#: Subtitles that make another track of it, and may not be left out.
_DISTINCT = _PARTS | words.word_set(
    """
    reprise interlude intro outro skit prelude remake beats tool faster slower karaoke nightcore slowed sped
    reverb 8d rerecorded cover tribute demo acoustic instrumental acapella version remix rework bootleg edit
    dub vip mashup
    """
)


def subtitle_left_out(left: Facets, right: Facets) -> bool:
    """Return True for one base title with a subtitle on one side only: "9PM" and
    "9PM (Till I Come)"; never "Phantom" and "Phantom (Pt. II)"."""
    if same_text(left, right):
        return False
    short, long = sorted((left, right), key=lambda side: len(side.title))
    if short.title != short.base or len(long.title) == len(long.base):
        return False
    rest = long.title[len(long.base) :]
    numbered = len(rest) == 1 and bool(_DIGITS.search(rest[0]))
    return "".join(short.base) == "".join(long.base) and not (numbered or _DISTINCT.intersection(rest))


def same_text(left: Facets, right: Facets) -> bool:
    """Return True if title and brackets are equal to the letter, however each was read."""
    return bool(left.text) and left.text == right.text


def _joined(name: str) -> str:
    return name.replace(" ", "")


def same_word(left: str, right: str) -> bool:
    """Return True for equal words, or a typing error in one of four letters or more."""
    return left == right or (min(len(left), len(right)) >= 4 and fuzz.ratio(left, right) >= _SAME_WORD)


def same_name(left: str, right: str) -> bool:
    """Return True if equal without blanks, or for a typing error in five letters or more, not in a number."""
    left, right = _joined(left), _joined(right)
    if left == right:
        return True
    if min(len(left), len(right)) < 5 or _DIGITS.findall(left) != _DIGITS.findall(right):
        return False
    return fuzz.ratio(left, right) >= _SAME_NAME
