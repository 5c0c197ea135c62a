"""When two providers say the same, when they contradict, and what that does to confidence."""

from collections.abc import Iterable
from typing import Any, Literal

from songnodes.domain.harmonic import fold_tempo, relation

Verdict = Literal["agree", "octave", "contradict", "different"]

BPM_TOLERANCE = 1.0
DURATION_TOLERANCE_MS = 2_000
MOST = 0.99


def compare(field: str, chosen: Any, other: Any) -> Verdict:
    """What another provider's value says of the chosen one.

    `octave`: tempi equal only after doubling or halving. `contradict`: one of both is wrong; only tempi and
    keys can be: a recording may have several ISRCs, lengths and labels. Keys that mix (a fifth apart, or
    relative) are what key finders confuse: different, but no contradiction.
    """
    if field == "bpm":
        if abs(chosen - other) <= BPM_TOLERANCE:
            return "agree"
        return "octave" if abs(fold_tempo(other, chosen) - chosen) <= BPM_TOLERANCE else "contradict"
    if field == "key":
        if chosen == other:
            return "agree"
        return "different" if relation(chosen, other).kind == "compatible" else "contradict"
    if field == "duration_ms":
        return "agree" if abs(chosen - other) <= DURATION_TOLERANCE_MS else "different"
    if field == "isrc":
        return "agree" if chosen == other else "different"
    return "different"


def combined(first: float, others: Iterable[float]) -> float:
    """The confidence of what independent witnesses agree on: 1 - (1-a)(1-b)..., raised to .99 at most."""
    doubt = 1 - first
    for confidence in others:
        doubt *= 1 - confidence
    return max(first, min(MOST, 1 - doubt))
