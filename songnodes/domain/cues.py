"""Cues: where in a set a track begins, as sites write it."""

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

    `grain` is how finely it is told; `certain` is False where digits were unknown ("[4?:??]").
    """

    seconds: int
    grain: Grain
    certain: bool


def read_cue(text: str) -> Cue | None:
    """Reads `1:23:45`, `83:45` (minutes and seconds), `[012]` (minutes), `[4?:??]`; None for `??` and the unreadable.

    `says_nothing` tells these two apart.
    """
    plain = text.strip().strip("[]").strip()
    if says_nothing(plain):
        return None
    if _MINUTES.match(plain):
        return _cue(f"{plain}00", "minute", hours="", minutes=plain, seconds="00")
    clock = _CLOCK.match(plain)
    if not clock:
        return None
    hours, minutes, seconds = clock["hours"] or "", clock["minutes"], clock["seconds"]
    if hours:
        minutes = minutes.zfill(2)
    return _cue(f"{hours}{minutes}{seconds}", "second", hours=hours, minutes=minutes, seconds=seconds)


def says_nothing(text: str) -> bool:
    """Whether the text is an honest "not known": empty, `??`, `[??]`, `?:??`."""
    return _NOTHING.match(text.strip().strip("[]")) is not None


def _cue(digits: str, grain: Grain, *, hours: str, minutes: str, seconds: str) -> Cue | None:
    lowest = [int(part.replace("?", "0") or 0) for part in (hours, minutes, seconds)]
    if lowest[2] > 59 or (hours and (lowest[1] > 59 or len(minutes) > 2)):
        return None
    known = len(digits.rstrip("?"))
    if "?" in digits[:known].lstrip("0") and digits[:known].strip("0") != "":
        return None  # a known digit behind an unknown one: "?5"
    open_places = len(digits) - known
    if open_places:
        grain = _GRAINS[min(open_places, len(_GRAINS) - 1)]
    elif "?" in digits:
        return None
    return Cue(seconds=lowest[0] * 3600 + lowest[1] * 60 + lowest[2], grain=grain, certain=not open_places)
