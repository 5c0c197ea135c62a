"""Artist credits: the artists named, with certainty.

For the identity key a credit is always taken apart, wrongly at times ("Above", "Beyond"): harmless where it
is always done. For people to read, and for artist ids, it is taken apart only with evidence: a word
that always separates artists ("vs."), the page's own artist links, or the list of protected names.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from importlib import resources

from songnodes.domain.text import norm_v1, repair

#: Names that contain a connector, or end in a kind of mix, by their normal form.
PROTECTED: frozenset[str] = frozenset(
    norm_v1(line)
    for line in resources.files(__package__).joinpath("protected.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)

_FIRST_WORDS = frozenset(name.partition(" ")[0] for name in PROTECTED)

#: Text before "ft" that makes it a length: nothing but a number, or an article and a number ("50 Ft Queenie",
#: "The 10 ft. Wall"). A name that ends in a digit is a name: "deadmau5 ft Kiesa", "Maroon 5 ft Wiz Kid".
_NO_LENGTH = "".join(
    rf"(?<!{before}{number}\s)"
    for before in (
        *("^", r"[(\[]", r"[&,+/×]\s", r"\band\s"),
        *(
            rf"\b{word}\s"
            for word in ("the", "a", "an", "my", "your", "his", "her", "our", "their", "this", "that")
        ),
    )
    for number in (
        *(r"\d[.,]\d", r"\d\d[.,]\d"),
        *(rf"\d{{{digits}}}" for digits in range(1, 5)),
        *(rf"\d{{{digits}}},\d\d\d" for digits in range(1, 4)),
        *(
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "twelve",
            "twenty",
            "fifty",
        ),
    )
)
# "Draft", "Left" and "Gift" are words, "F/A" and "f/x" are names.
FEATURE = re.compile(
    rf"(?=[fп])(?:^|(?<=[\s(\[{{<【「]))(?:featuring\.?|feat\.?:?|при уч(?:астии|\.)"
    rf"|(?-i:(?<=\w\s)f\.(?=\s[A-Z\d]))|{_NO_LENGTH}ft\.?:?(?!(?<=\d\sft)$|(?<=\d\sft\.)$)"
    r"|(?-i:f/)(?=\s|(?<!^f/)[^\W\d_]{3}))"
    r"(?=[\s(]|$|(?<=[.:/]))\s*",
    re.IGNORECASE,
)
#: Words behind "with" that begin no name: "(With Me)", "Man With No Name".
NO_NAME = (
    r"(?:me|you|us|him|her|them|it|my|your|our|his|their|the|a|an|or|and|no|all|love|this|that|every"
    r"|friends)\b"
)
#: A guest written as "A with B"; both names begin in upper case or with a digit, or in a script without case.
_GUEST_IN_BRACKETS = re.compile(
    rf"(?<=\S)\s*[(\[](?i:with|w/)\s+(?!(?i:{NO_NAME}))(?=[^a-z])(?P<guest>[^()\[\]]+)[)\]]$"
)
_GUEST_WITH = re.compile(rf"(?<=\S)\s+(?i:with)\s+(?!(?i:{NO_NAME}))(?=[^a-z])")
#: A single word before "with" that makes one name of both: "Dancing With Wolves", "Man With Horns".
_PHRASE_START = re.compile(
    r"(?!(?:king|sting|ming|ling|bling|sterling|darling|viking|spring)$)[^\W\d_]{2,}ing"
    r"|(?:m[ae]n|wom[ae]n|girls?|boys?|guys?|gentlem[ae]n|lad(?:y|ies)|kids?|child(?:ren)?|people|beasts?|monsters?"
    r"|animals?|birds?|dogs?|cats?|wol(?:f|ves)|angels?|devils?|ghosts?|strangers?|lovers?|friends?|songs?|dances?"
    r"|music|party|sex|love|life|death|war|peace|trouble|fun|dinner|breakfast|tea|coffee|days?|nights?|heaven|hell"
    r"|(?:in|on|at|made|born|alone|together) .*"
    r"|escape|travel|down|up|away|gone|alone|born|built|armed|home|play|walk|run|fly|live|sleep|dream|drive|ride|sing"
    r"|talk|fight|trust|burn|stay|come|go)",
    re.IGNORECASE,
)
#: "(aka Otto B)"; catalogues lose the blank behind it.
_ALIAS_IN_BRACKETS = re.compile(r"\s*\(\s*(?:aka|a\.k\.a\.?)(?=[\sA-Z0-9])[^()]*\)", re.IGNORECASE)
_ALIAS = re.compile(
    r"(?<![,&+/×;])\s+(?:aka|a\.k\.a\.?)\s+[^,&+/×;]+?(?=\s*[,&+/×;]|\s+(?:and|x|vs\.?|b2b)\s|$)",
    re.IGNORECASE,
)
#: Signs that join names where blanks are around them: dots, crosses, a handshake.
_BETWEEN = r"[×·•∙⋅‧・✕✖⨉⨯⊗❌⚔🤝\\]"
#: Bars and commas of other scripts, which join names with and without blanks.
_BARS = r"[、،|│¦❘❙⎮┃ǀ]"
# cheap tests before the costly patterns: most lines match none
_MAYBE_FEATURE = re.compile(r"f(?:ea)?t|f/", re.IGNORECASE)
_MAYBE_WORD = re.compile(
    r" (?:w/|(?:and|x|vs?\.?|versus|[bf][2-4][bf]|pres\.?|presents|und|y|et|och|og|и|meets|back|e|en|i|'?n'?"
    rf"|{_BETWEEN}) )",
    re.IGNORECASE,
)
_MAYBE_GUEST = re.compile(r"[\s(\[]with\s|[(\[]w/\s", re.IGNORECASE)
#: Words before "with" that belong to neither name: "A together with B".
_JOINTLY = re.compile(r"\s+(?:together|along|in collab(?:oration)?)$", re.IGNORECASE)
_VERSUS = re.compile(r"\s+(?:vs\.?|versus)\s+", re.IGNORECASE)
_ALWAYS = r"\s+(?:vs\.?|versus|[bf][2-4][bf]|pres\.?|presents|back to back)\s+|\s+w/\s*"
_ALWAYS += rf"|\s*{_BARS}\s*|\s+{_BETWEEN}\s+|・(?<=[A-Za-z0-9]・)(?=[A-Za-z0-9])"
_CERTAIN = re.compile(_ALWAYS, re.IGNORECASE)
#: "x" between two names; not the end of one ("Malcolm X and Âme", "Malcolm X x Âme").
_X = r"x(?!\s+(?:and|und|y|x|vs\.?|versus|[bf][2-4][bf]|pres\.?|presents)\s)"
_SIGNS = r"(?:,\s+(?:and|und)\s+|[,&+×;、،|│¦❘❙⎮┃ǀ]|(?<!\s[wW])[/⁄∕⧸])"
#: Words that join two names in other languages; also parts of names, so they count for keys only.
_FOREIGN_AND = r"\s+(?:et|och|og|и|meets)\s+|\s(?<=\w\w\s)(?-i:e|en|i|'?n'?|v\.?)\s+(?=\w\w)"
_AND = rf"\s+(?:and|und|y|{_X})\s+"
_CONNECTOR = re.compile(rf"(\s*{_SIGNS}\s*|{_AND})", re.IGNORECASE)
_SIGN = re.compile(_SIGNS, re.IGNORECASE)
_WORD = re.compile(rf"{_AND}|{_FOREIGN_AND}|{_ALWAYS}", re.IGNORECASE)
#: Tags that shops and sites put behind a name, beside short ones in upper case: "(UK)", "(NYC)", "(U.K.)".
_TAG_WORDS = (
    "official|oficial|officiel|offizielle?|ofc|offic|off|artist|band|dj|producer|music|duo|trio|live(?: act)?"
    "|musician|singer|rapper|vocalist|group|us|uk|br|de|fr|it|es|nl|be|au|ca"
    "|berlin|london|paris|amsterdam|rotterdam|barcelona|madrid|milan|rome|lisbon|dublin|glasgow|manchester|bristol"
    "|leeds|new york|los angeles|chicago|detroit|miami|tokyo|sydney|melbourne|hamburg|munich|vienna|moscow"
    "|argentina|australia|austria|belgium|brazil|brasil|bulgaria|canada|chile|china|colombia|croatia|denmark|england"
    "|estonia|finland|france|georgia|germany|greece|holland|hungary|iceland|india|ireland|israel|italy|italia|japan"
    "|latvia|lithuania|mexico|netherlands|new zealand|norway|peru|poland|portugal|romania|russia|scotland"
    "|serbia|slovakia|slovenia|south africa|spain|sweden|switzerland|turkey|ukraine|uruguay"
    "|united kingdom|usa|wales"
)
_TAG = re.compile(
    r"(?<=\S)\s*\((?:[A-Z]{2,4}|(?:[A-Z]\.){1,3}[A-Z]?|[A-Z]{2} ?[/-] ?[A-Z]{2}|\d{1,2}"
    rf"|(?i:(?:{_TAG_WORDS})\.?))\)"
    r"(?=\s*(?:$|[,&+/×;、|])|\s+(?:and|und|y|x|vs\.?|b2b|pres\.?|presents|w/)\s)"
)


#: A longer credit, or one of more names, is kept whole: it was not written as a credit, and the search for
#: known names within it grows with the cube of their number.
MAX_CREDIT = 1_000  # characters
MAX_NAMES = 50
#: Characters of a text in which featured artists are looked for.
MAX_TITLE = 2_000


def is_kept_whole(credit: str) -> bool:
    """Return True for a credit that is not searched for names: too long, or of too many."""
    if len(credit) <= 2 * MAX_NAMES:
        return False
    return len(credit) > MAX_CREDIT or len(_CONNECTOR.findall(credit)) >= MAX_NAMES


def _may_be_joint(credit: str) -> bool:
    """Return False where nothing joins two names, as in most credits of one or two words."""
    if _SIGN.search(credit):
        return True
    blanks = credit.count(" ")
    return (blanks > 1 or (blanks > 0 and "/" in credit)) and _MAYBE_WORD.search(credit) is not None


@lru_cache(maxsize=1 << 13)
def over_split(credit: str) -> tuple[str, ...]:
    """Return all names and parts of names of a credit, in normal form and sorted: for keys only.

    The order and kind of the connectors, tags ("(FR)", "(Official)") and "aka" do not count. Never empty for
    a credit that is not.
    """
    if len(credit) > MAX_CREDIT:
        return (norm_v1(credit),)
    plain = _without_alias(_TAG.sub("", credit) if "(" in credit else credit)
    if not _may_be_joint(plain) and "・" not in plain:
        only = norm_v1(plain)
        return (only,) if only else ()
    names = [
        norm_v1(name)
        for part in _SIGN.split(plain)
        for name in _WORD.split(part.strip())
        if any(map(str.isalnum, name))
    ]
    whole = norm_v1(credit)
    return tuple(sorted(filter(None, names))) or ((whole,) if whole else ())


def take_features(credit: str) -> tuple[str, tuple[str, ...]]:
    """Return a credit and its featured artists: "A ft. B vs. C ft. D" is "A vs. C" with B and D."""
    if len(credit) > MAX_TITLE or not _may_have_feature(credit) or not FEATURE.search(credit):
        return credit, ()
    main: list[str] = []
    featured: list[str] = []
    between = _VERSUS.findall(credit)
    for part in _VERSUS.split(credit):
        head, *tails = FEATURE.split(part)
        main.append(head.strip(" ,&([{<【「"))
        featured += (tail.strip(" ,&)]}>】」") for tail in tails)
    joined = "".join(name + join for name, join in zip(main, [*between, ""], strict=True))
    return joined.strip(), tuple(name for name in featured if name)


def _may_have_feature(credit: str) -> bool:
    return _MAYBE_FEATURE.search(credit) is not None or " f. " in credit or "при уч" in credit


def take_guest(credit: str, *, links: Sequence[str] = ()) -> tuple[str, str]:
    """Return the credit and the guest of "A with B"; the guest is empty where the words are one name.

    Names that the page links, protected names and phrases ("Man With No Name") stay whole.
    """
    lower = credit.lower()
    if len(credit) > MAX_CREDIT or not ("ith" in lower or "w/" in lower) or not _MAYBE_GUEST.search(credit):
        return credit, ""
    whole = norm_v1(credit)
    if whole in PROTECTED or any(whole == norm_v1(name) for name in links):
        return credit, ""
    if boxed := _GUEST_IN_BRACKETS.search(credit):
        return credit[: boxed.start()].strip(), boxed["guest"].strip()
    main, *guests = _GUEST_WITH.split(credit, maxsplit=1)
    if not guests or _PHRASE_START.fullmatch(main.strip()):
        return credit, ""
    return _JOINTLY.sub("", main.strip()), guests[0].strip()


class _KnownNames:
    """Normal forms of the names that the page links and of those protected, without a copy of the latter."""

    __slots__ = ("_first_of_linked", "_first_of_protected", "_linked", "_protected")

    def __init__(self, links: Sequence[str], protected: Collection[str]) -> None:
        self._linked = frozenset(map(norm_v1, links))
        self._protected = protected
        self._first_of_linked = _first_words(self._linked)
        self._first_of_protected = _FIRST_WORDS if protected is PROTECTED else _first_words(protected)

    def __contains__(self, key: str) -> bool:
        return key in self._protected or key in self._linked

    def may_begin(self, key: str) -> bool:
        """Return True if a known name begins with the first word of this one."""
        first = key.partition(" ")[0]
        return first in self._first_of_protected or first in self._first_of_linked


def _first_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in names)


def split_credit(
    credit: str, *, links: Sequence[str] = (), protected: Collection[str] = PROTECTED
) -> tuple[tuple[str, ...], bool]:
    """Return the artists of a credit in its order and spelling, and True if that is certain.

    `links` are names the page itself marks as artists; `protected` are normal forms (`norm_v1`) of names
    that contain a connector. What neither explains stays whole: ("Simon & Unknown",), False.
    """
    credit = credit.strip()
    if len(credit) > MAX_CREDIT:
        return (credit,), False
    credit = _without_alias(credit)
    if not _may_be_joint(credit):
        return ((credit,), True) if credit else ((), True)
    known_names = _KnownNames(links, protected)
    if norm_v1(credit) in known_names:
        return (credit,), True
    names: list[str] = []
    certain = True
    for part in _CERTAIN.split(credit):
        artists, is_certain = _split_part(part, known_names)
        names += artists
        certain &= is_certain
    return tuple(dict.fromkeys(names)), certain


def split_joint_name(name: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the artists of a name that a page links: a link over a joint credit is no artist.

    Words that always separate artists ("vs.", "pres.", "b2b", "feat.") split it; other connectors do
    only where every name between them is in `known`. Protected names stay whole.
    """
    if not _may_be_joint(name) and not _MAYBE_FEATURE.search(name):
        return (name,)
    keys = {norm_v1(artist) for artist in known}
    main, featured = take_features(name)
    names: list[str] = []
    for credit in (main, *featured):
        if norm_v1(credit) in PROTECTED:
            names.append(credit)
            continue
        for part in filter(None, map(str.strip, _CERTAIN.split(credit))):
            artists = list(atoms(part))
            whole = norm_v1(part) in PROTECTED or not all(norm_v1(artist) in keys for artist in artists)
            names += [part] if whole else artists
    return tuple(dict.fromkeys(names)) or (name,)


def _without_alias(credit: str) -> str:
    lower = credit.lower()
    if "aka" not in lower and "a.k.a" not in lower:
        return credit
    return _ALIAS.sub("", _ALIAS_IN_BRACKETS.sub("", credit))


def _split_part(part: str, known_names: _KnownNames) -> tuple[list[str], bool]:
    """Cut known names out, longest first from the left; what remains between them is one name each."""
    pieces = _CONNECTOR.split(part.strip())  # name, connector, name, ...
    if len(pieces) > 2 * MAX_NAMES:
        return [part.strip()], False
    if not any(known_names.may_begin(norm_v1(name)) for name in pieces[::2]):  # most: two thirds of the work
        return ([part.strip()] if part.strip() else []), len(pieces) == 1
    names: list[str] = []
    certain = True
    rest: list[str] = []
    start = 0

    def close_rest() -> None:
        nonlocal certain
        if rest:
            certain &= len(rest) == 1
            names.append("".join(rest))
            rest.clear()

    while start < len(pieces):
        for end in range(len(pieces), start, -2):
            span = "".join(pieces[start:end])
            if norm_v1(span) in known_names:
                close_rest()
                names.append(span)
                start = end + 1
                break
        else:
            if rest:
                rest.append(pieces[start - 1])
            rest.append(pieces[start])
            start += 2
    close_rest()
    return [name for name in names if name], certain


def known_front(credit: str) -> str:
    """Return the protected name at the front of a credit, otherwise the credit: "Walker & Royce" of
    "Walker & Royce Empty Bottle"."""
    if not _may_be_joint(credit):
        return credit
    words = credit.split()[: 2 * MAX_NAMES]
    fronts = (" ".join(words[:count]) for count in range(len(words) - 1, 1, -1))
    return next((front for front in fronts if norm_v1(front) in PROTECTED), credit)


def atoms(credit: str) -> tuple[str, ...]:
    """Return all parts between connectors, as displayed: for inspection, not for names."""
    if not _may_be_joint(credit):
        return (credit,) if credit else ()
    parts = [part.strip() for part in _SIGN.split(credit)]
    if _MAYBE_WORD.search(credit):
        parts = [name.strip() for part in parts for name in _WORD.split(part)]
    return tuple(part for part in parts if part)


def split_lineup(
    credits: Iterable[str], *, protected: Collection[str] = PROTECTED
) -> tuple[tuple[str, ...], bool]:
    """Return the DJs of a set from the names on a page: "A b2b B" are two, "Above & Beyond" is one."""
    names: list[str] = []
    certain = True
    for credit in credits:
        artists, is_certain = split_credit(take_features(repair(credit))[0], protected=protected)
        names += artists
        certain &= is_certain
    return tuple(dict.fromkeys(names)), certain
