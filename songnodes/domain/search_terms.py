"""Words by which names are searched: of an index entry, of a query, and alike words.

All are in the form of `norm_v1`: lower case a to z and digits, whatever the script and the accents. A name
with punctuation inside has its joined form too, so that "AC/DC" is found by "acdc" and by "ac dc".

Misspelled words are found by deletions: two words within an edit distance of d have a common form that at
most d deletions make of each (the symmetric delete method). Forms are stored as hashes.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from zlib import crc32

from rapidfuzz.distance import OSA

from songnodes.domain.text import norm_v1

#: Words of an entry that are indexed; a longer name is found by its first words.
MAX_WORDS = 60
MAX_WORD_LENGTH = 40
#: Deletions are made of the first characters only: this bounds their number to 29.
PREFIX_LENGTH = 7
#: Shortest words that one edit and two edits may change.
ONE_EDIT_LENGTH, TWO_EDITS_LENGTH = 4, 8
#: Words of a query that are used.
MAX_QUERY_WORDS = 12

Alternatives = tuple[tuple[str, ...], ...]
"""Ways to write one part of a query; each is a sequence of words that have to occur together."""


def words(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct words of names, joined forms included, in the order of the text."""
    indexed: dict[str, None] = {}
    for text in texts:
        for part in text.split():
            parts = _words(part)
            indexed.update(dict.fromkeys(parts))
            if len(parts) > 1:
                indexed["".join(parts)[:MAX_WORD_LENGTH]] = None
    return tuple(indexed)[:MAX_WORDS]


def name_key(text: str) -> str:
    """Return the form in which whole names are compared, at most 200 characters."""
    return norm_v1(text)[:200]


def query_parts(text: str) -> tuple[Alternatives, ...]:
    """Return for each part of a query the ways to write it: ("ac/dc",) is ((("ac", "dc"), ("acdc",)),).

    Parts of punctuation only, as between artist and title, count where there is nothing else ("!!!").
    """
    parts: list[Alternatives] = []
    spoken = [part for part in text.split() if any(map(str.isalnum, part))]
    for part in spoken or text.split():
        of_part = _words(part)
        if len(of_part) > 1:
            parts.append((tuple(of_part), ("".join(of_part)[:MAX_WORD_LENGTH],)))
        elif of_part:
            parts.append((tuple(of_part),))
    return tuple(parts[:MAX_QUERY_WORDS])


def _words(part: str) -> list[str]:
    return [word[:MAX_WORD_LENGTH] for word in norm_v1(part).split()]


def max_edits(word: str) -> int:
    """Return the number of edits within which another word is alike, 0 to 2."""
    return (len(word) >= ONE_EDIT_LENGTH) + (len(word) >= TWO_EDITS_LENGTH)


def deletions(word: str) -> list[int]:
    """Return the hashes of the forms that at most 2 deletions (1 for a short word) make of a word.

    Signed 32-bit integers, ascending. Words that share none are not alike; those that share one may be.
    """
    prefix = word[:PREFIX_LENGTH]
    count = 1 if len(word) < TWO_EDITS_LENGTH - 1 else 2
    return sorted({_hash(form) for form in _forms(prefix, count)}) if len(word) >= ONE_EDIT_LENGTH - 1 else []


def _forms(prefix: str, count: int) -> Iterator[str]:
    for number in range(count + 1):
        for kept in combinations(prefix, len(prefix) - number):
            yield "".join(kept)


def _hash(form: str) -> int:
    number = crc32(form.encode())
    return number - (1 << 32) if number >= 1 << 31 else number


def alike(word: str, candidates: Sequence[str], limit: int = 4) -> tuple[str, ...]:
    """Return the candidates within the edits that a word may have, nearest first, without the word itself."""
    most = max_edits(word)
    near = [
        (distance, candidate)
        for candidate in set(candidates) - {word}
        if (distance := OSA.distance(word, candidate, score_cutoff=most)) <= most
    ]
    return tuple(candidate for _, candidate in sorted(near)[:limit])
