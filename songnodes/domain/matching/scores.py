"""Similarity of two lines that pass all gates: 0 to 1.

0.45 title + 0.35 artists + 0.20 length; a part that is not known on both sides is left out, and the
mean is of the others (docs/domain.md, section 4).
"""

from dataclasses import dataclass

from rapidfuzz import fuzz

from songnodes.domain.matching.facets import Facets, same_name, same_text, same_word, subtitle_left_out
from songnodes.domain.matching.gates import OTHER_LENGTH_MS, SAME_LENGTH_MS, Side, length_apart, same_variant

WEIGHTS = {"title": 0.45, "artists": 0.35, "length": 0.20}

#: Normalised titles below this many letters must be equal.
SHORT_TITLE = 5
#: A title with a subtitle that the other side leaves out: "9PM" and "9PM (Till I Come)".
SUBTITLE_LEFT_OUT = 0.95
#: Artists that the other side leaves out: catalogues often name the first one only.
ARTIST_LEFT_OUT = 0.90
#: A main artist whom the other side does not name at all, though its list is complete: new versions of old
#: tracks add one ("Moby, Chris Stussy - Go"). Only a length that agrees lifts it above the least class.
ARTIST_ADDED = 0.50
#: Titles with a word that the other has not are no typing errors: "In The (Other) Pocket" is .81 alike.
OTHER_WORD = 0.60
#: Length is worth nothing from here on, in milliseconds.
FAR_MS = 30_000

#: Words that people leave out.
_LOOSE = frozenset({"the", "a", "an", "and", "of"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The parts, 0 to 1 each, None where not known, and their weighted mean."""

    title: float
    artists: float | None
    length: float | None

    @property
    def total(self) -> float:
        """Return the weighted mean of the parts that are known."""
        parts: dict[str, float] = {
            name: part for name in WEIGHTS if (part := getattr(self, name)) is not None
        }
        weight = sum(WEIGHTS[name] for name in parts)
        return float(sum(WEIGHTS[name] * part for name, part in parts.items()) / weight)


def score(query: Side, hit: Side) -> Score:
    """Return the similarity of two sides."""
    return Score(
        title=_title(query.facets, hit.facets),
        artists=_artists(query, hit) if "?" not in hit.line.credit else None,
        length=_length(query, hit),
    )


def doubts(query: Side, hit: Side) -> tuple[str, ...]:
    """Return the parts that one side has and the other leaves out. With two of them it may be
    another edition of the song ("Mi Gente" by two, and "Mi Gente (feat. Beyoncé)" by one of them)."""
    ours, theirs = query.facets, hit.facets
    our_names = ours.artists | ours.featured
    named = theirs.artists | theirs.featured
    left_out = {
        "a subtitle": subtitle_left_out(ours, theirs),
        "an artist": bool(named) and any(not _named(frozenset({name}), named) for name in ours.artists),
        "a guest": any(not _named(frozenset({guest}), our_names) for guest in theirs.featured),
    }
    return tuple(what for what, missing in left_out.items() if missing)


def _title(query: Facets, hit: Facets) -> float:
    ours, theirs = "".join(query.title), "".join(hit.title)
    if ours == theirs or query.joined == hit.joined or same_text(query, hit):
        return 1.0
    if subtitle_left_out(query, hit):
        return SUBTITLE_LEFT_OUT
    if min(len(ours), len(theirs)) < SHORT_TITLE:
        return 0.0
    alike = fuzz.ratio(" ".join(query.title), " ".join(hit.title)) / 100
    is_other = (
        _other_word(query.title, hit.title)
        or _longer_word(query.title, hit.title)
        or _plural_only(query.title, hit.title)
    )
    return min(alike, OTHER_WORD) if is_other else alike


def _longer_word(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Return True for two single words of which one begins or ends with the other: "Ember" and "Embers",
    "Motion" and "Emotion". A doubled letter is a typing error."""
    if len(ours) != 1 or len(theirs) != 1:
        return False
    short, long = sorted((ours[0], theirs[0]), key=len)
    if len(long) == len(short) + 1 and long[:-1] == short and long[-1] == short[-1]:
        return False
    return long.startswith(short) or long.endswith(short)


def _plural_only(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Return True for titles that differ in a plural only: "Concrete Rain" and "Concrete Rains"."""
    if len(ours) != len(theirs):
        return False
    pairs = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    return bool(pairs) and all(
        left in (f"{right}s", f"{right}es") or right in (f"{left}s", f"{left}es") for left, right in pairs
    )


def _other_word(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Return True if some word of either side has no partner on the other, written together or apart."""
    return any(
        not any(same_word(word, partner) for partner in there) and word not in "".join(there)
        for here, there in ((ours, theirs), (theirs, ours))
        for word in here
        if word not in _LOOSE
    )


def _artists(query_side: Side, hit_side: Side) -> float:
    """Compare whole credits, in any order; a credit without one of the artists is nearly as good."""
    query, hit = query_side.facets, hit_side.facets
    if query.artists == hit.artists or _run_together(query) == _run_together(hit):
        return 1.0
    ours, theirs = query.artists | query.featured, hit.artists | hit.featured
    if ours == theirs:
        return 1.0
    added = any(not _named(name, ours | hit.featured) for name in hit.names)
    dropped = any(not _named(frozenset({name}), theirs) for name in query.artists)
    if added or (dropped and hit_side.artists_complete):
        return ARTIST_ADDED
    alike = fuzz.token_sort_ratio(query.credit, hit.credit) / 100
    return max(alike, ARTIST_LEFT_OUT) if hit.artists <= ours or query.artists <= theirs else alike


def _run_together(side: Facets) -> str:
    return "".join(sorted(side.credit.split()))


def _named(parts: frozenset[str], known: frozenset[str]) -> bool:
    """Return True if some part of the name is known: "Dimitri Vegas" for "Dimitri Vegas & Like Mike"."""
    return not parts or any(same_name(part, name) for part in parts for name in known)


def _length(query: Side, hit: Side) -> float | None:
    """Other variants have other lengths, and so have plain titles beyond the gate's bound: no part then.
    Where a subtitle is left out as well, it is one more difference."""
    apart = length_apart(query, hit)
    if apart is None or not same_variant(query, hit):
        return None
    if apart > OTHER_LENGTH_MS:
        return 0.0 if subtitle_left_out(query.facets, hit.facets) else None
    return max(0.0, 1 - max(0, apart - SAME_LENGTH_MS) / (FAR_MS - SAME_LENGTH_MS))
