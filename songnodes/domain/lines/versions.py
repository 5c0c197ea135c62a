"""What a bracket group says: variant, version with its artists, stem, feature, note or subtitle.

Words are read from the end: those that say length, kind and making are taken off, what remains names the
artists of the version. So "Radio Slave Remix" keeps its artist and "Michael Woods Extended Remix" loses
only "Extended".
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from songnodes.domain.credits import FEATURE, PROTECTED, over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.text import norm_v1

Family = Literal["remix", "dub", "vip", "mashup", "live"]
Stem = Literal["regular", "acapella", "instrumental"]

#: A longer group is no note on a version.
MAX_GROUP = 300  # characters

#: Which family wins when a title has several groups.
FAMILY_ORDER: tuple[Family, ...] = ("mashup", "live", "vip", "dub", "remix")

_BY = re.compile(r"^(?P<what>.*?)\s*\b(?P<made>\S+)\s+by\s+(?P<who>.+)$", re.IGNORECASE)
# "with" is a feature before a name, not in "(With Me)" or "(With A Little Help)"
_NO_NAME = (
    r"(?:me|you|us|him|her|them|it|my|your|our|his|their|the|a|an|or|and|no|all|love|this|that|every)\b"
)
_FEATURE_IN_FRONT = re.compile(
    rf"^(?:{FEATURE.pattern}|w/\s*|with\s+(?!{_NO_NAME}))(?P<names>.+)$", re.IGNORECASE
)
_LIVE_FROM = re.compile(r"^(?:live|recorded)\s+(?:at|@|from|in|on)\s+(?P<where>.+)$", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:mash ups?|a c+app?ella|re (?:edit|mix|work|fix|rub)|chill out|on air|big room|(?:ao|en) vivo"
    r"|drum (?:&|n|and) bass)\b\S*|\S+",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r" / |; ")
_OWNED = re.compile(r"'s\b")
_QUOTED = re.compile(r"""\s*(?:"[^"]+"|(?<!\w)'[^']+'(?!\w))\s*""")
_POSSESSIVE = re.compile(r"^(?P<who>.+?)(?:'s|(?<=s)')(?:\s+(?P<what>.+))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one group says. A reading with none of these is a subtitle."""

    variant: str | None = None
    family: Family | None = None
    text: str = ""  # as displayed, words of length left out
    who: str = ""  # the credit of the version, as displayed
    keys: tuple[str, ...] = ()  # what the identity key takes: over-split names and kinds
    stem: Stem | None = None
    featured: str = ""
    note: bool = False
    unknown: bool = False  # "ID Remix"
    mixed: bool = False  # part of a mix or a pack

    @property
    def subtitle(self) -> bool:
        """Nothing but words of the title."""
        return not (self.variant or self.family or self.stem or self.featured or self.note or self.mixed)


@lru_cache(maxsize=1 << 15)
def read_group(text: str) -> tuple[Reading, ...]:
    """What the inside of a bracket group says; several readings for "X Remix / Y Edit"."""
    if len(text) > MAX_GROUP:
        return (Reading(),)
    *outer, inner = scan(text)[0] or (Piece(text="", bracket=""),)
    if outer and inner.bracket:  # "KiNK Mix (feat. Rachel Row)", but not "Ø [Phase]"
        nested = read_group(inner.text)
        if not nested[0].subtitle:
            return (*read_group(" ".join(map(str, outer))), *nested)
    if words.NOT_A_RECORDING.match(text):
        return (Reading(mixed=True),)
    if words.fold(text) in words.NOTES or words.FROM_FILM.match(text):
        return (Reading(note=True),)
    feature = _FEATURE_IN_FRONT.match(text)
    if feature:
        return (Reading(featured=feature["names"]),)
    if altered := _read_altered_copy(text):
        return altered
    if _SEVERAL.search(text):
        readings = tuple(_read_one(part.strip()) for part in _SEVERAL.split(text))
        if not any(reading.subtitle for reading in readings):
            return readings
        if "; " in text:
            return (Reading(),)
    return (_read_one(text),)


def _read_altered_copy(text: str) -> tuple[Reading, ...]:
    """Return the readings of "Sped Up", "Zed Remix - Slowed" or "Zed Cover"; empty for other notes."""
    altered = read_altered(text)
    if altered is None:
        return ()
    rest = altered.rest or altered.name
    others = read_group(rest) if rest else ()
    if any(reading.subtitle for reading in others):
        if altered.rest:
            return ()
        others = ()
    name = "" if others else altered.name
    copy = Reading(
        family="live" if altered.live else "remix",
        text=text,
        who=name if "cover" in altered.kinds and words.fold(name) not in words.KINDS else "",
        keys=(*over_split(name), *altered.kinds),
    )
    return (copy, *(replace(reading, text="") for reading in others))


def _read_one(text: str) -> Reading:
    text = words.INCH.sub(lambda inch: words.SIZES[inch["size"]], text)
    live = _LIVE_FROM.match(text)
    if live:
        return Reading(family="live", text=text, keys=(norm_v1(live["where"]),))
    by = _BY.match(text) if " by " in text.casefold() else None
    if by and words.fold(by["made"]) in words.MAKING | {"remixed", "reworked", "edited"}:
        return _version(_TOKEN.findall(f"{by['who']} {by['what']} {by['made']}"), shown=text, who=by["who"])
    return _version(_TOKEN.findall(text))


def _version(tokens: list[str], *, shown: str | None = None, who: str | None = None) -> Reading:
    # a quoted name of a mix has no words of kind: "In The Am Dark"
    folded = [token if '"' in token else words.fold(token) for token in tokens]
    cut = _whole_name(tokens, _tail_start(folded))
    tail = folded[cut:]
    front = tokens[:cut]
    if not tail or (front and not _ends_in_making(tail)):
        return Reading()
    if words.ALONE.issuperset(tail):
        return Reading(family="remix", text=" ".join(tokens), keys=tuple(sorted(tail)))
    if len(front) == 1 and folded[0] in words.ARTICLES:
        front = []
    stem = _stem(tail)
    variant = _variant(tail)
    kinds = [word for word in tail if _is_kind(word, remaster=variant == "remaster")]
    family = _family(tail, named=bool(front), kinds=bool(kinds), stem=stem)
    if family is None and stem is None and (variant is None or kinds):  # "Full Vocal" names a kind
        return Reading()
    if family is None:  # a plain stem or variant has no names
        return Reading(stem=stem, variant=variant, text=_without_length(tokens, cut) if stem else "")
    credit, featured = _feature_cut(" ".join(front))
    return Reading(
        family=family,
        variant=variant,
        stem=stem,
        text=shown or _without_length(tokens, cut),
        who="" if stem == "acapella" else who or _artists(credit),
        keys=(*over_split(_OWNED.sub("", credit)), *sorted(kinds)),
        featured=featured,
        unknown=bool(front) and any(map(words.is_unknown, _names(credit))),
    )


def _is_kind(word: str, *, remaster: bool) -> bool:
    """Words that the key takes beside the names; the year of a remaster is the copy's."""
    if words.YEAR.match(word):
        return not remaster
    return word in words.KINDS or words.NUMBER.match(word) is not None


def _tail_start(folded: list[str]) -> int:
    """Where the words of making, length and kind at the end begin."""
    at = len(folded)
    while at > 1 and words.NUMBER.match(folded[at - 1]):
        at -= 1
    if not words.MAKING.intersection(folded[at - 1 : at]):
        at = len(folded)
    while at > 0:
        word = folded[at - 1]
        before = folded[at - 2] if at > 1 else ""
        if not _is_tail_word(word) or (at > 2 and before in words.ARTICLES):
            break
        if at == 2 and before in words.ARTICLES - {"the"}:
            break
        at -= 1
    return at


def _whole_name(tokens: list[str], cut: int) -> int:
    """`cut` behind a protected name that ends in a word of kind: "Psycho Boys Club"."""
    if cut and cut < len(tokens) and norm_v1(" ".join(tokens[: cut + 1])) in PROTECTED:
        return cut + 1
    return cut


def _is_tail_word(word: str) -> bool:
    return (
        word in words.MAKING
        or word in words.LENGTH
        or word in words.KINDS
        or word in words.LIVE
        or words.YEAR.match(word) is not None
    )


def _ends_in_making(tail: list[str]) -> bool:
    """Names may stand before "Remix", "Remix 2014", "Remix Radio Edit", but not before "Radio"."""
    if tail[-1] in words.MAKING:
        return True
    numbered = words.YEAR.match(tail[-1]) or words.NUMBER.match(tail[-1])
    return bool(words.OWN_MAKING.intersection(tail) or (numbered and words.MAKING.intersection(tail)))


def _stem(tail: list[str]) -> Stem | None:
    if words.ACAPELLA.intersection(tail):
        return "acapella"
    return "instrumental" if words.INSTRUMENTAL.intersection(tail) else None


def _variant(tail: list[str]) -> str | None:
    found = {words.LENGTH[word] for word in tail if word in words.LENGTH}
    if "edit" in tail and not found & {"radio", "remaster"}:
        found.add("edit")
    for variant in words.VARIANT_ORDER:
        if variant in found:
            return variant
    return "regular" if not set(tail) - words.PLAIN_MAKING else None


def _family(tail: list[str], *, named: bool, kinds: bool, stem: Stem | None) -> Family | None:
    present = set(tail)
    for family, own in (
        ("mashup", words.MASHUP),
        ("live", words.LIVE),
        ("vip", words.VIP),
        ("dub", words.DUB),
    ):
        if own & present:
            return family  # type: ignore[return-value]  # the literals are in the tuple above
    made = present & words.MAKING - words.STEM
    if named or words.OWN_MAKING & present or (kinds and (made or stem)):
        return "remix"
    return None


def _without_length(tokens: list[str], cut: int) -> str:
    """The version as displayed without its words of length, which are the variant's."""
    tail = [token for token in tokens[cut:] if words.fold(token) not in words.LENGTH]
    made = any(words.fold(token) in words.MAKING | words.LIVE for token in tail)
    return " ".join([*tokens[:cut], *tail, *(() if made else ("Mix",))])


def _feature_cut(credit: str) -> tuple[str, str]:
    head, *rest = FEATURE.split(credit, maxsplit=1)
    return (head.strip(), rest[0].strip()) if rest and head.strip() else (credit, "")


def _artists(credit: str) -> str:
    """The names in "Neptune Project's In Search Of Remix", "Clarian 'Red Ocean' Remix"."""
    unquoted = _QUOTED.sub(" ", credit).strip() or credit
    possessive = _POSSESSIVE.match(unquoted)
    return possessive["who"] if possessive else unquoted


def _names(credit: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,&+/×]| x | and | vs\.? ", credit)]
