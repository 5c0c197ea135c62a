"""Text search over the listings of a provider, as loose as that of a shop: words in any order."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
WORD = re.compile(r"\w+")
MIN_MATCHED_SHARE = 0.75  # of the words of a query
IGNORED = frozenset({"feat", "ft", "featuring", "and", "original", "mix"})


class Index(Generic[T]):
    """Entries by the words of their texts. A result has most words of the query; more words first, then in
    order."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._entries: list[T] = []
        self._places: dict[str, set[int]] = defaultdict(set)
        for place, (text, entry) in enumerate(entries):
            self._entries.append(entry)
            for word in words(text):
                self._places[word].add(place)

    def search(self, text: str, limit: int = 25) -> list[T]:
        """Return the entries with most of these words."""
        wanted = words(text)
        if not wanted:
            return []
        counts: dict[int, int] = defaultdict(int)
        for word in wanted:
            for place in self._places.get(word, ()):
                counts[place] += 1
        least = MIN_MATCHED_SHARE * len(wanted)
        matches = [place for place, count in counts.items() if count >= least]
        matches.sort(key=lambda place: (-counts[place], place))
        return [self._entries[place] for place in matches[:limit]]


def words(text: str) -> frozenset[str]:
    """Return the words of a text without accents and case; those of every name are left out."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return frozenset(WORD.findall(plain)) - IGNORED
