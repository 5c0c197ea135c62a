"""Transitions of a set, and the composed score of its flow with the coverage of each part."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from songnodes.domain import harmonic
from songnodes.domain.keys import Key
from songnodes.domain.records import FlowPart
from songnodes.domain.set_analytics.curves import MIN_COVERAGE
from songnodes.domain.set_analytics.moments import Moment

#: Share of a part in the flow score; parts left out give theirs to the others.
WEIGHTS: Mapping[str, float] = {"key": 0.7, "tempo": 0.3}
SCORE_DECIMALS = 4
CLASH_MOVE = "clash"

_KEYS = [Key(number=number, mode=mode) for number in range(1, 13) for mode in ("minor", "major")]
#: Relation of each ordered pair of Camelot codes.
_RELATIONS = {(a.camelot, b.camelot): harmonic.relation(a, b) for a in _KEYS for b in _KEYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Change from a moment to the next one of the same part, None where a side is unknown."""

    relation: harmonic.Relation | None
    bpm_change: float | None

    @property
    def move(self) -> str | None:
        """Return the name of the harmonic move, as in the table harmonic_moves, or clash."""
        if self.relation is None:
            return None
        return CLASH_MOVE if self.relation is harmonic.CLASH else self.relation.move


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Score of the flow, 0 to 1, with its parts; None where the keys are too rarely known."""

    score: float | None
    parts: Mapping[str, FlowPart]


def transitions(moments: Sequence[Moment], tempi: Sequence[float | None]) -> list[Transition | None]:
    """Return the transition from each moment to the next; None at the end of a part.

    `tempi` are those of the moments in one octave: 61 to 123 BPM is a change by 1, not by 0.5.
    """
    changes: list[Transition | None] = [
        Transition(
            relation=_RELATIONS[here.camelot, there.camelot] if here.camelot and there.camelot else None,
            bpm_change=harmonic.tempo_change(tempo, following).difference if tempo and following else None,
        )
        if there.part == here.part
        else None
        for (here, there), (tempo, following) in zip(pairwise(moments), pairwise(tempi), strict=True)
    ]
    return [*changes, None] if moments else []


def relation_counts(changes: Sequence[Transition]) -> dict[str, int]:
    """Return the number of transitions by class: perfect, compatible, possible, clash."""
    return dict(Counter(change.relation.kind for change in changes if change.relation is not None))


def longest_same_key_run(moments: Sequence[Moment]) -> int | None:
    """Return the most moments in a row with one key; None without keys. An unknown key ends a run."""
    longest = length = 0
    previous: Moment | None = None
    for moment in moments:
        is_same = previous is not None and (previous.part, previous.camelot) == (moment.part, moment.camelot)
        length = 0 if moment.camelot is None else length + 1 if is_same else 1
        longest = max(longest, length)
        previous = moment
    return longest or None


def flow(changes: Sequence[Transition]) -> Flow:
    """Return the score: weights of the moves, and closeness of the tempi, each over its transitions."""
    moves = [change.relation.weight for change in changes if change.relation is not None]
    tempi = [_closeness(change.bpm_change) for change in changes if change.bpm_change is not None]
    values = {"key": moves, "tempo": tempi}
    parts = {name: _part(values[name], weight, len(changes)) for name, weight in WEIGHTS.items()}
    if parts["key"]["score"] is None:
        return Flow(score=None, parts=parts)
    used = [(part["score"], part["weight"]) for part in parts.values() if part["score"] is not None]
    total = sum(score * weight for score, weight in used) / sum(weight for _, weight in used)
    return Flow(score=round(total, SCORE_DECIMALS), parts=parts)


def _part(values: Sequence[float], weight: float, transition_count: int) -> FlowPart:
    share = len(values) / transition_count if transition_count else 0.0
    score = statistics.fmean(values) if values and share >= MIN_COVERAGE else None
    return {
        "score": None if score is None else round(score, SCORE_DECIMALS),
        "weight": weight,
        "coverage": round(share, SCORE_DECIMALS),
    }


def _closeness(change: float) -> float:
    return max(0.0, 1 - abs(change) / harmonic.MAX_BPM_DIFFERENCE)
