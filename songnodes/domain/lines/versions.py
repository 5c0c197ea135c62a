"""The inside of a bracket group: variant, version with its artists, stem, feature, note or subtitle."""

import re
from functools import lru_cache

from msgspec.structs import replace

from songnodes.domain.credits import FEATURE, NO_NAME, over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.lines.reading import MAX_GROUP, Reading
from songnodes.domain.lines.tails import guest_keys, read_version_words, split_guest
from songnodes.domain.part_numbers import is_part_number
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
#: "Part 2 - Zed Remix"
_PART_IN_FRONT = re.compile(r"^(?P<part>[^-;/,]{3,20}?)\s*(?:\s-\s|[;/,]\s)\s*(?P<version>.+)$")
_PART_SIGN = re.compile(r"[;/,]|\s-\s")
_OWNED = re.compile(r"'s$")
#: A note behind a word of making without a sign between: "Zed Remix Official Video".
_NOTE_BEHIND_MAKING = re.compile(
    r"^(?P<version>.*\S\s(?:re)?(?:mix|edit|work|bootleg|flip))\s(?P<note>(?:official|mixed|lyric|free|out)\b.*)$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r" / |; ")


@lru_cache(maxsize=1 << 13)
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
    if (ended := _NOTE_AT_END.match(text) or _note_behind_making(text)) and (
        is_mixed := ended["note"].casefold() == "mixed"
    ) | words.is_note(ended["note"]):
        readings = read_group(ended["version"])
        if _any_subtitle(readings):
            return readings if is_mixed else (Reading(),)
        return (*readings, Reading(mixed=True) if is_mixed else Reading(note=True))
    if words.is_note(text) or words.FROM_FILM.match(text):
        return (Reading(note=True),)
    feature = _FEATURE_IN_FRONT.match(text)
    altered = _read_altered_copy(text)
    if feature and not (altered and "everb" in text):  # "(With Reverb)"
        return (Reading(featured=feature["names"]),)
    if altered:
        return altered
    part = _PART_IN_FRONT.match(text) if _PART_SIGN.search(text) else None
    if part and is_part_number(part["part"]):
        readings = read_group(part["version"])
        if not _any_subtitle(readings):
            return (*readings, Reading(rest=part["part"]))
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


def _note_behind_making(text: str) -> re.Match[str] | None:
    """Return the match of "Zed Remix Official Video"; most groups end in the word of making."""
    return None if text[-3:].casefold() in {"mix", "dit"} else _NOTE_BEHIND_MAKING.match(text)


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
        keys=(*over_split(_OWNED.sub("", name)), *altered.kinds),
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
