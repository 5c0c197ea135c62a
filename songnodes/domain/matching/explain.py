"""A decision in words, one line each."""

from collections.abc import Iterator

from songnodes.domain.matching.decision import Decision, Judgement

_OUTCOMES = {
    "matched": "matched",
    "not_identified": "none: the line does not identify a track",
    "no_candidates": "none: there was nothing to choose from",
    "rejected": "none: every candidate contradicts the line",
    "too_far": "none: no candidate is near enough",
    "ambiguous": "none: two different tracks fit equally well",
}


def explain(decision: Decision) -> Iterator[str]:
    """Yield the decision and, the best first, each candidate with its gates and score."""
    yield _headline(decision)
    for number, judgement in enumerate(decision.judgements, start=1):
        yield f"{number}. {_candidate(judgement)}"
        for gate in judgement.gates:
            yield f"     {'pass' if gate.passed else 'STOP'}  {gate.name}: {gate.why}"
        if judgement.score:
            yield f"     {judgement.match_class}, scope {judgement.scope}: {_parts(judgement)}"


def _headline(decision: Decision) -> str:
    text = _OUTCOMES[decision.outcome]
    if decision.chosen:
        text += f" ({decision.match_class}, by {decision.chosen.method}, scope {decision.scope}"
        text += f", confidence {_rounded(decision.confidence)})"
    return text + (", for review" if decision.needs_review else "")


def _candidate(judgement: Judgement) -> str:
    candidate = judgement.candidate
    mix = f" [{candidate.mix_name}]" if candidate.mix_name else ""
    return f"{candidate.provider}: {', '.join(candidate.artists) or '?'} - {candidate.name}{mix}"


def _parts(judgement: Judgement) -> str:
    score = judgement.score
    if score is None:
        return ""
    by_name = {"title": score.title, "artists": score.artists, "length": score.length}
    parts = ", ".join(f"{name} {_rounded(part)}" for name, part in by_name.items() if part is not None)
    return f"{score.total:.3f} ({parts})"


def _rounded(number: float) -> str:
    """Three decimals, as the thresholds have; a last zero is left out."""
    return f"{number:.3f}".removesuffix("0")
