"""Words of a title, the same for all sites: the type of the set, the country, the date."""

import re
from functools import cache
from importlib.resources import files

RADIO = re.compile(r"\b(radio|fm|essential mix)\b", re.IGNORECASE)
PODCAST = re.compile(r"\b(podcast|guest ?mix|mixtape|episode)\b", re.IGNORECASE)
FESTIVAL = re.compile(r"\b(festival|mainstage|main stage|stage)\b", re.IGNORECASE)
B2B = re.compile(r"\bb2b\b", re.IGNORECASE)
DATE = re.compile(r"(?<!\d)((?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)")


def set_type(title: str, djs: int) -> str | None:
    """Return the set type that the words name; None for most titles. `djs`: number of DJs on the line-up."""
    if djs > 1 and B2B.search(title):
        return "b2b"
    for pattern, kind in ((RADIO, "radio"), (PODCAST, "podcast"), (FESTIVAL, "festival")):
        if pattern.search(title):
            return kind
    return "b2b" if djs > 1 and " @ " in title else None


def day(title: str) -> str | None:
    """Return the only day that a title names, YYYY-MM-DD; None for none and for several."""
    days = set(DATE.findall(title))
    return days.pop() if len(days) == 1 else None


def is_country(name: str) -> bool:
    """Return True if a name is that of a country, as the sites write it."""
    return name in _countries()


@cache
def _countries() -> frozenset[str]:
    text = files("producers.sources").joinpath("countries.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip())
