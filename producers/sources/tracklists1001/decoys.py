"""Pages served to suspected robots: row names are shuffled, the `/track/<id>/<slug>` addresses stay right.

Reported by pmaxhogan/tracked; no such page could be obtained. On the five real pages the share of a slug's
words that stand in the row's name is 0.86 on average and the lowest page has no disagreement.
"""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"[a-z0-9]+")
ENOUGH = 5  # rows; with fewer a page of odd spellings could look shuffled
AGREE = 0.5  # share of the slug's words in the name


def disagreement(pairs: Iterable[tuple[str, str]]) -> float | None:
    """Share of (name, slug) pairs that disagree, 0 to 1; None when there are too few to say."""
    verdicts = []
    for name, slug in pairs:
        wanted = _words(slug.replace("-", " "))
        if wanted:
            verdicts.append(len(wanted & _words(name)) < AGREE * len(wanted))
    return sum(verdicts) / len(verdicts) if len(verdicts) >= ENOUGH else None


def _words(text: str) -> frozenset[str]:
    plain = text.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return frozenset(WORD.findall(plain))
