"""Text search over the listings of a provider, as loose as that of a shop: words in any order."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.providers.holdings import Holding

WORD = re.compile(r"\w+")
MIN_MATCHED_SHARE = 0.75  # of the words of a query
IGNORED = frozenset({"feat", "ft", "featuring", "and", "original", "mix"})


class Index:
    """Listings by their words. A result has most words of the query; more words first, then in order."""

    def __init__(self, holdings: Iterable["Holding"]) -> None:
        self._holdings = list(holdings)
        self._places: dict[str, set[int]] = defaultdict(set)
        for place, holding in enumerate(self._holdings):
            recording = holding.recording
            names = (recording.title, recording.version or "", recording.featured or "", *recording.artists)
            for word in words(" ".join(names)):
                self._places[word].add(place)

    def search(self, text: str, limit: int = 25) -> list["Holding"]:
        """Return the listings with most of these words."""
        wanted = words(text)
        if not wanted:
            return []
        counts: dict[int, int] = defaultdict(int)
        for word in wanted:
            for place in self._places.get(word, ()):
                counts[place] += 1
        least = MIN_MATCHED_SHARE * len(wanted)
        places = sorted(
            (place for place, count in counts.items() if count >= least), key=lambda p: (-counts[p], p)
        )
        return [self._holdings[place] for place in places[:limit]]


def words(text: str) -> frozenset[str]:
    """Return the words of a text without accents and case; those of every name are left out."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return frozenset(WORD.findall(plain)) - IGNORED
