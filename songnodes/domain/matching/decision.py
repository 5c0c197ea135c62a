"""Decision of a match, with all evidence."""

from dataclasses import dataclass
from typing import Literal

from songnodes.domain.matching.candidate import Candidate
from songnodes.domain.matching.gates import Gate
from songnodes.domain.matching.scores import Score

Class = Literal["exact", "strong", "medium", "none"]
Scope = Literal["recording", "variant"]
Method = Literal["id", "isrc", "text"]
Outcome = Literal["matched", "not_identified", "no_candidates", "rejected", "too_far", "ambiguous"]

#: The lowest score of each class.
CLASSES: tuple[tuple[float, Class], ...] = ((0.97, "exact"), (0.90, "strong"), (0.80, "medium"))
#: What a match of a class is worth; an id of the page or an ISRC counts like an exact one.
CONFIDENCE: dict[Class, float] = {"exact": 1.0, "strong": 0.95, "medium": 0.75, "none": 0.0}
#: Another variant of the recording lends these columns, at this share of the confidence; never ids, ISRC,
#: length or loudness.
LENT_BY_VARIANT = frozenset({"bpm", "key", "key_mode", "genres", "label"})
VARIANT_SHARE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One candidate: its gates, its score (None when a gate is closed), its class and scope."""

    candidate: Candidate
    method: Method
    gates: tuple[Gate, ...]
    score: Score | None
    match_class: Class
    scope: Scope

    @property
    def rejected_by(self) -> tuple[str, ...]:
        """The names of the gates that are closed."""
        return tuple(gate.name for gate in self.gates if not gate.passed)

    @property
    def total(self) -> float:
        """The score, 0 to 1."""
        return self.score.total if self.score else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The match, or why there is none. `judgements` are all candidates, the best first."""

    outcome: Outcome
    chosen: Judgement | None
    scope: Scope | None
    judgements: tuple[Judgement, ...]
    needs_review: bool

    @property
    def match(self) -> Candidate | None:
        """The candidate that matches."""
        return self.chosen.candidate if self.chosen else None

    @property
    def match_class(self) -> Class:
        """exact, strong, medium or none."""
        return self.chosen.match_class if self.chosen else "none"

    @property
    def confidence(self) -> float:
        """Return the confidence of a value taken from the match, 0 to 1."""
        share = VARIANT_SHARE if self.scope == "variant" else 1.0
        return CONFIDENCE[self.match_class] * share

    def lends(self, column: str) -> bool:
        """Return True if the match may supply a value for this column."""
        return self.chosen is not None and (self.scope == "recording" or column in LENT_BY_VARIANT)
