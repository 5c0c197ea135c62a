"""Pages served to suspected robots: the names of rows are shuffled, and part of each row stays right.

Reported by pmaxhogan/tracked; no such page could be obtained. A row gives its name in four places: the
microdata `name` and `byArtist`, the address of its track, and the shown text. Artist and title are compared
apart: a page of one artist has equal artists in all rows.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Comparison = Literal["address", "address artist", "address title", "artist", "shown artist", "shown title"]

WORD = re.compile(r"\w+")
LATIN_WORD = re.compile(r"[a-z0-9]+")
GUESTS = re.compile(r"\s(?:ft|feat|featuring)\.?\s.*$", re.IGNORECASE)  # not part of addresses
BRACKETS = re.compile(r"[(\[].*$", re.DOTALL)
DASH = " - "
#: What an address has in place of a letter that is not of ASCII (ø, ß, ł, ö): nothing, a dash, or one or two
#: letters.
UNKNOWN_LETTERS = "[a-z0-9-]{0,2}"
MAX_UNKNOWN_LETTERS = 4  # in one word: the search takes three times longer with each
APOSTROPHES = str.maketrans("", "", "'’`´.:")  # "L'Esperanza" is "lesperanza" in an address
#: With fewer rows to compare, a page of odd spellings could look shuffled.
MIN_ROWS = 5
#: Share of the words of a name that agree in a sound row. No row of the real pages is below in its shown
#: texts, and one row in 150 in its address.
MIN_COMMON_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The name of one row in its four places; empty where the row has none."""

    name: str = ""
    by_artist: str = ""
    slug: str = ""
    shown_artist: str = ""
    shown_title: str = ""


def disagreement(rows: Iterable[Names]) -> tuple[float, Comparison] | None:
    """Return the greatest share of rows, 0 to 1, that disagree in one comparison, and which it is.

    None where no comparison has `MIN_ROWS` rows.
    """
    verdicts: dict[Comparison, list[bool]] = defaultdict(list)
    for row in rows:
        for comparison, disagrees in _verdicts(row):
            verdicts[comparison].append(disagrees)
    shares = [
        (sum(verdict) / len(verdict), comparison)
        for comparison, verdict in verdicts.items()
        if len(verdict) >= MIN_ROWS
    ]
    return max(shares, default=None)


def _verdicts(row: Names) -> Iterator[tuple[Comparison, bool]]:
    """Compare what a row has in two places. Words that only one side adds are no disagreement."""
    artist, dash, title = row.name.partition(DASH)
    if not row.name:
        return
    texts: tuple[tuple[Comparison, str, str], ...] = (
        ("artist", row.by_artist, row.name),
        ("shown artist", artist if dash else "", row.shown_artist),
        ("shown title", title, row.shown_title),
    )
    for comparison, wanted, text in texts:
        if text and (words := _words(wanted)):
            yield comparison, _differ(words, _words(text))
    slug = _latin_words(row.slug.replace("-", " "))
    # An address is written in Latin letters whatever the name is: nothing to compare then.
    if not slug or not _is_latin(row.name):
        return
    yield "address", _differ(slug, _address_words(row.name, row.slug))
    if words := _address_words(GUESTS.sub("", artist) if dash else "", row.slug):
        yield "address artist", _differ(words, slug)
    base = BRACKETS.sub("", title)  # subtitles and versions are often left out
    if words := _address_words(base, row.slug):
        yield "address title", _differ(words, slug) and not _is_within(base, row.slug)


def _differ(wanted: frozenset[str], words: frozenset[str]) -> bool:
    return len(wanted & words) < MIN_COMMON_SHARE * len(wanted)


def _is_within(text: str, slug: str) -> bool:
    """Return True if an address has the text without its blanks: "Silver Screen" in "silverscreen"."""
    letters, of_slug = ("".join(LATIN_WORD.findall(_plain(part))) for part in (text, slug))
    return letters in of_slug


def _is_latin(text: str) -> bool:
    """Return True if most letters of a text are Latin."""
    letters = [letter for letter in _plain(text) if letter.isalpha()]
    return 2 * sum(letter.isascii() for letter in letters) >= len(letters)


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(_plain(text)))


def _latin_words(text: str) -> frozenset[str]:
    return frozenset(LATIN_WORD.findall(_plain(text.translate(APOSTROPHES))))


def _address_words(text: str, slug: str) -> frozenset[str]:
    """Return the Latin words of a text; a word with letters that are not of ASCII as the address has it."""
    composed = unicodedata.normalize("NFC", text.translate(APOSTROPHES)).lower()
    letters = "".join(letter for letter in composed if not unicodedata.combining(letter))
    return _latin_words(WORD.sub(lambda word: _as_in_address(word[0], slug.lower()), letters))


def _as_in_address(word: str, slug: str) -> str:
    """Return a word as an address writes it, where it does: "søren" is "soren", "soeren" or "sren" there."""
    unknown_count = sum(not letter.isascii() for letter in word)
    if not 0 < unknown_count <= MAX_UNKNOWN_LETTERS:
        return word
    pattern = "".join(letter if letter.isascii() else UNKNOWN_LETTERS for letter in word)
    match = re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", slug)
    return match[0] if match else "".join(filter(str.isascii, word))


def _plain(text: str) -> str:
    plain = text.casefold()
    if plain.isascii():
        return plain
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
