"""Version notes of altered copies: sped up, slowed, re-recorded, karaoke, cover, tribute, demo, session.

These words name a version without "Version" behind them, in every language and spelling that shops use. The
result is the same with and without words such as "Version" or "Edit": "(Sped Up)" and "(Sped Up Version)".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from songnodes.domain.lines.vocabulary import word_set
from songnodes.domain.text import norm_v1

#: A longer phrase is a sentence, not a note.
MAX_WORDS = 12


def _phrases(kind: str, text: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(text.split(), (kind,))


#: Phrases without blanks and hyphens, in normal form, and the kinds that the identity key takes for them.
PHRASES: dict[str, tuple[str, ...]] = {
    **_phrases(
        "spedup",
        """
        spedup speedup speededup spedupaudio fasterversion acelerado acelerada accelere acceleree
        accelerated beschleunigt schneller velocizzato velocizzata accelerato accelerata uskorennaia
        uskorenna uskorenaia przyspieszone przyspieszona versnelde versneld hizlandirilmis hizli
        nopeutettu spedd speed spedsong speedsong versionrapida versionacelerada
        """,
    ),
    **_phrases(
        "slowed",
        """
        slowed sloweddown slowedd slowdowned ralentizado ralentizada ralenti ralentie rallentato
        rallentata desacelerado desacelerada verlangsamt langsamer zamedlennaia zamedlena vertraagd
        spowolnione spowolniona slowedtoperfection yavaslatilmis slowedaudio slowened versionlenta versaolenta
        """,
    ),
    **_phrases("nightcore", "nightcore nightcored"),
    **_phrases("daycore", "daycore antinightcore"),
    **_phrases("unplugged", "unplugged desenchufado"),
    **_phrases("reverb", "reverb reverbed reverbs riverbero reverberacao withreverb wreverb reverberated"),
    **_phrases(
        "8d",
        """
        8d 9d 16d 3d 8daudio 9daudio 16daudio 3daudio 8dmusic 360audio spatialaudio audio8d 8dtunes in8d
        8dsound
        """,
    ),
    **_phrases(
        "rerecorded",
        """
        rerecorded rerecord rerecording rerecordings newrecording newlyrecorded regrabado regrabada
        regravado regravada reenregistre reenregistree neuaufnahme riregistrato riregistrata
        reregistrato newlyrerecorded neueinspielung opnieuwopgenomen reregistrata
        """,
    ),
    **_phrases(
        "karaoke",
        """
        karaoke karaokes playback playbackversion singalong backingtrack backingtracks minusone minus1
        playalong karaokeinstrumental karaokeaudio offvocal
        """,
    ),
    **_phrases("cover", "cover covers covered coverversion coversong kover"),
    **_phrases("tribute", "tribute tributes tributo omaggio hommage homenaje homenagem atributeto"),
    **_phrases("demo", "demo demos demotape demoversion maqueta maquette rohfassung rehearsal outtake"),
    **_phrases(
        "session",
        """
        session sessions sesion sesiones sessao sessoes livesession livesessions livelounge tinydesk
        """,
    ),
    **_phrases(
        "live",
        """
        endirecto endirect dalvivo liveperformance livevideo inconcert enconcert enconcierto inconcerto
        liveaudio livesetversion envivo aovivo livetake konzertfassung naziwo zhivaia
        """,
    ),
    **_phrases(
        "screwed",
        """
        screwed choppedandscrewed choppedscrewed choppednscrewed
        screwedchopped screwedandchopped screwednchopped chopnotslop choppednotslopped
        """,
    ),
    **_phrases("chopped", "chopped"),
    **_phrases("bassboosted", "bassboosted bassboost boostedbass"),
    **_phrases("lofi", "lofi lofihiphop"),
    **_phrases("432hz", "432hz 432 432hertz in432hz a432hz 432hztuning 432tuning"),
    **_phrases("8bit", "8bit 16bit chiptune"),
    **_phrases("pitched", "pitched pitchshifted pitchshift"),
    **_phrases("pitchedup", "pitchedup pitchup chipmunk chipmunks"),
    **_phrases("pitcheddown", "pitcheddown pitchdown"),
    **_phrases("vaporwave", "vaporwave vaporwaved"),
    **_phrases("reimagined", "reimagined reimagining"),
    **_phrases("reversed", "reversed backwards playedbackwards reverse"),
    **_phrases("lullaby", "lullaby lullabies wiegenlied"),
    **_phrases("musicbox", "musicbox"),
    **_phrases("loop", "1hour onehour 1hourloop 10hours looped 1hourversion"),
    "slowedreverb": ("slowed", "reverb"),
    "slowedandreverb": ("slowed", "reverb"),
    "slowednreverb": ("slowed", "reverb"),
    "slowedandreverbed": ("slowed", "reverb"),
    "slowreverb": ("slowed", "reverb"),
    "spedupreverb": ("spedup", "reverb"),
    "spedupnightcore": ("nightcore", "spedup"),
}
#: The first one to three letters of all phrases.
_STARTS = frozenset(phrase[:size] for phrase in PHRASES for size in (1, 2, 3))
#: Phrases that count only with another sign: with "Version" behind them, or another of these.
_WEAK = frozenset({"speed", "432", "schneller", "langsamer", "hizli", "covered", "chopped", "3d", "reverse"})
#: Kinds before which a name or a description can be: "(Zed Cover)", "(Home Demo)", "(BBC Session)".
_DESCRIBED = frozenset({"unplugged", "cover", "demo", "session", "karaoke", "tribute"})
#: Kinds of the family "live"; all others are of the family "remix".
_LIVE = frozenset({"session", "live"})
KINDS = frozenset(kind for kinds in PHRASES.values() for kind in kinds) - {"live"}

#: Words beside the phrase that add nothing.
_FILLERS = word_set(
    """
    version versions versao versione versija versiia versiya versie vers ver fassung wersja rendition
    rendering mix edit remix rmx remixes audio music song songs track tracks cut take recording recordings
    recorded
    original official officiel full and n with y e et und the a an ultra super perfectly extra very
    extreme slightly x lyrics lyric video visualizer only tiktok effect effects studio quality hq hd
    """
)
_WITH_VERSION = word_set(
    "version versions versao versione versija versiia versiya versie vers ver fassung wersja rendition"
    " mix edit remix rmx"
)
#: Kinds that are also parts of names and of names of mixes.
_ALSO_NAMES = frozenset(
    {
        "tribute",
        "reverb",
        "loop",
        "cover",
        "demo",
        "session",
        "reversed",
        "pitched",
        "pitchedup",
        "chopped",
        "lofi",
    }
)
_OF_REMIXERS = frozenset({"mix", "edit", "remix", "rmx"})
#: Words that make a sentence of the phrase: "(Under Cover)", "(Take Cover)", "(Slowed By Love)".
_SENTENCE = word_set(
    """
    under take for from your my our his her their no run duck break blow need to of in on at by me you
    us we i it is are was were be dont not this that
    """
)
#: "In the style of X" and the like; what follows is the artist of the original.
_AFTER = re.compile(
    r"^(?P<front>.*?)\b(?:in the style of|al estilo de|a la maniere de|im stil von|nello stile di"
    r"|no estilo de"
    r"|(?:as )?(?:originally|formerly) (?:(?:performed|recorded|sung|made famous) )?by"
    r"|(?:as )?(?:made (?:famous|popular)|popularized|performed) by"
    r"|(?P<tribute>(?:an? )?(?:tribute|homage|tributo|hommage|homenaje|homenagem|omaggio)"
    r" (?:to|a|al|de|ao)))\s+.+$",
    re.IGNORECASE,
)
_COVER_OF = re.compile(r"^(?:an? )?(?:(?P<what>\w+) )?cover of .+$", re.IGNORECASE)
_BY = re.compile(r"^(?P<what>.+?) (?:by|por|par|von|di|de|door|av) (?P<who>.+)$", re.IGNORECASE)
_YEAR = re.compile(r"^(?:19|20)\d\d$")
#: A speed in numbers: "x1.25", "0.75x Speed", "125% Speed", "Half Speed".
_SPEED = re.compile(
    r"^(?:speed\s?)?(?:[x×]\s?(?P<factor>\d(?:[.,]\d{1,2})?)|(?P<times>\d(?:[.,]\d{1,2})?)\s?[x×](?=\s|$)"
    r"|(?P<percent>\d{2,3})\s?%(?=\s?speed)|(?P<half>half|double)(?=[\s-]speed))(?:[\s-]?speed)?"
    r"(?:\s(?:version|edit|up))?$",
    re.IGNORECASE,
)
#: A record played at a speed: "33 RPM", "@45", "Played at 33 1/3 RPM".
_TURNS = re.compile(
    r"^(?:(?:played\s|spun\s)?(?P<at>@|at|on)\s?)?(?P<turns>33|45|78)(?:\s?1\s?[/⁄]\s?3|1⁄3)?(?P<unit>\s?rpm)?"
    r"(?:\s(?:version|speed|edit))?$",
    re.IGNORECASE,
)
_PITCH = re.compile(
    r"^(?P<word>pitch(?:ed)?\s?)?(?P<sign>[+-])\s?\d{1,2}(?:[.,]\d)?\s?(?P<unit>semitones?|st|halft[oö]ne|%)?$",
    re.IGNORECASE,
)
#: "s l o w e d + r e v e r b"
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_]\s){3,}[^\W\d_](?!\S)")
#: "Version" as the end of one word: "Karaokeversion".
_JOINED_VERSION = re.compile(r"(?:version|versie|versiya|fassung)$")
_VERSION_ENDS = frozenset({"ion", "sie", "iya", "ung"})
_REMASTER = frozenset({"remaster", "remastered", "remastering"})
_NUMBERED = re.compile(r"^(?:speed|rpm)\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """The kinds of an altered copy, and the rest of its note.

    `rest` are the words around the phrase, as written; `name` is a person or a description that belongs to it
    ("Zed" of "(Zed Cover)").
    """

    kinds: tuple[str, ...]
    live: bool
    name: str = ""
    rest: str = ""


def read_altered(text: str) -> Altered | None:
    """Return the alteration that a note describes, or None where it is no such note."""
    if text[1:2] == " ":
        text = _SPACED.sub(lambda letters: letters[0].replace(" ", ""), text)
    tokens = text.split()
    if not tokens or len(tokens) > MAX_WORDS:
        return None
    numbered = _by_number(text) if len(tokens) <= 5 and len(text) <= 30 else None
    if numbered is not None:
        return numbered
    return (_by_phrase_of_origin(text) if len(tokens) > 2 else None) or _by_words(tokens)


def is_altered_kind(key: str) -> bool:
    """Return True for a version key that names an altered copy."""
    return key in KINDS or (key[-1:].isdigit() and _NUMBERED.match(key) is not None)


def _by_number(text: str) -> Altered | None:
    if not text.casefold().startswith(("half", "double")) and not any(map(str.isdigit, text)):
        return None
    if (pitch := _PITCH.match(text)) and (pitch["word"] or pitch["unit"]):
        return Altered(kinds=("pitchedup" if pitch["sign"] == "+" else "pitcheddown",), live=False)
    turns = _TURNS.match(text)
    if turns and (turns["at"] or turns["unit"]):
        return Altered(kinds=(f"rpm{turns['turns']}",), live=False)
    speed = _SPEED.match(text)
    if speed is None:
        return None
    named = "2" if (speed["half"] or "").casefold() == "double" else "0.5"
    factor = (speed["factor"] or speed["times"] or named).replace(",", ".")
    percent = int(speed["percent"]) if speed["percent"] else round(100 * float(factor))
    return Altered(kinds=(f"speed{percent}",), live=False) if 0 < percent != 100 else None


def _by_phrase_of_origin(text: str) -> Altered | None:
    after = _AFTER.match(text)
    if after:
        front = _by_words(after["front"].split())
        kinds = front.kinds if front else ("tribute",) if after["tribute"] else ("karaoke",)
        return Altered(kinds=kinds, live=False) if front or not after["front"].strip() else None
    if _COVER_OF.match(text):
        return Altered(kinds=("cover",), live=False)
    by = _BY.match(text)
    copy = _by_words(by["what"].split(), named=True) if by else None
    if by and copy and not (copy.name or copy.rest):
        return Altered(kinds=copy.kinds, live=copy.live, name=by["who"])
    return None


def _by_words(tokens: list[str], *, named: bool = False) -> Altered | None:
    folded = [_folded(token) if any(map(str.isalnum, token)) else "" for token in tokens]
    if not any(word[:3] in _STARTS for word in folded):  # most notes hold no phrase
        return None
    kinds: list[str] = []
    spans: list[tuple[int, int]] = []
    weak = 0
    for start, end, phrase_kinds in _matches(folded):
        kinds += phrase_kinds
        spans.append((start, end))
        weak += "".join(folded[start:end]) in _WEAK
    if not kinds or (weak == len(spans) == 1 and not (named or _WITH_VERSION.intersection(folded))):
        return None
    if "cover" in kinds and any(start and folded[start - 1] == "take" for start, _ in spans):
        return None  # "(Take Cover)"
    is_remaster = bool(_REMASTER.intersection(folded))  # whose year is that of the copy
    years = () if is_remaster else tuple(word for word in folded if _YEAR.match(word))
    inside = {at for start, end in spans for at in range(start, end)}
    unexplained = [
        at
        for at, word in enumerate(folded)
        if at not in inside and word and word not in _FILLERS and not _YEAR.match(word)
    ]
    keys = tuple(sorted({*kinds, *years} - {"live"}))
    live = bool(_LIVE.intersection(kinds))
    if not unexplained:
        return Altered(kinds=keys, live=live)
    if _SENTENCE.intersection(folded[at] for at in unexplained):
        return None
    if _ALSO_NAMES.issuperset(kinds) and _OF_REMIXERS.intersection(folded):
        return None  # a remix: "(Zed's Tribute Mix)", "(DJ Reverb Remix)"
    if weak == len(spans):
        return None
    first, last = spans[0][0], spans[-1][1]
    if unexplained[-1] < first and len(unexplained) <= 3 and _DESCRIBED.intersection(kinds):
        return Altered(kinds=keys, live=live, name=" ".join(tokens[at] for at in unexplained))
    if live:
        return None
    if unexplained[0] < first and unexplained[-1] >= last and not _WITH_VERSION.intersection(folded):
        return None
    rest = " ".join(token for at, token in enumerate(tokens) if at not in inside)
    return Altered(kinds=keys, live=live, rest=rest.strip(" -&+,/|;·"))


def _folded(token: str) -> str:
    """Return a word in the form of the phrases: "Karaoke-Version" is "karaoke"."""
    word = norm_v1(token).replace(" ", "")
    stem = _JOINED_VERSION.sub("", word) if word[-3:] in _VERSION_ENDS else word
    return stem if stem != word and word not in PHRASES and stem in PHRASES else word


def _matches(folded: list[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the phrases from left to right, the longest first: (start, end, kinds)."""
    at = 0
    while at < len(folded):
        for end in range(min(at + 4, len(folded)), at, -1):
            kinds = PHRASES.get("".join(folded[at:end])) if folded[at] and folded[end - 1] else None
            if kinds:
                yield at, end, kinds
                at = end
                break
        else:
            at += 1
