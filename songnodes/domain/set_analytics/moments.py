"""Moments of a set and their places in time.

A moment is a group of rows played together; its values are those of the group's main row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

#: Source of the places: cues, an even spread over the duration, or the order alone.
TimeBasis = Literal["cues", "duration", "order"]
#: Decimals of a place in time.
PLACE_DECIMALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Values of one moment, None where unknown. `bpm` is above 0, `energy` 0 to 1, `camelot` as "8A"."""

    part: str | None
    cue_s: int | None
    bpm: float | None
    camelot: str | None
    energy: float | None
    genre: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Times of the moments: seconds, or indexes where `basis` is order. They do not descend."""

    times: tuple[float, ...]
    basis: TimeBasis

    @property
    def places(self) -> tuple[float, ...]:
        """Return the times scaled to 0 (first moment) to 1 (last moment)."""
        if not self.times:
            return ()
        start, length = self.times[0], self.times[-1] - self.times[0]
        return tuple(round((time - start) / length, PLACE_DECIMALS) if length else 0.0 for time in self.times)

    @property
    def hours(self) -> tuple[float, ...] | None:
        """Return the times in hours; None where only the order is known."""
        return None if self.basis == "order" else tuple(time / 3600 for time in self.times)


def timeline(moments: Sequence[Moment], duration_s: int | None) -> Timeline:
    """Return the times of the moments: cues, interpolated between; else spread evenly; else the order.

    Cues of several parts start again in each, so they are not used. A cue below an earlier one is ignored.
    """
    cues = _ascending_cues(moments)
    if len(cues) >= 2 and cues[0][1] < cues[-1][1]:
        return Timeline(times=_interpolated(cues, len(moments), duration_s), basis="cues")
    if duration_s:
        step = duration_s / max(1, len(moments))
        return Timeline(times=tuple(step * index for index in range(len(moments))), basis="duration")
    return Timeline(times=tuple(map(float, range(len(moments)))), basis="order")


def _ascending_cues(moments: Sequence[Moment]) -> list[tuple[int, float]]:
    if len({moment.part for moment in moments}) > 1:
        return []
    cues: list[tuple[int, float]] = []
    for index, moment in enumerate(moments):
        if moment.cue_s is not None and (not cues or moment.cue_s >= cues[-1][1]):
            cues.append((index, float(moment.cue_s)))
    return cues


def _interpolated(cues: list[tuple[int, float]], count: int, duration_s: int | None) -> tuple[float, ...]:
    """Return a time per moment: from 0 to the first cue, between cues, and from the last one to the end."""
    (first, start), (last, end) = cues[0], cues[-1]
    anchors = [*cues] if first == 0 else [(0, 0.0), *cues]
    step = (end - start) / (last - first)
    finish = float(duration_s) if duration_s and duration_s > end else end + step * (count - last)
    anchors.append((count, finish))
    times: list[float] = []
    for (left, from_s), (right, to_s) in pairwise(anchors):
        times += (from_s + (to_s - from_s) * (index - left) / (right - left) for index in range(left, right))
    return tuple(times)
