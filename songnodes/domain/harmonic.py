"""Harmonic mixing: relations of keys, tempo, and the ranking of candidates.

docs/domain.md, section 8. A missing key or tempo yields no recommendation, never a guess.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from songnodes.domain.keys import Key

Class = Literal["perfect", "compatible", "possible", "clash"]

MAX_BPM_DIFFERENCE = 6.0
MAX_PER_TRACK = 50

_SQRT_2 = math.sqrt(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """The move from one key to another. `cut_only`: too far apart to play over each other."""

    move: str
    kind: Class
    weight: float
    cut_only: bool = False


SAME = Relation(move="same", kind="perfect", weight=1.0)
RELATIVE = Relation(move="relative", kind="compatible", weight=0.90)
STEP = Relation(move="one step", kind="compatible", weight=0.85)
DIAGONAL = Relation(move="diagonal", kind="possible", weight=0.75)
ENERGY_UP = Relation(move="two steps up", kind="possible", weight=0.55)
ENERGY_DOWN = Relation(move="two steps down", kind="possible", weight=0.45)
PARALLEL = Relation(move="parallel", kind="possible", weight=0.45)
SEMITONE_UP = Relation(move="a semitone up", kind="possible", weight=0.35, cut_only=True)
CLASH = Relation(move="other", kind="clash", weight=0.0)

#: Steps along the wheel -> relation, within one mode and between the modes.
_SAME_MODE = {0: SAME, 1: STEP, 11: STEP, 2: ENERGY_UP, 10: ENERGY_DOWN, 7: SEMITONE_UP}
_OTHER_MODE = {0: RELATIVE, 1: DIAGONAL, 11: DIAGONAL}


def relation(current: Key, following: Key) -> Relation:
    """Return the relation of `following` after `current`. Not symmetric: up is not down."""
    steps = (following.number - current.number) % 12
    if current.mode == following.mode:
        return _SAME_MODE.get(steps, CLASH)
    if steps == (3 if current.mode == "minor" else 9):
        return PARALLEL
    return _OTHER_MODE.get(steps, CLASH)


def fold_tempo(bpm: float, reference: float) -> float:
    """Return `bpm` doubled or halved until the ratio to `reference` is in [1/√2, √2). Both are above 0."""
    octaves = math.floor(math.log2(bpm / reference) + 0.5)
    folded = math.ldexp(bpm, -octaves)
    if folded >= reference * _SQRT_2:
        return folded / 2
    return folded * 2 if folded < reference / _SQRT_2 else folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """The change of tempo to the next track, folded: in BPM and in percent of the current one."""

    difference: float
    percent: float

    @property
    def closeness(self) -> float:
        """Return 1 for equal tempi, 0 for 6 BPM and more."""
        return max(0.0, 1 - abs(self.difference) / MAX_BPM_DIFFERENCE)


def tempo_change(current: float, following: float) -> Tempo:
    """Return the change from `current` to `following` BPM, half and double tempo folded. Both above 0."""
    difference = fold_tempo(following, current) - current
    return Tempo(difference=difference, percent=100 * difference / current)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A track as a partner. `confidence` of key and tempo, 0 to 1."""

    track_id: str
    key: Key | None
    bpm: float | None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A recommendation, `score` 0 to 1."""

    track_id: str
    relation: Relation
    tempo: Tempo
    score: float


def match(current: Candidate, following: Candidate) -> Match | None:
    """Return the match of `following` after `current`; None for a clash, over 6 BPM, or missing data."""
    if current.track_id == following.track_id or not (current.key and following.key):
        return None
    if not (current.bpm and following.bpm):
        return None
    key_relation, tempo = relation(current.key, following.key), tempo_change(current.bpm, following.bpm)
    if key_relation is CLASH or abs(tempo.difference) > MAX_BPM_DIFFERENCE:
        return None
    value = key_relation.weight * tempo.closeness * following.confidence
    return Match(track_id=following.track_id, relation=key_relation, tempo=tempo, score=value)


def rank(
    current: Candidate, candidates: Iterable[Candidate], limit: int = MAX_PER_TRACK
) -> tuple[Match, ...]:
    """Return the best matches, best first; ties by track id, independent of the order of candidates."""
    matches = [result for candidate in candidates if (result := match(current, candidate))]
    matches.sort(key=lambda result: (-result.score, result.track_id))
    return tuple(matches[:limit])
