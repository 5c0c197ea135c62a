"""Cues: start of a track in a set, in the notations of sites."""

import re
from dataclasses import dataclass
from typing import Literal

Grain = Literal["second", "ten_seconds", "minute", "ten_minutes", "hour"]

#: What an unknown digit leaves open, by its place counted from the right: s, 10 s, min, 10 min, h.
_GRAINS: tuple[Grain, ...] = ("second", "ten_seconds", "minute", "ten_minutes", "hour")

_MINUTES = re.compile(r"^[\d?]{1,3}$")
_CLOCK = re.compile(r"^(?:(?P<hours>[\d?]{1,2}):)?(?P<minutes>[\d?]{1,3}):(?P<seconds>[\d?]{2})$")
_NOTHING = re.compile(r"^[?:\s]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """`seconds` from the start of the part, 0 or more: the earliest moment that the text allows.

    `grain` is its precision; `certain` is False where digits were unknown ("[4?:??]").
    """

    seconds: int
    grain: Grain
    certain: bool


def read_cue(text: str) -> Cue | None:
    """Parse `1:23:45`, `83:45` (minutes and seconds), `[012]` (minutes), `[4?:??]`.

    Return None for `??` and for unreadable text; `is_unknown_cue` distinguishes the two.
    """
    plain = text.strip().strip("[]").strip()
    if is_unknown_cue(plain):
        return None
    if _MINUTES.match(plain):
        return _cue("", plain, "??", text=plain)
    clock = _CLOCK.match(plain)
    if not clock:
        return None
    hours, minutes = clock["hours"] or "", clock["minutes"]
    return _cue(hours, minutes.zfill(2) if hours else minutes, clock["seconds"], text=plain)


def is_unknown_cue(text: str) -> bool:
    """Return True if the text marks an unknown cue: empty, `??`, `[??]`, `?:??`."""
    return _NOTHING.match(text.strip().strip("[]")) is not None


def _cue(hours: str, minutes: str, seconds: str, *, text: str) -> Cue | None:
    digits = hours + minutes + seconds
    leading = digits.rstrip("?")
    if "?" in leading:  # "?5": a known digit behind an unknown one
        return None
    h, m, s = (int(part.replace("?", "0") or 0) for part in (hours, minutes, seconds))
    if s > 59 or (hours and m > 59):
        return None
    open_places = min(len(digits) - len(leading), len(_GRAINS) - 1)
    return Cue(seconds=h * 3600 + m * 60 + s, grain=_GRAINS[open_places], certain="?" not in text)
