"""Grading: status and score from checks (docs/domain.md, section 6)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any, Literal

import msgspec

from songnodes import yaml_text
from songnodes.domain.records import Check, Quality

Status = Literal["validated", "warning", "needs_review", "rejected"]
Band = Literal["excellent", "good", "needs improvement"]

COMPLETENESS_SHARE = 0.4
CONFIDENCE_SHARE = 0.4
VALIDATION_SHARE = 0.2

EXCELLENT = 0.9
GOOD = 0.7

#: Below this validation a record needs review.
MIN_VALIDATION = 0.8

DECIMALS = 3
_EMPTY: tuple[object, ...] = ("", [], (), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Weight of a check and the effect of its failure."""

    weight: float
    required: bool = False
    review: bool = False


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The rules for one kind of record, and the fields that make it complete."""

    checks: Mapping[str, Rule]
    fields: tuple[str, ...] = ()

    def check(self, name: str, passed: bool, note: str | None = None) -> Check:
        """Return the verdict of one check; the note describes a failure only."""
        if passed:
            return self._passed[name]
        rule = self.checks[name]
        return {
            "name": name,
            "passed": False,
            "weight": rule.weight,
            "required": rule.required,
            "note": note,
        }

    def verdicts(self, names: Iterable[str], failed: Mapping[str, str | None]) -> tuple[Check, ...]:
        """Return the verdicts of checks in this order; `failed` are the notes on those that fail."""
        if not failed:
            return tuple([self._passed[name] for name in names])
        return tuple(self.check(name, name not in failed, failed.get(name)) for name in names)

    def grade(self, checks: Sequence[Check]) -> "Graded":
        """Grade the verdicts by this subject's rules."""
        return grade(checks, review=self._review)

    @cached_property
    def _review(self) -> frozenset[str]:
        return frozenset(name for name, rule in self.checks.items() if rule.review)

    @cached_property
    def _passed(self) -> Mapping[str, Check]:
        """The verdicts of checks that pass, which nearly all do: no reader changes one."""
        return {
            name: {
                "name": name,
                "passed": True,
                "weight": rule.weight,
                "required": rule.required,
                "note": None,
            }
            for name, rule in self.checks.items()
        }


def _load(text: str) -> Mapping[str, Subject]:
    return {
        name: Subject(
            checks={check: Rule(**rule) for check, rule in subject["checks"].items()},
            fields=tuple(subject.get("fields", ())),
        )
        for name, subject in yaml_text.load(text).items()
    }


SUBJECTS = _load(resources.files(__package__).joinpath("quality.yaml").read_text("utf-8"))


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts together: `validation` is the share of weight passed, 0 to 1."""

    validation: float
    status: Status
    checks: tuple[Check, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts and scores of a record."""

    quality: Quality
    status: Status
    checks: tuple[Check, ...]


def grade(checks: Sequence[Check], *, review: Collection[str] = ()) -> Graded:
    """Return validation and status of verdicts; `review` names checks whose failure a person must see.

    No checks at all: 1.0 and validated.
    """
    failed = [check for check in checks if not check["passed"]]
    if not failed:
        return Graded(validation=1.0, status="validated", checks=tuple(checks))
    total = sum(check["weight"] for check in checks)
    passed = sum(check["weight"] for check in checks if check["passed"])
    validation = passed / total if total else 1.0
    status: Status = "warning"
    if any(check["required"] for check in failed):
        status = "rejected"
    elif validation < MIN_VALIDATION or any(check["name"] in review for check in failed):
        status = "needs_review"
    return Graded(validation=validation, status=status, checks=tuple(checks))


def score(completeness: float, confidence: float, validation: float) -> float:
    """Return the quality score, 0 to 1, computed unrounded and rounded to 3 decimals."""
    weighted = (
        completeness * COMPLETENESS_SHARE + confidence * CONFIDENCE_SHARE + validation * VALIDATION_SHARE
    )
    return round(weighted, DECIMALS)


def band(stored: float) -> Band:
    """Return the band of a stored score."""
    if stored >= EXCELLENT:
        return "excellent"
    return "good" if stored >= GOOD else "needs improvement"


def is_filled(value: Any) -> bool:
    """Return True if a field has a value: 0 and False are values, empty texts and lists are not."""
    return value is not None and value not in _EMPTY


def completeness(values: Mapping[str, Any], fields: Sequence[str]) -> float:
    """Return the share of the named fields that are filled; 0 for no fields."""
    if not fields:
        return 0.0
    filled = [value for value in map(values.get, fields) if value is not None and value not in _EMPTY]
    return len(filled) / len(fields)


def mean_confidence(confidences: Iterable[float]) -> float:
    """Return the mean over the fields that have a value; 0 if there are none."""
    values = list(confidences)
    return sum(values) / len(values) if values else 0.0


def judge(graded: Graded, *, completeness: float, confidence: float) -> Judged:
    """Combine verdicts and scores."""
    quality: Quality = {
        "completeness": completeness,
        "confidence": confidence,
        "validation": graded.validation,
        "score": score(completeness, confidence, graded.validation),
    }
    return Judged(quality=quality, status=graded.status, checks=graded.checks)
