"""What a bracket group says: variant, version with its artists, stem, feature, note or subtitle.

Words are read from the end: those that say length, kind and making are taken off, what remains names the
artists of the version. So "Radio Slave Remix" keeps its artist and "Michael Woods Extended Remix" loses
only "Extended".
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from songnodes.domain.credits import FEATURE, NO_NAME, PROTECTED, over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.part_numbers import with_part_numbers
from songnodes.domain.text import norm_v1

Family = Literal["remix", "dub", "vip", "mashup", "live"]
Stem = Literal["regular", "acapella", "instrumental"]

#: A longer group is no note on a version.
MAX_GROUP = 300  # characters

#: Which family wins when a title has several groups.
FAMILY_ORDER: tuple[Family, ...] = ("mashup", "live", "vip", "dub", "remix")

_BY = re.compile(
    rf"^(?P<what>.*?)\s*\b(?P<made>[^\W_][\w-]*)\s+(?:{'|'.join(sorted(words.BY))})\s+(?P<who>.+)$",
    re.IGNORECASE,
)
# "with" is a feature before a name, not in "(With Me)" or "(With A Little Help)"
_FEATURE_IN_FRONT = re.compile(
    rf"^(?:{FEATURE.pattern}|w/\s*|with\s+(?!{NO_NAME}))(?P<names>.+)$", re.IGNORECASE
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
    guest: str = ""  # featured in the version, not in the track: one of the version's artists
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
    if not outer and inner.bracket:  # "((Zorn Quill Remix))"
        return read_group(inner.text)
    if outer and inner.bracket:  # "KiNK Mix (feat. Rachel Row)", but not "Ø [Phase]"
        nested = read_group(inner.text)
        if not nested[0].subtitle:
            return (*read_group(" ".join(map(str, outer))), *nested)
    if words.NOT_A_RECORDING.match(text):
        return (Reading(mixed=True),)
    recording, dash, mixed = text.rpartition(" - ")
    if dash and mixed.casefold() == "mixed":
        readings = read_group(recording)
        return readings if any(each.subtitle for each in readings) else (*readings, Reading(mixed=True))
    if words.is_note(text) or words.FROM_FILM.match(text):
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
    head, guest = _feature_cut(text)
    if guest and not (version := _read_one(head)).subtitle and version.who:  # "Zed Remix feat. Guest"
        return (replace(version, guest=guest, text=text),)
    return (_read_one(text),)


def is_version(text: str) -> bool:
    """Return True if the inside of a bracket group names a version, a variant or a stem."""
    return any(reading.family or reading.variant or reading.stem for reading in read_group(text))


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
    by = _BY.match(text)
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
    # "Live Jam Mix 3" is a take and nobody's version; "Live Wire Nine Remix" is one by a name
    if front and folded[0] == "live" and len(tokens) > 2 and words.MAKING.intersection(tail) <= _TAKES:
        return Reading(family="live", text=" ".join(tokens), keys=tuple(sorted(filter(None, folded[1:]))))
    stem = _stem(tail)
    variant = _variant(tail, named=bool(front))
    kinds = _part_numbers([word for word in tail if _is_kind(word, remaster=variant == "remaster")])
    family = _family(tail, named=bool(front), kinds=bool(kinds), stem=stem)
    if family is None and stem is None and (variant is None or kinds):  # "Full Vocal" names a kind
        return Reading()
    if family is None:  # a plain stem or variant has no names
        return Reading(stem=stem, variant=variant, text=_without_length(tokens, cut) if stem else "")
    credit, guest = _feature_cut(" ".join(front))
    return Reading(
        family=family,
        variant=variant,
        stem=stem,
        text=shown or _without_length(tokens, cut),
        who="" if stem == "acapella" else who or _artists(credit),
        keys=(*over_split(_OWNED.sub("", credit)), *sorted(kinds)),
        guest=guest,
        unknown=bool(front) and any(map(words.is_unknown, _names(credit))),
    )


_TAKES = frozenset({"mix", "version", "take"})


def _is_kind(word: str, *, remaster: bool) -> bool:
    """Words that the key takes beside the names; the year of a remaster is the copy's."""
    if words.YEAR.match(word):
        return not remaster
    return word in words.KINDS or words.NUMBER.match(word) is not None


def _part_numbers(kinds: list[str]) -> list[str]:
    """Return the kinds with part numbers in one form: "Remix Pt. II" and "Remix Part 2"."""
    joined = with_part_numbers(" ".join(kinds)) if kinds else ""
    return joined.split() if "part" in joined or "volume" in joined else kinds


def _tail_start(folded: list[str]) -> int:
    """Where the words of making, length and kind at the end begin."""
    at = len(folded)
    while at > 1 and words.NUMBER.match(folded[at - 1]):
        at -= 1
    if not words.MAKING.intersection(folded[at - 1 : at]):
        at = len(folded)
    kinds: list[str] = []  # at most one is taken off a name, or a pair
    while at > 0:
        word = folded[at - 1]
        before = folded[at - 2] if at > 1 else ""
        if (
            word in words.KINDS
            and kinds
            and f"{word} {kinds[-1]}" not in words.PAIRS
            and at > 1
            and not all(map(_is_tail_word, folded[: at - 1]))
        ):
            break
        if word in words.KINDS:
            kinds.append(word)
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


def _variant(tail: list[str], *, named: bool) -> str | None:
    """Return the variant of a tail.

    "(Edit)" is one, and so is the last word of "(Zed Remix Edit)"; in "(Zed Edit)" it is what Zed made.
    """
    found = {words.LENGTH[word] for word in tail if word in words.LENGTH}
    made_by_name = named and not words.MAKING.intersection(tail) - {"edit"}
    if "edit" in tail and not made_by_name and not found & {"radio", "remaster"}:
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


#: "Mona Veil's Moonlit Walk": at most this many words behind a name that nothing else explains.
MAX_OPEN_WORDS = 2
_OWNER = re.compile(r"^(?P<who>[^\W_].*?)(?:'s|(?<=s)')\s+(?P<what>\S+(?:\s\S+)?)$", re.IGNORECASE)
_JOINED = re.compile(r"(?:&|\+|and|x|vs\.?)\s+", re.IGNORECASE)
#: Words with "'s" that own nothing, or are nobody's name: "It's My Life", "God's Plan".
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
            return None
    owned = _OWNER.match(text)
    if owned is None:
        return None
    who = owned["who"]
    first, last = who.split()[0], who.split()[-1]
    if first[:1].islower() or not owned["what"][:1].isupper() or len(who.split()) > 4:
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
            (name for name in known if name and rest.casefold().startswith(f"{name.casefold()} ")), ""
        )
        if not joined or not name:
            break
        who, what = f"{who} {joined[0]}{rest[: len(name)]}", rest[len(name) + 1 :]
    return who, what


def _open(who: str, text: str, what: str) -> Reading:
    return Reading(family="remix", text=text, who=who, keys=(*over_split(who), *norm_v1(what).split()))


def _names(credit: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,&+/×]| x | and | vs\.? ", credit)]
