"""Keys as sites and APIs write them. What is not understood is unknown, never a guess."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from songnodes.domain.keys.wheel import Key, Mode, key_of

_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"#": 1, "♯": 1, "b": -1, "♭": -1, "sharp": 1, "flat": -1, "": 0}
_MAJOR = frozenset({"", "maj", "major"})
_MINOR = frozenset({"m", "min", "minor"})
#: German names, where B is B flat and H is B natural; "is" raises and "es" lowers by a semitone.
_GERMAN = re.compile(r"^(?P<note>[A-Ha-h])(?P<sign>is|es|s|[#b♯♭])?[\s_-]*(?P<mode>dur|moll)$", re.IGNORECASE)
_GERMAN_NATURALS = {**_NATURALS, "b": 10, "h": 11}
#: French, Italian and Spanish names; "la mineur", "si bemolle maggiore", "fa# menor".
_SOLFEGE = re.compile(
    r"^(?P<note>do|ut|r[eé]|mi|fa|sol|la|si)\s*(?P<sign>#|♯|b|♭|di[eè]se|diesis|sostenido|b[eé]mol(?:le)?)?[\s_-]+"
    r"(?P<mode>(?P<minor>mineur|minore|menor)|majeur|maggiore|mayor|maior)$",
    re.IGNORECASE,
)
_SYLLABLES = {"do": 0, "ut": 0, "re": 2, "ré": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
#: Both halves of "8A (Am)", "8A - Am", "8A/Am", "8A Am" and "Am [8A]".
_BOTH = re.compile(
    r"^(?P<first>[^()\[\]/|]+?)\s*(?:[(\[]\s*(?P<boxed>[^()\[\]]+?)\s*[)\]]|\s-\s*(?P<dashed>.+)|[/|]\s*(?P<slashed>.+)"
    r"|(?<=\d[AaBbMmDd])\s(?P<spaced>[A-Ga-g].*))$"
)

#: Characters; a longer text is no key.
MAX_TEXT = 40

_CAMELOT = re.compile(r"^0?(?P<number>[1-9]|1[0-2])\s*(?P<letter>[AaBb])$")
_OPEN = re.compile(r"^0?(?P<number>[1-9]|1[0-2])\s*(?P<letter>[mMdD])$")
_NOTE = re.compile(
    r"^(?P<note>[A-Ga-g])(?:\s*-?(?P<sign>sharp|flat|[#b♯♭]))?(?:[\s_:-]*(?P<mode>[A-Za-z]+)\.?)?$",
    re.IGNORECASE,
)

#: TIDAL's scales; all others (dorian, blues, unknown ...) have no place on the wheel.
_TIDAL_MODES: dict[str, Mode] = {
    "MAJOR": "major",
    "PENTATONIC_MAJOR": "major",
    "MINOR": "minor",
    "AEOLIAN": "minor",
    "HARMONIC_MINOR": "minor",
    "MELODIC_MINOR": "minor",
    "PENTATONIC_MINOR": "minor",
}


def read_key(text: str) -> Key | None:
    """Return the key of "F#m", "Db Major", "C♯ min", "G# / Ab Minor", "8A", "08A", Open Key "1m", German
    "H-Dur", "la mineur" and "8A (Am)", where both halves agree; None for all else.

    A bare note ("A") is major, as tags write it; in lower case it is unknown, because "a" is A minor to some.
    "1d" and "1m" are Open Key, "1A" and "1B" Camelot.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text[: 2 * MAX_TEXT]).replace("♮", "").split())
    return None if len(plain) > MAX_TEXT else _single(plain) or _both(plain)


def _both(text: str) -> Key | None:
    """Return the key of "8A - Am"; None where the halves differ or one is unknown."""
    halves = _BOTH.match(text)
    if not halves:
        return None
    first = _single(halves["first"].strip())
    second = _single(next(filter(None, halves.groups()[1:]), "").strip())
    return first if first == second else None


def _single(plain: str) -> Key | None:
    coded = _CAMELOT.match(plain)
    if coded:
        return Key(number=int(coded["number"]), mode="minor" if coded["letter"] in "Aa" else "major")
    opened = _OPEN.match(plain)
    if opened:
        number = (int(opened["number"]) + 6) % 12 + 1
        return Key(number=number, mode="minor" if opened["letter"] in "mM" else "major")
    if "/" in plain:
        return _double(plain)
    return _german(plain) or _solfege(plain) or _named(plain)


def _solfege(text: str) -> Key | None:
    name = _SOLFEGE.match(text)
    if not name:
        return None
    sign = (name["sign"] or "").casefold()
    step = 0 if not sign else -1 if sign[0] in "b♭" else 1
    return key_of((_SYLLABLES[name["note"].casefold()] + step) % 12, "minor" if name["minor"] else "major")


def _german(text: str) -> Key | None:
    name = _GERMAN.match(text)
    if not name:
        return None
    note, sign = name["note"].casefold(), (name["sign"] or "").casefold()
    if sign == "s" and note not in "ae":  # As and Es only
        return None
    step = {"is": 1, "es": -1, "s": -1}.get(sign, _SIGNS.get(sign, 0))
    if note == "b" and sign:  # "Bb-Dur" mixes both systems: ambiguous
        return None
    return key_of(
        (_GERMAN_NATURALS[note] + step) % 12, "major" if name["mode"].casefold() == "dur" else "minor"
    )


def _double(text: str) -> Key | None:
    """Return the key of "G# / Ab Minor", two names of one key; the mode may be given once, at the end."""
    first, _, second = (part.strip() for part in text.partition("/"))
    mode = second.partition(" ")[2]
    key = _named(second)
    alias = _named(first) if " " in first or not mode else _named(f"{first} {mode}")
    return key if key == alias else None


def _named(text: str) -> Key | None:
    name = _NOTE.match(text)
    if not name or (not name["mode"] and name["note"].islower()):
        return None
    mode = _mode(name["mode"] or "")
    if mode is None:
        return None
    return key_of((_NATURALS[name["note"].casefold()] + _SIGNS[(name["sign"] or "").casefold()]) % 12, mode)


def _mode(text: str) -> Mode | None:
    if text == "M":  # "CM" next to "Cm"
        return "major"
    if text.casefold() in _MINOR:
        return "minor"
    return "major" if text.casefold() in _MAJOR else None


def from_pitch_class(pitch_class: int | None, mode: int | None) -> Key | None:
    """Convert the key of Spotify and ReccoBeats: `key` 0 to 11, -1 unknown; `mode` 1 major, 0 minor."""
    if pitch_class is None or mode not in (0, 1):
        return None
    return key_of(pitch_class, "major" if mode == 1 else "minor")


def from_beatport(key: Mapping[str, Any] | None) -> Key | None:
    """Convert a Beatport key object, by its Camelot half or its name; None where both exist and differ."""
    if not key:
        return None
    coded = read_key(f"{key.get('camelot_number') or ''}{key.get('camelot_letter') or ''}")
    named = read_key(str(key.get("name") or "")) or _from_parts(key)
    if coded and named and coded != named:
        return None
    return coded or named


def _from_parts(key: Mapping[str, Any]) -> Key | None:
    letter, chord = key.get("letter"), key.get("chord_type")
    if not letter or not isinstance(chord, Mapping):
        return None
    sign = "#" if key.get("is_sharp") else "b" if key.get("is_flat") else ""
    return read_key(f"{letter}{sign} {chord.get('name') or '?'}")


def from_tidal(key: str | None, scale: str | None) -> Key | None:
    """Convert TIDAL's enums: key "CSharp", "Eb"; scale "MAJOR", "AEOLIAN" ...; None for other modes."""
    mode = _TIDAL_MODES.get(scale or "")
    return read_key(f"{key} {mode}") if key and mode else None
