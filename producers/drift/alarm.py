"""Alarms: what stands in the table, and what is said of them in `bronze.decisions`."""

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
WATCH = "drift watch"  # who decides to hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A breach, on record. `since` is the place of its first page in the order of observations.

    `released_at` is set when somebody has looked: the pages are what they should be, or a newer parser is.
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
        """Whether nobody released it yet."""
        return self.released_at is None


def raised(breach: Breach, known: Iterable[Alarm], since: int, at: datetime) -> Alarm:
    """The alarm of a breach. Alarms of one measure are counted: the same breach seen again after a crash gets
    the same id, whichever page gives it away then."""
    number = 1 + sum(each.subject == breach.subject and each.measure == breach.measure for each in known)
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
    """The alarm as an event: pages of its subject are held from now on (or, a notice, are not)."""
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
    """Somebody has looked: its pages pass."""
    return _decision(alarm, RELEASE, None, author)


def restored(decision: Decision) -> Alarm:
    """The alarm that a hold tells of. Its observations are lost, so a later release begins with the next."""
    said = json.loads(decision["value"] or "{}")
    return Alarm(
        id=decision["subject_id"],
        subject=Subject(said["source"], said["kind"], said["parser_version"]),
        measure=decision["field"] or "",
        since=0,
        holds=said["holds"],
        evidence=said["evidence"],
        raised_at=decision["decided_at"],
        announced_at=decision["decided_at"],
    )


def summary(alarm: Alarm) -> str:
    """The alarm in one line."""
    seen = alarm.evidence
    return (
        f"{seen['meaning']}: {seen['usual']} of the newest {seen['pages']} pages, "
        f"{seen['expected']:.0%} before (of {seen['baseline']})"
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
