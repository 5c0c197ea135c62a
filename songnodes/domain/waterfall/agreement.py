"""Agreement and contradiction of provider values, and their effect on confidence."""

from collections.abc import Iterable
from typing import Any, Literal

from songnodes.domain.harmonic import fold_tempo, relation

Verdict = Literal["agree", "octave", "contradict", "different"]

BPM_TOLERANCE = 1.0
DURATION_TOLERANCE_MS = 2_000
MAX_COMBINED = 0.99


def compare(field: str, chosen: Any, candidate: Any) -> Verdict:
    """Compare the chosen value with another provider's.

    `octave`: tempi equal only after doubling or halving. `contradict`: one of both is wrong; this applies to
    tempi and keys only: a recording may have several ISRCs, lengths and labels. Keys that mix (a fifth apart,
    or relative) are confused by key finders: different, but no contradiction.
    """
    if field == "bpm":
        if abs(chosen - candidate) <= BPM_TOLERANCE:
            return "agree"
        return "octave" if abs(fold_tempo(candidate, chosen) - chosen) <= BPM_TOLERANCE else "contradict"
    if field == "key":
        if chosen == candidate:
            return "agree"
        return "different" if relation(chosen, candidate).kind == "compatible" else "contradict"
    if field == "duration_ms":
        return "agree" if abs(chosen - candidate) <= DURATION_TOLERANCE_MS else "different"
    if field == "isrc":
        return "agree" if chosen == candidate else "different"
    return "different"


def combined(first: float, agreeing: Iterable[float]) -> float:
    """Return the confidence of a value on which independent origins agree: 1 - (1-a)(1-b)..., at most .99."""
    doubt = 1 - first
    for confidence in agreeing:
        doubt *= 1 - confidence
    return max(first, min(MAX_COMBINED, 1 - doubt))
