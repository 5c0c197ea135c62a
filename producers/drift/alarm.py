"""Alarms: their rows, and their decisions in `bronze.decisions`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain import ids
from songnodes.domain.drift import Breach, Subject
from songnodes.domain.records import Decision

HOLD, RELEASE = "hold", "release"
#: Parts of the value of a hold, and their types in JSON.
_VALUE_TYPES = {"source": str, "kind": str, "parser_version": int, "holds": bool, "evidence": dict}
WATCH = "drift watch"  # the author of holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A recorded breach. `since` is the position of its first page in the order of observations.

    `released_at` is set after a review: the pages are right, or a newer parser reads them.
    """

    id: str
    subject: Subject
    measure: str
    since: int
    holds: bool
    evidence: Mapping[str, Any]
    raised_at: datetime
    announced_at: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None

    @property
    def open(self) -> bool:
        """Return True until the alarm is released."""
        return self.released_at is None


def from_breach(breach: Breach, earlier: Iterable[Alarm], since: int, at: datetime) -> Alarm:
    """Return the alarm of a breach. Alarms of one measure are numbered: the same breach detected again after
    a crash gets the same id, whichever page reveals it then."""
    number = 1 + sum(alarm.subject == breach.subject and alarm.measure == breach.measure for alarm in earlier)
    return Alarm(
        id=f"{breach.subject}:{breach.measure}:{number}",
        subject=breach.subject,
        measure=breach.measure,
        since=since,
        holds=breach.holds,
        evidence={
            "meaning": breach.meaning,
            "usual": breach.usual,
            "pages": breach.pages,
            "expected": round(breach.expected, 4),
            "baseline": breach.baseline,
            "chance": breach.chance,
            "examples": list(breach.examples),
            "details": list(breach.details),
        },
        raised_at=at,
    )


def hold(alarm: Alarm) -> Decision:
    """Return the decision of an alarm: pages of its subject are held from now on (not for a notice)."""
    value = {
        "source": alarm.subject.source,
        "kind": alarm.subject.kind,
        "parser_version": alarm.subject.parser_version,
        "holds": alarm.holds,
        "evidence": alarm.evidence,
    }
    author = Author(name=WATCH, reason=summary(alarm), at=alarm.raised_at)
    return _decision(alarm, HOLD, json.dumps(value, ensure_ascii=False, sort_keys=True), author)


def release(alarm: Alarm, author: Author) -> Decision:
    """Return the decision that ends an alarm after a review: its pages pass."""
    return _decision(alarm, RELEASE, None, author)


def from_decision(decision: Decision) -> Alarm:
    """Return the alarm of a hold. Its observations are lost, so a later release begins with the next.

    Raises TypeError, ValueError or LookupError for a record that is no hold of this watch.
    """
    value = json.loads(decision["value"] or "{}")
    for name, kind in _VALUE_TYPES.items():
        if type(value[name]) is not kind:
            raise TypeError(f"{name} is of type {type(value[name]).__name__}")
    alarm = Alarm(
        id=decision["subject_id"],
        subject=Subject(value["source"], value["kind"], value["parser_version"]),
        measure=decision["field"] or "",
        since=0,
        holds=value["holds"],
        evidence=value["evidence"],
        raised_at=decision["decided_at"],
        announced_at=decision["decided_at"],
    )
    summary(alarm)
    return alarm


def summary(alarm: Alarm) -> str:
    """Return the alarm in one line."""
    evidence = alarm.evidence
    return (
        f"{evidence['meaning']}: {evidence['usual']} of the newest {evidence['pages']} pages, "
        f"{evidence['expected']:.0%} before (of {evidence['baseline']})"
    )


def _decision(alarm: Alarm, kind: str, value: str | None, author: Author) -> Decision:
    decision_id = ids.event_id("decision", alarm.id, kind)
    return decisions.build(
        author,
        decision_id=decision_id,
        event_id=ids.event_id("said", decision_id, author.name, author.reason, author.at.isoformat()),
        subject_id=alarm.id,
        kind=kind,
        field=alarm.measure,
        value=value,
        source="person" if kind == RELEASE else "watch",
        parser_version=alarm.subject.parser_version,
    )
