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
from urllib.parse import unquote

Comparison = Literal[
    "address", "address artist", "address title", "artist", "shown artist", "shown title", "track id"
]

WORD = re.compile(r"\w+")
LATIN_WORD = re.compile(r"[a-z0-9]+")
GUESTS = re.compile(r"\s(?:ft|feat|featuring)\.?\s.*$", re.IGNORECASE)  # not part of addresses
BRACKETS = re.compile(r"[(\[].*$", re.DOTALL)
DASH = " - "
#: What an address has in place of a letter that is not of ASCII (ø, ß, ł, ö): nothing, a dash, or one or two
#: letters.
UNKNOWN_LETTERS = "[a-z0-9-]{0,2}"
#: Categories of characters that nobody sees: accents once they are apart, and marks of format.
INVISIBLE = frozenset({"Mn", "Me", "Cf"})
MAX_UNKNOWN_LETTERS = 4  # in one word: the search takes three times longer with each
APOSTROPHES = str.maketrans("", "", "'’`´.:")  # "L'Esperanza" is "lesperanza" in an address
#: A shown name that is cut: "Mona Veil - Silv...".
CUT = re.compile(r"[^\W_]*\s?(?:\.{3}|\u2026)\s*$")
#: Shorter addresses name nothing: sites write "-" or "x" for what they cannot transcribe.
MIN_SLUG_LETTERS = 3
#: With fewer rows to compare, a page of odd spellings could look shuffled.
MIN_ROWS = 5
#: Share of the words of a name that agree in a sound row. No row of the real pages is below in its shown
#: texts, and one row in 150 in its address.
MIN_COMMON_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The name of one row in its four places; empty where the row has none. `track_ids` are the ids of the
    row's track: its own, and that of its address."""

    name: str = ""
    by_artist: str = ""
    slug: str = ""
    shown_artist: str = ""
    shown_title: str = ""
    track_ids: frozenset[str] = frozenset()


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
    if row.track_ids:
        yield "track id", len(row.track_ids) > 1
    if not row.name:
        return
    texts: tuple[tuple[Comparison, str, str], ...] = (
        ("artist", row.by_artist, row.name),
        ("shown artist", artist if dash else "", row.shown_artist),
        ("shown title", title, row.shown_title),
    )
    for comparison, wanted, text in texts:
        if cut := CUT.search(text):
            if start := _words(text[: cut.start()]):
                yield comparison, _differ(start, _words(row.name))
        elif text and (words := _words(wanted)):
            yield comparison, _differ(words, _words(text))
    yield from _address_verdicts(row, artist if dash else "", title)


def _address_verdicts(row: Names, artist: str, title: str) -> Iterator[tuple[Comparison, bool]]:
    address = unquote(row.slug)
    slug = _latin_words(address.replace("-", " "))
    # An address is written in Latin letters whatever the name is: nothing to compare then.
    if sum(map(len, slug)) < MIN_SLUG_LETTERS or not _is_latin(row.name):
        return
    is_start = _letters(row.name).startswith(_letters(address))  # cut, as long addresses are
    yield "address", not is_start and _differ(slug, _address_words(row.name, address))
    if words := _address_words(GUESTS.sub("", artist), address):
        yield "address artist", not is_start and _differ(words, slug)
    base = BRACKETS.sub("", title)  # subtitles and versions are often left out
    if words := _address_words(base, address):
        is_within = is_start or _letters(base) in _letters(address)
        yield "address title", _differ(words, slug) and not is_within


def _differ(wanted: frozenset[str], words: frozenset[str]) -> bool:
    return len(wanted & words) < MIN_COMMON_SHARE * len(wanted)


def _letters(text: str) -> str:
    """Return the Latin letters of a text without its blanks: an address may have "silverscreen"."""
    return "".join(LATIN_WORD.findall(_plain(text)))


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
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in INVISIBLE)
