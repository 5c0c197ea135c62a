"""The words of version notes, folded to lower-case letters and digits ("Re-Edit" is "reedit").

Counts of words in 32,271 catalogue titles stand behind the lists; `versions.py` has the rules.
"""

import re
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words that say how long or from where a copy is: the variant, by precedence of the first found.
LENGTH = {
    "remaster": "remaster",
    "remastered": "remaster",
    "remastering": "remaster",
    "remasterizado": "remaster",
    "radio": "radio",
    "extended": "extended",
    "long": "extended",
    "full": "extended",
    "length": "extended",
    "short": "short",
    "single": "short",
    "album": "album",
    "lp": "album",
    "ep": "album",
    "explicit": "original",
    "dirty": "original",
    "clean": "clean",
    "edited": "clean",
    "original": "original",
    "orginal": "original",
    "digital": "remaster",
    "digitally": "remaster",
}
VARIANT_ORDER = ("remaster", "radio", "extended", "short", "album", "clean", "edit", "original")

#: Words of making that alone say nothing ("Mix", "Version").
PLAIN_MAKING = frozenset({"mix", "mixes", "edit", "version"})

#: Words of making that name a version even when no artist stands before them.
OWN_MAKING = _words(
    """
    remix remixes rmx remixed reedit edits rework reworked bootleg booty flip fix refix take treatment remake
    reconstruction retouch touch interpretation reinterpretation reshape rerub remode revamp reboot rethink
    revision relift reblend reblended respray rewake rewire rewired variation mastermix clubmix clubrework
    recut cut blend refit refresh rehash rebuild rewind retake retwist overhaul workout perspective
    translation rewoven undo
    """
)
DUB = frozenset({"dub", "redub", "dubmix", "dubs"})
VIP = frozenset({"vip"})
MASHUP = frozenset({"mashup", "mashups"})
LIVE = frozenset({"live", "aovivo", "envivo"})
ACAPELLA = frozenset({"acapella", "acappella", "accapella", "accappella", "acapellas", "acap"})
INSTRUMENTAL = frozenset({"instrumental", "instr", "inst"})
STEM = ACAPELLA | INSTRUMENTAL
FAMILY_WORDS = DUB | VIP | MASHUP | LIVE
#: A group may end in one of these and be a version of whatever stands before it.
MAKING = PLAIN_MAKING | OWN_MAKING | DUB | VIP | MASHUP | STEM | {"extended"}

#: Kinds of mix that are no artist: they belong to the key, not to the version artists.
KINDS = _words(
    """
    club klub vocal vox ambient chillout chill acoustic intro outro dj festival private unfinished beatless
    umf edc ultra tomorrowland mainstage video vinyl warehouse electro techno trance house progressive breaks
    breakbeat dubstep trap hardstyle orchestral piano unplugged demo main alternative alternate first second
    day night sunrise sunset afterhours peaktime banging pure uplifting dark deep melodic tech raw downtempo
    chill onair bigroom ultimate official stripped mono stereo studio soundtrack english spanish salsa swing
    drumbass drumnbass drumandbass dnb
    spedup slowed nightcore daycore rerecorded karaoke 8d bassboosted
    """
)
#: Kinds that need no "Version" behind them: "Song - Acoustic".
ALONE = frozenset({"acoustic", "unplugged", "stripped", "demo", "orchestral", "beatless"})
#: Words after which a word of making belongs to a name or a sentence: "In The Mix", "TV On The Radio".
ARTICLES = frozenset(
    {"the", "a", "an", "of", "on", "in", "my", "your", "our", "no", "i", "we", "you", "to", "dont"}
)
#: Behind a word of making: "Remix Part 2", "Mix 1", "Version II".
NUMBER = re.compile(r"^(?:part|pt|v|no)?\d{0,2}$|^i{1,3}$")
YEAR = re.compile(r"^(?:19|20)\d\d$")

#: Notes on a copy's fate, not on the recording.
NOTES = _words(
    """
    unreleased forthcoming selfreleased freedownload freedl premiere promo cdr dubplate testpressing exclusive
    worldpremiere whitelabel white bandcamp free unsigned bonus bonustrack digitalonly beatportexclusive
    """
)
#: Where a copy was heard; the recording is the same: 'From "Frozen"/Soundtrack Version'.
FROM_FILM = re.compile(r"^from (?:[\"'].*|.*\b(?:soundtrack|motion picture|ost)\b.*)$", re.IGNORECASE)
#: Vinyl sizes are lengths.
INCH = re.compile(
    r"^(?P<size>12|7|45)(?:\s?(?:\"|''|inch|-inch))?\s+(?=(?:\w+\s)?(?:mix|version|edit)$)", re.IGNORECASE
)
SIZES = {"12": "Extended ", "7": "Short ", "45": "Short "}
#: Parts of mixes and packs: never a recording of the track.
NOT_A_RECORDING = re.compile(
    r"^(?:.*\bcontinuous\b.*\bmix\b.*|(?:full )?dj mix|mixed(?: by .*)?|(?:.*\s)?mix ?cut|.*\bremix set)$",
    re.IGNORECASE,
)

_NAMES_UNKNOWN = r"id|i\.d\.|\?+|n/a|tba|tbc|unknown|unidentified|unreleased id|track id"
_NUMBER = r"(?:\s*#?\d{1,3})?"
#: A title, or a remixer, that nobody knows yet. Not "I D", not the artist "ID ID".
UNKNOWN = re.compile(
    rf"^[(\[]?(?:{_NAMES_UNKNOWN}|unknown (?:title|track|tune|song)){_NUMBER}[)\]]?\??$", re.IGNORECASE
)
#: An artist that nobody knows, or that is nobody.
UNKNOWN_ARTIST = re.compile(
    rf"^[(\[]?(?:{_NAMES_UNKNOWN}|unknown artists?|various(?: artists?)?|v\.?a\.?|v/a){_NUMBER}[)\]]?\??$",
    re.IGNORECASE,
)


#: What both patterns can begin with: a look that spares nearly all lines the search.
_UNKNOWN_FIRST = frozenset("([iI?nNtTuUvV")


def is_unknown(title: str) -> bool:
    """Nobody knows this title yet."""
    return title[:1] in _UNKNOWN_FIRST and UNKNOWN.match(title) is not None


def is_unknown_artist(name: str) -> bool:
    """Nobody knows this artist, or it is nobody."""
    return name[:1] in _UNKNOWN_FIRST and UNKNOWN_ARTIST.match(name) is not None


@lru_cache(maxsize=1 << 13)
def fold(word: str) -> str:
    """The word in lower case, letters and digits only."""
    return "".join(filter(str.isalnum, word.casefold()))
