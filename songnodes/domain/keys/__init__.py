"""Musical keys: the wheel, and every notation that leads to it."""

from songnodes.domain.keys.notation import from_beatport, from_pitch_class, from_tidal, read_key
from songnodes.domain.keys.wheel import ALL, TABLE, Key, Mode, Notation, camelot, compatible, key_of

__all__ = [
    "ALL",
    "TABLE",
    "Key",
    "Mode",
    "Notation",
    "camelot",
    "compatible",
    "from_beatport",
    "from_pitch_class",
    "from_tidal",
    "key_of",
    "read_key",
]
