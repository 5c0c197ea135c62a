"""Observations, alarms and positions in PostgreSQL."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from producers.drift.alarm import Alarm
from songnodes import sql
from songnodes.domain.drift import Observation, Share, Subject
from songnodes.postgres_text import storable, storable_text

REMEMBERED = 700  # observations of a subject: more than a watch looks back


class Store:
    """The tables, over a connection of the caller's: its transactions are the caller's too."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def take_turn(self) -> bool:
        """Whether this connection is the one that watches, from now until it closes."""
        return bool(self._rows("take_turn")[0]["pg_try_advisory_lock"])

    def observe(self, page: Observation) -> bool:
        """Keep an observation; False when this body was seen before."""
        values = {
            **page.subject._asdict(),
            "page_id": page.page_id,
            "sha256": page.sha256,
            "failure": page.failure,
            "kept": Jsonb(storable(dict(page.kept))),
            "fields": Jsonb(storable({path: list(share) for path, share in page.fields.items()})),
            "structure": sorted(map(storable_text, page.structure)),
        }
        return bool(self._rows("observe", values))

    def recent(self, subject: Subject) -> list[Observation]:
        """The newest observations of a subject since its last release, oldest first."""
        rows = self._rows("recent", {**subject._asdict(), "most": REMEMBERED})
        return [_observation(subject, row) for row in reversed(rows)]

    def forget(self, subject: Subject) -> None:
        """Delete what no watch will look at again."""
        self._run("forget", {**subject._asdict(), "most": REMEMBERED})

    def place(self, subject: Subject, page_id: str, sha256: str) -> int:
        """Where a body stands in the order of observations; 0 when it is forgotten."""
        values = {"page_id": page_id, "sha256": sha256, "parser_version": subject.parser_version}
        rows = self._rows("seq_of", values)
        return int(rows[0]["seq"]) if rows else 0

    def alarms(self) -> list[Alarm]:
        """All alarms ever raised, oldest first."""
        return [_alarm(row) for row in self._rows("alarms")]

    def keep(self, alarm: Alarm) -> None:
        """Write an alarm, unless it is there."""
        subject = alarm.subject._asdict()
        self._run("alarm", {**asdict(alarm), **subject, "evidence": Jsonb(dict(alarm.evidence))})

    def announced(self, alarm_id: str, at: datetime) -> None:
        """Note that the topic has an alarm."""
        self._run("announced", {"id": alarm_id, "at": at})

    def release(self, alarm_id: str, *, at: datetime, who: str, reason: str) -> None:
        """Close an alarm; one that is closed stays as it is."""
        self._run("release", {"id": alarm_id, "at": at, "who": who, "reason": reason})

    def accept(self, subject: Subject, since: int) -> None:
        """Take observations from this place on as usual."""
        self._run("accept", {**subject._asdict(), "since": since})

    def holding(self, subject: Subject) -> tuple[str, ...]:
        """The open alarms that hold pages of a subject."""
        return tuple(row["id"] for row in self._rows("holding", subject._asdict()))

    def positions(self, topic: str) -> dict[int, int]:
        """Next offset per partition, where one is known."""
        return {row["part"]: row["next_offset"] for row in self._rows("positions", {"topic": topic})}

    def move(self, topic: str, positions: Mapping[int, int]) -> None:
        """Continue from there."""
        rows = [{"topic": topic, "part": part, "next_offset": offset} for part, offset in positions.items()]
        with self._connection.cursor() as cursor:
            cursor.executemany(_statement("move"), rows)

    def _rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_statement(name), values).fetchall()

    def _run(self, name: str, values: Mapping[str, Any]) -> None:
        self._connection.execute(_statement(name), values)


def released(alarms: Iterable[Alarm], subject: Subject) -> datetime | None:
    """When an alarm of a subject was released last."""
    times = [each.released_at for each in alarms if each.subject == subject and each.released_at]
    return max(times, default=None)


def _statement(name: str) -> Any:
    return sql.query("producers", "drift", name)


def _observation(subject: Subject, row: Mapping[str, Any]) -> Observation:
    return Observation(
        subject=subject,
        page_id=row["page_id"],
        sha256=row["sha256"],
        failure=row["failure"],
        kept=row["kept"],
        fields={path: Share(*share) for path, share in row["fields"].items()},
        structure=frozenset(row["structure"]),
    )


def _alarm(row: Mapping[str, Any]) -> Alarm:
    subject = Subject(row["source"], row["kind"], row["parser_version"])
    rest = {name: value for name, value in row.items() if name not in Subject._fields}
    return Alarm(subject=subject, **rest)
