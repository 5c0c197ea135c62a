"""Versions that a page marks: it links their artists, and so gives where a name ends.

Family, stem and key are read from the words, as in a line of any other site: the same version has the same id
everywhere. Artists, variant and displayed text are the page's.
"""

import re

from msgspec.structs import replace

from songnodes.domain.credits import over_split
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.reading import Reading
from songnodes.domain.lines.tails import read_named_words
from songnodes.domain.lines.versions import read_group
from songnodes.domain.text import norm_v1, repair

MarkedVersion = tuple[str, tuple[str, ...]]
"""The text of a marked bracket and the artists that it links."""

#: A marked version of this form that links no artist is the name of a mix: "Pan African Electro Dub Mix".
_NAME_OF_MIX = re.compile(r"\b(?:mix|version)(?:\s+\d+)?$", re.IGNORECASE)


def find_mark(draft: Draft, text: str) -> tuple[str, ...] | None:
    """Return the artists that the page marks in the bracket with this text; None for one without a mark."""
    if not draft.marked:
        return None
    wanted = norm_v1(text)
    return next((names for marked, names in draft.marked if norm_v1(repair(marked)) == wanted), None)


def read_marked_group(text: str, names: tuple[str, ...]) -> tuple[Reading, ...]:
    """Return the readings of a bracket that the page marks as a version by these artists, if any."""
    readings = read_group(text)
    if not names:
        return tuple(
            replace(reading, artists=()) if _is_named_mix(reading) else reading for reading in readings
        )
    if not any(reading.family or reading.stem for reading in readings):
        return (_read_by_mark(text, names),)
    if len(readings) > 1:  # "Zed Remix / Quill Edit"
        return tuple(
            replace(reading, artists=mine) if (mine := _within(names, reading.text)) else reading
            for reading in readings
        )
    (reading,) = readings
    lost = _within(names, reading.text) != names
    front, rest = _split_behind(text, names)
    if lost and front and not reading.guest:  # a word of length or kind is part of a name
        shown = read_named_words(front, rest)
        return (replace(reading, artists=names, variant=shown.variant, text=shown.text),)
    return (replace(reading, artists=names, unknown=False),)


def _is_named_mix(reading: Reading) -> bool:
    return reading.family is not None and _NAME_OF_MIX.search(reading.text) is not None


def _read_by_mark(text: str, names: tuple[str, ...]) -> Reading:
    """Read a bracket whose words name no version: "(Zorn Quill Moonwalk)", "(Extended Mix)" by Extended."""
    front, rest = _split_behind(text, names)
    keys = [key for name in names for key in over_split(name)]
    if not front:
        return Reading(family="remix", text=text, keys=tuple(keys), artists=names)
    named = read_named_words(front, rest)
    plain = set(map(words.fold, rest.split())) <= words.MAKING | words.LENGTH.keys()
    kinds = named.keys if named.family or plain else tuple(norm_v1(rest).split())
    return Reading(
        family=named.family or "remix",
        variant=named.variant,
        text=named.text or text,
        keys=(*keys, *kinds),
        artists=names,
    )


def _within(names: tuple[str, ...], text: str) -> tuple[str, ...]:
    folded = norm_v1(text)
    return tuple(name for name in names if norm_v1(name) in folded)


def _split_behind(text: str, names: tuple[str, ...]) -> tuple[str, str]:
    """Return the text up to the end of the last of the names it begins with, and the rest; the first part is
    empty where it begins with none."""
    folded = text.casefold()
    if not any(folded.startswith(name.casefold()) for name in names):
        return "", text
    ends = [at + len(name) for name in names if (at := folded.find(name.casefold())) >= 0]
    return text[: max(ends)].strip(), text[max(ends) :].strip()
