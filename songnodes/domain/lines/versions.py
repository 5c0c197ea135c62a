"""The inside of a bracket group: variant, version with its artists, stem, feature, note or subtitle."""

import re
from dataclasses import replace
from functools import lru_cache

from songnodes.domain.credits import FEATURE, NO_NAME, over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.lines.reading import MAX_GROUP, Reading
from songnodes.domain.lines.tails import guest_keys, read_version_words, split_guest
from songnodes.domain.text import norm_v1

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
    r"|drum (?:&|n|and) bass|vocals? only)\b\S*|\S+",
    re.IGNORECASE,
)
#: A note behind the version in one group: "Zed Remix - Mixed", "Zed Remix | Free DL".
_NOTE_AT_END = re.compile(r"^(?P<version>.*\S)(?:\s+-\s+|\s*[;,/|]\s+|\s*\|\s*)(?P<note>[^-;,/|]{2,40})$")
#: "Official Zed Remix": the word belongs to no name.
_OFFICIAL = re.compile(
    r"^official\s+(?=.*(?:remix|rmx|rework|edit|mix|version|bootleg|flip)$)|\bofficial\s+(?=(?:remix|rework|edit)$)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r" / |; ")


@lru_cache(maxsize=1 << 15)
def read_group(text: str) -> tuple[Reading, ...]:
    """Return the readings of the inside of a bracket group; several for "X Remix / Y Edit"."""
    if len(text) > MAX_GROUP:
        return (Reading(),)
    *outer, inner = scan(text)[0] or (Piece(text="", bracket=""),)
    if not outer and inner.bracket:  # "((Zorn Quill Remix))"
        return read_group(inner.text)
    if outer and inner.bracket:  # "KiNK Mix (feat. Rachel Row)", but not "Ø [Phase]"
        nested = read_group(inner.text)
        if not nested[0].subtitle:
            title = " ".join(map(str, outer))
            readings = read_group(title)
            return (*((Reading(rest=title),) if _any_subtitle(readings) else readings), *nested)
    if words.NOT_A_RECORDING.match(text):
        return (Reading(mixed=True),)
    text = _OFFICIAL.sub("", text) if "fficial" in text or "FFICIAL" in text else text
    if (ended := _NOTE_AT_END.match(text)) and (
        is_mixed := ended["note"].casefold() == "mixed"
    ) | words.is_note(ended["note"]):
        readings = read_group(ended["version"])
        if _any_subtitle(readings):
            return readings if is_mixed else (Reading(),)
        return (*readings, Reading(mixed=True) if is_mixed else Reading(note=True))
    if words.is_note(text) or words.FROM_FILM.match(text):
        return (Reading(note=True),)
    feature = _FEATURE_IN_FRONT.match(text)
    if feature:
        return (Reading(featured=feature["names"]),)
    if altered := _read_altered_copy(text):
        return altered
    if _SEVERAL.search(text):
        readings = tuple(_read_one(part.strip()) for part in _SEVERAL.split(text))
        if not _any_subtitle(readings):
            return readings
        if "; " in text:
            return (Reading(),)
    head, guest = split_guest(text)
    if guest and not (version := _read_one(head)).subtitle and version.who:  # "Zed Remix feat. Guest"
        keys = (*version.keys, *guest_keys(text, guest))
        return (replace(version, guest=guest, keys=keys, text=text),)
    reading = _read_one(text)
    if reading.subtitle and outer and inner.bracket:  # "Zorn Quill Remix (Paper Moon)"
        readings = read_group(" ".join(map(str, outer)))
        if not _any_subtitle(readings):
            return (*readings, Reading(rest=inner.text))
    return (reading,)


def is_version(text: str) -> bool:
    """Return True if the inside of a bracket group names a version, a variant or a stem."""
    return any(reading.family or reading.variant or reading.stem for reading in read_group(text))


def may_be_label(text: str) -> bool:
    """Return True unless the inside of a bracket group is a version, a guest, a note or a year."""
    return _any_subtitle(read_group(text)) and not words.YEAR.match(text)


def _any_subtitle(readings: tuple[Reading, ...]) -> bool:
    return any(reading.subtitle for reading in readings)


def _read_altered_copy(text: str) -> tuple[Reading, ...]:
    """Return the readings of "Sped Up", "Zed Remix - Slowed" or "Zed Cover"; empty for other notes."""
    altered = read_altered(text)
    if altered is None:
        return ()
    rest = altered.rest or altered.name
    rest_readings = read_group(rest) if rest else ()
    if _any_subtitle(rest_readings):
        if altered.rest:
            return ()
        rest_readings = ()
    name = "" if rest_readings else altered.name
    copy = Reading(
        family="live" if altered.live else "remix",
        text=text,
        who=name if "cover" in altered.kinds and words.fold(name) not in words.KINDS else "",
        keys=(*over_split(name), *altered.kinds),
    )
    return (copy, *(replace(reading, text="") for reading in rest_readings))


def _read_one(text: str) -> Reading:
    text = words.INCH.sub(lambda inch: words.SIZES[inch["size"]], text)
    live = _LIVE_FROM.match(text)
    if live:
        return Reading(family="live", text=text, keys=(norm_v1(live["where"]),))
    by = _BY.match(text)
    if by and words.fold(by["made"]) in words.MAKING | {"remixed", "reworked", "edited"}:
        return read_version_words(
            _TOKEN.findall(f"{by['who']} {by['what']} {by['made']}"), shown=text, who=by["who"]
        )
    return read_version_words(_TOKEN.findall(text))
