"""Recordings within DJ mixes: another length, another ISRC, and other ids than the track itself.

Shops and streaming services list each part of a mix as a track ("[Mixed]"), with the title and artists of the
original. docs/providers.md, section "DJ mixes".
"""

import re

#: Titles of the parts of a mix: "Song [Mixed]", "Song - Mixed", "Song (Mix Cut)"; and of a mix as one track.
_TRACK = re.compile(
    r"[(\[]\s*(?:mixed|mix(?:ed)?\s+cut|continuous(?:\s+dj)?\s+mix|full\s+continuous(?:\s+dj)?\s+mix|dj\s+mix)"
    r"(?:\s+by\s+[^)\]]*)?\s*[)\]]|\s-\s+(?:mixed|mix(?:ed)?\s+cut|continuous(?:\s+dj)?\s+mix)\s*$",
    re.IGNORECASE,
)
_ALBUM = re.compile(
    r"\bdj[\s-]mix\b|\bcontinuous(?:\s+dj)?\s+mix\b|\bmixed\s+by\b|[(\[]\s*(?:\w+\s+)?mixed\s*[)\]]|\s-\s+mixed\s*$",
    re.IGNORECASE,
)
_TYPES = frozenset({"dj-mix", "dj mix", "djmix", "mixed", "mix"})


def is_mix_part(title: str | None, version: str | None = None, album: str | None = None) -> bool:
    """Return True if a track is a part of a DJ mix, or a whole one, by its title, version or album title."""
    shown = f"{title or ''} ({version})" if version else title or ""
    return bool(_TRACK.search(shown) or (album and _ALBUM.search(album)))


def is_mix_type(kind: str | None) -> bool:
    """Return True for the type of a release that is a DJ mix: "DJ-mix" of MusicBrainz."""
    return kind is not None and kind.casefold() in _TYPES
