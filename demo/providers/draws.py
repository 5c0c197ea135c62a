"""Deterministic draws: the same seed and parts give the same value, in any order of calls."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
SCALE = 2**64
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def share(*parts: object) -> float:
    """Return a number from 0 to below 1."""
    return int.from_bytes(_digest(parts)[:8]) / SCALE


def number(low: int, high: int, *parts: object) -> int:
    """Return an integer between two bounds, both included."""
    return low + int.from_bytes(_digest(parts)[8:16]) % (high - low + 1)


def choice(options: Sequence[T], *parts: object) -> T:
    """Return one of the options."""
    return options[number(0, len(options) - 1, *parts)]


def uuid(*parts: object) -> str:
    """Return a UUID, marked as version 4 as those of MusicBrainz are."""
    return str(UUID(bytes=_digest(parts)[:16], version=4))


def text(length: int, *parts: object, letters: str = LETTERS) -> str:
    """Return letters and digits."""
    left = int.from_bytes(_digest(parts))
    drawn = ""
    for _ in range(length):
        left, place = divmod(left, len(letters))
        drawn += letters[place]
    return drawn


def _digest(parts: tuple[object, ...]) -> bytes:
    return sha256("/".join(map(str, parts)).encode()).digest()
