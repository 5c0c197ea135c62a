"""The 24 keys: one table is the truth, everything else is derived from it and checked against it.

"8A" is the Camelot code: number 1 to 12, letter A for minor and B for major; 12 and 1 are neighbours.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Mode = Literal["major", "minor"]


class Notation(StrEnum):
    """A way to write keys: 8A, Am, 1m."""

    CAMELOT = "camelot"
    CLASSIC = "classic"
    OPEN = "open"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Key:
    """A key as a place on the wheel: `number` 1 to 12."""

    number: int
    mode: Mode

    @property
    def camelot(self) -> str:
        """Return the Camelot code: "8A"."""
        return f"{self.number}{'A' if self.mode == 'minor' else 'B'}"

    @property
    def pitch_class(self) -> int:
        """Return the pitch class, 0 (C) to 11 (B)."""
        return _PITCH_CLASSES[self]

    @property
    def name(self) -> str:
        """Return the name: "A minor", "Db major"."""
        return f"{_NAMES[self]} {self.mode}"

    @property
    def open_key(self) -> str:
        """Return the key in Open Key notation: "1m", "8d"."""
        return f"{(self.number - 8) % 12 + 1}{'m' if self.mode == 'minor' else 'd'}"

    @property
    def classic(self) -> str:
        """Return the note, with "m" for minor: "Am", "Db"."""
        return f"{_NAMES[self]}{'m' if self.mode == 'minor' else ''}"

    def written(self, notation: Notation) -> str:
        """Return the key in a notation."""
        if notation is Notation.CAMELOT:
            return self.camelot
        return self.classic if notation is Notation.CLASSIC else self.open_key

    def step(self, notation: Notation) -> int:
        """Return the number in a notation, 1 to 12; notes have none, and the order of the Camelot wheel."""
        return int(self.open_key[:-1]) if notation is Notation.OPEN else self.number

    def moved(self, steps: int) -> "Key":
        """Return the key this many steps along the wheel, of the same mode."""
        return Key(number=(self.number - 1 + steps) % 12 + 1, mode=self.mode)

    @property
    def relative(self) -> "Key":
        """Return the key of the same number and the other mode: the same notes."""
        return Key(number=self.number, mode="major" if self.mode == "minor" else "minor")


#: Pitch class, name of the note, Camelot number as major, as minor. Checked against three independent
#: tables: Mixxx's Open Key table, a semitone array, and the key objects of a shop.
TABLE: tuple[tuple[int, str, int, int], ...] = (
    (0, "C", 8, 5),
    (1, "Db", 3, 12),
    (2, "D", 10, 7),
    (3, "Eb", 5, 2),
    (4, "E", 12, 9),
    (5, "F", 7, 4),
    (6, "F#", 2, 11),
    (7, "G", 9, 6),
    (8, "Ab", 4, 1),
    (9, "A", 11, 8),
    (10, "Bb", 6, 3),
    (11, "B", 1, 10),
)

_KEYS: dict[tuple[int, Mode], Key] = {}
for _pitch_class, _, _major, _minor in TABLE:
    _KEYS[_pitch_class, "major"] = Key(number=_major, mode="major")
    _KEYS[_pitch_class, "minor"] = Key(number=_minor, mode="minor")
_PITCH_CLASSES = {key: pitch_class for (pitch_class, _), key in _KEYS.items()}
_NAMES = {key: TABLE[pitch_class][1] for key, pitch_class in _PITCH_CLASSES.items()}

ALL: tuple[Key, ...] = tuple(sorted(_PITCH_CLASSES))


def key_of(pitch_class: int, mode: Mode) -> Key | None:
    """Return the key on a pitch class 0 (C) to 11 (B); None outside, as for -1 (unknown)."""
    return _KEYS.get((pitch_class, mode))


def camelot(number: int, mode: Mode) -> str:
    """Return the Camelot code of a number and mode: "8A" for 8 and minor."""
    return Key(number=number, mode=mode).camelot


def compatible(key: Key) -> tuple[str, ...]:
    """Return the compatible Camelot codes: itself, one step down, one step up, the relative key."""
    return (key.camelot, key.moved(-1).camelot, key.moved(1).camelot, key.relative.camelot)
