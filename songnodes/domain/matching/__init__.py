"""Matching of a provider's results with a requested track: `decide`, one pure function.

Gates before score (`gates`), a score (`scores`), a class, and a scope: the recording itself, or another
variant of it, which lends tempo, key, genres and label and nothing else. The decision carries all that led to
it; `explain` puts it into words. The rules are in docs/identity.md.
"""

from collections.abc import Sequence

from songnodes.domain.matching.candidate import Candidate, RequestedTrack
from songnodes.domain.matching.decision import CLASSES, Class, Decision, Judgement, Method, Scope
from songnodes.domain.matching.explain import explain
from songnodes.domain.matching.gates import (
    OTHER_LENGTH_MS,
    SAME_LENGTH,
    SAME_LENGTH_MS,
    Gate,
    Side,
    gates,
    length_apart,
    same_variant,
    version_agreement,
)
from songnodes.domain.matching.scores import Score, doubts, score

__all__ = [
    "Candidate",
    "Decision",
    "Gate",
    "Judgement",
    "RequestedTrack",
    "decide",
    "explain",
    "same_recording",
]

#: A runner-up nearer than this that is another track leaves the question open.
MARGIN = 0.05
#: With so many parts left out on one side no id is written.
TOO_MANY_DOUBTS = 2
#: Without artists a title alone is never more than this.
TITLE_ALONE: Class = "medium"


def decide(requested: RequestedTrack, candidates: Sequence[Candidate]) -> Decision:
    """Return the candidate that is this track, or none; the order of the candidates has no effect."""
    if requested.line.status != "identified":
        return Decision(outcome="not_identified", chosen=None, scope=None, judgements=(), needs_review=False)
    if not candidates:
        return Decision(outcome="no_candidates", chosen=None, scope=None, judgements=(), needs_review=False)
    ours = Side.of(requested.line, duration_ms=requested.duration_ms)
    sides = [(candidate, _side(candidate)) for candidate in candidates]
    ranked = sorted(
        ((_judge(requested, ours, candidate, side), side) for candidate, side in sides),
        key=lambda pair: _rank(pair[0], ours, pair[1]),
    )
    judgements = tuple(judgement for judgement, _ in ranked)
    contradicted = any(
        judgement.method != "text" and judgement.rejected_by for judgement in judgements
    )  # an id that points to another version: for review
    fits = [pair for pair in ranked if pair[0].match_class != "none"]
    if not fits:
        tried = any(not judgement.rejected_by for judgement in judgements)
        return Decision(
            outcome="too_far" if tried else "rejected",
            chosen=None,
            scope=None,
            judgements=judgements,
            needs_review=contradicted,
        )
    return _choose(fits, judgements, contradicted)


def _choose(
    fits: list[tuple[Judgement, Side]], judgements: tuple[Judgement, ...], contradicted: bool
) -> Decision:
    (best, side), *rest = fits
    near = [
        (judgement, theirs)
        for judgement, theirs in rest
        if judgement.method == best.method and best.total - judgement.total < MARGIN
    ]
    if any(not _one_track(side, theirs) for _, theirs in near):
        return Decision(
            outcome="ambiguous", chosen=None, scope=None, judgements=judgements, needs_review=True
        )
    rivals = [theirs for judgement, theirs in near if judgement.scope == "recording"]
    unsure = best.method == "text" and any((length_apart(side, r) or 0) > OTHER_LENGTH_MS for r in rivals)
    scope: Scope = "variant" if unsure else best.scope  # one track, but it is unknown which copy
    return Decision(
        outcome="matched", chosen=best, scope=scope, judgements=judgements, needs_review=contradicted
    )


def same_recording(one: RequestedTrack, other: RequestedTrack) -> tuple[bool, tuple[Gate, ...]]:
    """Return True if two lines with one ISRC are one recording, and the gates.

    Every gate must pass, and lengths be within 2 seconds where both are known (docs/domain.md, section 11).
    Symmetric.
    """
    ours, theirs = (Side.of(side.line, duration_ms=side.duration_ms) for side in (one, other))
    checked = tuple(gates(ours, theirs))
    apart = length_apart(ours, theirs)
    return all(gate.passed for gate in checked) and (apart is None or apart <= SAME_LENGTH_MS), checked


def _side(candidate: Candidate) -> Side:
    return Side.of(
        candidate.read(),
        duration_ms=candidate.duration_ms,
        variant=candidate.variant,
        remixers=candidate.remixers,
        artists_complete=candidate.artists_complete,
    )


def _method(requested: RequestedTrack, candidate: Candidate) -> Method:
    if any(requested.ids.get(column) == value for column, value in candidate.ids.items()):
        return "id"
    return "isrc" if requested.isrc and requested.isrc == candidate.isrc else "text"


def _judge(requested: RequestedTrack, ours: Side, candidate: Candidate, theirs: Side) -> Judgement:
    method = _method(requested, candidate)
    checked = tuple(gates(ours, theirs, names_known=method != "id"))
    open_ = all(gate.passed for gate in checked)
    ours, theirs = ours.named_by(theirs.remixers), theirs.named_by(theirs.remixers)
    scored = score(ours, theirs) if open_ else None
    return Judgement(
        candidate=candidate,
        method=method,
        gates=checked,
        score=scored,
        match_class=_class(method, scored),
        scope=_scope(ours, theirs),
    )


def _class(method: Method, scored: Score | None) -> Class:
    if scored is None:
        return "none"
    if method != "text":
        return "exact"
    reached: Class = next((name for least, name in CLASSES if scored.total >= least), "none")
    return TITLE_ALONE if scored.artists is None and reached != "none" else reached


def _scope(ours: Side, theirs: Side) -> Scope:
    apart = length_apart(ours, theirs)
    alike = same_variant(ours, theirs)
    telling = alike or not SAME_LENGTH.intersection((ours.variant, theirs.variant))
    if apart is not None and apart <= SAME_LENGTH_MS and telling:
        return "recording"
    if apart is not None and apart > OTHER_LENGTH_MS:
        return "variant"
    whole = version_agreement(ours, theirs) == "whole"  # else it may be another mix of the same remixer
    sure = whole and len(doubts(ours, theirs)) < TOO_MANY_DOUBTS
    return "recording" if sure and alike else "variant"


def _rank(judgement: Judgement, ours: Side, theirs: Side) -> tuple[object, ...]:
    apart = length_apart(ours, theirs)
    candidate = judgement.candidate
    return (
        judgement.match_class == "none",
        ("id", "isrc", "text").index(judgement.method),
        -judgement.total,
        judgement.scope != "recording",
        OTHER_LENGTH_MS if apart is None else apart,
        candidate.provider,
        sorted(candidate.ids.items()),
        candidate.name,
        candidate.mix_name or "",
        candidate.artists,
    )


def _one_track(one: Side, other: Side) -> bool:
    """Return True if two candidates are copies of one track, and so no rivals."""
    return all(gate.passed for gate in gates(one, other)) and score(one, other).title >= CLASSES[0][0]
