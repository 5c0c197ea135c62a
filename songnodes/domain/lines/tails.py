"""A version read from the end of its words.

Words for length, kind and making are taken off, what remains names the artists of the version. So "Radio
Slave Remix" keeps its artist and "Michael Woods Extended Remix" loses only "Extended".
"""

import re

from songnodes.domain.credits import FEATURE, NO_NAME, PROTECTED, over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.reading import Family, Reading, Stem
from songnodes.domain.part_numbers import with_part_numbers
from songnodes.domain.text import norm_v1

_OWNED = re.compile(r"'s\b")
_QUOTED = re.compile(r"""\s*(?:"[^"]+"|(?<!\w)'[^']+'(?!\w))\s*""")
_GUEST = re.compile(rf"{FEATURE.pattern}|\s+w/\s*|\s+with\s+(?!{NO_NAME})(?=(?-i:[^a-z]))", re.IGNORECASE)
_POSSESSIVE = re.compile(r"^(?P<who>.+?)(?:'s|(?<=s)')(?:\s+(?P<what>.+))?$", re.IGNORECASE)


def read_version_words(tokens: list[str], *, shown: str | None = None, who: str | None = None) -> Reading:
    """Return the reading of the words of a version note; a subtitle where they name no version.

    `shown` is the text to display, `who` the credit, where the caller knows them.
    """
    # a quoted name of a mix has no words of kind: "In The Am Dark"
    folded = [token if '"' in token else words.fold(token) for token in tokens]
    if _HYPHENED.match(tokens[-1]) and not _is_tail_word(folded[-1]):
        folded[-1] = ANY_MAKING
    cut = _whole_name(tokens, folded, _tail_start(folded))
    tail = folded[cut:]
    front = tokens[:cut]
    if not tail or (front and not _ends_in_making(tail)):
        return Reading()
    if words.ALONE.issuperset(tail):
        return Reading(family="remix", text=" ".join(tokens), keys=tuple(sorted(tail)))
    if len(front) == 1 and folded[0] in words.ARTICLES:
        front = []
    # "Live Jam Mix 3" is a take and no artist's version; "Live Wire Nine Remix" is one by a name
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
    credit, guest = split_guest(" ".join(front))
    no_artist = stem == "acapella" or _is_description(folded[:cut], tail)
    return Reading(
        family=family,
        variant=variant,
        stem=stem,
        text=shown or _without_length(tokens, cut),
        who="" if no_artist else who or _artists(credit),
        keys=(*over_split(_OWNED.sub("", credit)), *guest_keys(" ".join(front), guest), *sorted(kinds)),
        guest=guest,
        unknown=_may_be_unknown(front) and any(map(words.is_unknown, _names(credit))),
    )


#: A word of making that no list has: "Zorn Quill Re-Think".
_HYPHENED = re.compile(r"re-[^\W\d_]{3,}$", re.IGNORECASE)
ANY_MAKING = "reform"


def _is_description(front: list[str], tail: list[str]) -> bool:
    """Return True where nothing but words of description precede "Mix": "Summer Mix", "Disco Remix"."""
    if not front or len(front) > 2 or not words.NO_NAME.issuperset(front):
        return False
    return words.GENRES.issuperset(front) or not words.OWN_MAKING.intersection(tail)


def read_named_words(names: str, rest: str) -> Reading:
    """Read the words behind names whose end is known: family, variant, displayed text and kinds.

    The keys are the kinds alone. No family where the words are no version.
    """
    tokens = rest.split()
    folded = [words.fold(token) for token in tokens]
    variant = _variant(folded, named=True)
    kinds = _part_numbers([word for word in folded if _is_kind(word, remaster=variant == "remaster")])
    making = words.MAKING.intersection(folded)
    version_words = making or words.LENGTH.keys() & set(folded)
    text = " ".join([names, *(token for token in tokens if words.fold(token) not in words.LENGTH)])
    return Reading(
        family=_family(folded, named=True, kinds=bool(kinds), stem=_stem(folded)) if version_words else None,
        variant=variant,
        text=text if making or not version_words else f"{text} Mix",
        keys=tuple(sorted(kinds)),
    )


_TAKES = frozenset({"mix", "version", "take"})


def _is_kind(word: str, *, remaster: bool) -> bool:
    """Return True for a word that the key takes beside the names; the year of a remaster is the copy's."""
    if words.YEAR.match(word):
        return not remaster
    return word in words.KINDS or words.NUMBER.match(word) is not None


def _part_numbers(kinds: list[str]) -> list[str]:
    """Return the kinds with part numbers in one form: "Remix Pt. II" and "Remix Part 2"."""
    joined = with_part_numbers(" ".join(kinds)) if kinds else ""
    return joined.split() if "part" in joined or "volume" in joined else kinds


def _tail_start(folded: list[str]) -> int:
    """Return the start of the closing words of making, length and kind."""
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


#: Words of kind that end a name where another precedes them and a remix follows: "Second Night Remix".
_NAME_ENDS = words.word_set("night day sunrise sunset dark deep raw stereo mono studio second first dj")


def _whole_name(tokens: list[str], folded: list[str], cut: int) -> int:
    """Return `cut`, moved behind a name made of words of kind: "Psycho Boys Club", "Second Night"."""
    if not cut and len(folded) > 2 and folded[1] in _NAME_ENDS and folded[0] in words.KINDS:
        pair = f"{folded[0]} {folded[1]}" in words.PAIRS
        return 0 if pair or not words.OWN_MAKING.intersection(folded[2:]) else 2
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
    """Return True where names may precede: "Remix", "Remix 2014", "Remix Radio Edit"; not "Radio"."""
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
    variants = {words.LENGTH[word] for word in tail if word in words.LENGTH}
    made_by_name = named and not words.MAKING.intersection(tail) - {"edit"}
    if "edit" in tail and not made_by_name and not variants & {"radio", "remaster"}:
        variants.add("edit")
    for variant in words.VARIANT_ORDER:
        if variant in variants:
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
    making = present & words.MAKING - words.STEM
    if named or words.OWN_MAKING & present or (kinds and (making or stem)):
        return "remix"
    return None


def _without_length(tokens: list[str], cut: int) -> str:
    """Return the version as displayed without its words of length, which are the variant's."""
    tail = [token for token in tokens[cut:] if words.fold(token) not in words.LENGTH]
    has_making = any(words.fold(token) in words.MAKING | words.LIVE for token in tail)
    return " ".join([*tokens[:cut], *tail, *(() if has_making else ("Mix",))])


def split_guest(credit: str) -> tuple[str, str]:
    """Return the text before "feat.", "w/" or "with" and the guest behind it, if there is one."""
    lower = credit.lower()
    if "ft" not in lower and "feat" not in lower and "w/" not in lower and "with" not in lower:
        return credit, ""
    head, *rest = _GUEST.split(credit, maxsplit=1)
    return (head.strip(), rest[0].strip()) if rest and head.strip() else (credit, "")


def guest_keys(text: str, guest: str) -> tuple[str, ...]:
    """Return the keys of a guest: of a joint version ("Zed with Orin Remix"), not of a feature."""
    return () if not guest or FEATURE.search(text) else over_split(guest)


def _artists(credit: str) -> str:
    """Return the names of "Neptune Project's In Search Of", "Clarian 'Red Ocean'" or "[Zed]"."""
    if credit.startswith("[") and credit.find("]") == len(credit) - 1:
        credit = credit[1:-1]
    unquoted = _QUOTED.sub(" ", credit).strip() or credit
    possessive = _POSSESSIVE.match(unquoted)
    return possessive["who"] if possessive else unquoted


def _may_be_unknown(front: list[str]) -> bool:
    """Return False where no name can be unknown, which spares most versions the split."""
    return any(word[0] in words.UNKNOWN_FIRST or not word.isalnum() for word in front)


def _names(credit: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,&+/×]| x | and | vs\.? ", credit)]
