"""Versions without a listed word: "Mona Veil Moonwalk", "Zorn Quill's Moonlit Walk"."""

import re
from functools import lru_cache

from songnodes.domain.credits import over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.reading import MAX_GROUP, Reading
from songnodes.domain.text import norm_v1

#: "Mona Veil's Moonlit Walk": at most this many words behind a name that nothing else explains.
MAX_OPEN_WORDS = 2
_OWNER = re.compile(r"^(?P<who>[^\W_].*?)(?:'s|(?<=s)')\s+(?P<what>\S+(?:\s\S+)?)$", re.IGNORECASE)
#: Behind a name: a blank, or "'s" and a blank.
_BOUNDARY = re.compile(r"(?:'s?)?\s+", re.IGNORECASE)
_JOINED = re.compile(r"(?:&|\+|and|x|vs\.?)\s+", re.IGNORECASE)
#: Words with "'s" that own nothing, or are no name: "It's My Life", "God's Plan".
_NO_OWNER = words.word_set(
    """
    it that let what who there here he she where how when why everybody somebody nobody everything
    something nothing life love god heaven devil world today tomorrow yesterday tonight mama mother
    father daddy papa brother sister baby babe girl boy man men woman women lady king queen angel
    angels fool lover lovers winter summer autumn spring sunday monday tuesday wednesday thursday
    friday saturday night day morning earth sun moon ocean sea nature hell death time all one
    another other someone anyone people children child year new lucifer jesus christ satan valentine
    mans womans one's y'all money music dj
    """
)


#: What is owned in a subtitle: "Kaspar's Theme".
_WORKS = words.word_set(
    """
    theme song interlude intro outro reprise lullaby anthem story tale ballad lament prayer poem letter rap
    verse group band eyes heart daughter son
    """
)


@lru_cache(maxsize=1 << 12)
def read_open_version(text: str, known: tuple[str, ...]) -> Reading | None:
    """Return the reading of a group that names its artist but has no listed word; None for a subtitle.

    The group begins with a name that the page or the line knows, or with a possessive, and one or two words
    follow: "(Mona Veil Moonwalk)" on a page that links Mona Veil, "(Zorn Quill's Moonlit Walk)".
    """
    if len(text) > MAX_GROUP:
        return None
    folded = text.casefold()
    for name in sorted(known, key=len, reverse=True):
        if name and folded.startswith(f"{name.casefold()} ") and (what := text[len(name) + 1 :].strip()):
            name, what = _with_more_names(name, what, known)
            if len(what.split()) <= MAX_OPEN_WORDS and (what[:1].isupper() or not what[:1].isalpha()):
                return _open(name, text, what)
            break
    owned = _OWNER.match(text)
    if owned is None:
        return None
    who = owned["who"]
    first, last = who.split()[0], who.split()[-1]
    if first[:1].islower() or owned["what"][:1].islower() or len(who.split()) > 4:
        return None
    if words.fold(owned["what"].split()[-1]) in _WORKS:
        return None
    if words.fold(last) in _NO_OWNER or words.fold(first) in words.ARTICLES:
        return None
    return _open(who, text, owned["what"])


def _with_more_names(who: str, what: str, known: tuple[str, ...]) -> tuple[str, str]:
    """Return the credit and the rest of "Zorn Quill & Mira Sol Moonwalk" behind its first name."""
    for _ in known:
        joined = _JOINED.match(what)
        rest = what[joined.end() :] if joined else ""
        name = next(
            (
                name
                for name in known
                if name and _BOUNDARY.match(rest[len(name) :]) and rest.casefold().startswith(name.casefold())
            ),
            "",
        )
        if not joined or not name:
            break
        who, what = f"{who} {joined[0]}{rest[: len(name)]}", _BOUNDARY.sub("", rest[len(name) :], count=1)
    return who, what


def _open(who: str, text: str, what: str) -> Reading:
    return Reading(family="remix", text=text, who=who, keys=(*over_split(who), *norm_v1(what).split()))


def known_names(draft: Draft) -> tuple[str, ...]:
    """Return the names that the page and the line itself know: links, artists, guests."""
    return (*draft.links, *draft.artists, *draft.featured)
