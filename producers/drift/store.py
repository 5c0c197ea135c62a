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

MAX_OBSERVATIONS = 700  # per subject: more than the window of a watch


class Store:
    """The tables, over the caller's connection and in the caller's transactions."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def take_turn(self) -> bool:
        """Return True if this connection holds the lock of the watch, from now until it closes."""
        return bool(self._rows("take_turn")[0]["pg_try_advisory_lock"])

    def observe(self, page: Observation) -> bool:
        """Store an observation; return False when this body was seen before."""
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
        """Return the newest observations of a subject since its last release, oldest first."""
        rows = self._rows("recent", {**subject._asdict(), "most": MAX_OBSERVATIONS})
        return [_observation(subject, row) for row in reversed(rows)]

    def forget(self, subject: Subject) -> None:
        """Delete observations outside the window of any watch."""
        self._run("forget", {**subject._asdict(), "most": MAX_OBSERVATIONS})

    def sequence_number(self, subject: Subject, page_id: str, sha256: str) -> int:
        """Return the position of a body in the order of observations; 0 if it was deleted."""
        values = {"page_id": page_id, "sha256": sha256, "parser_version": subject.parser_version}
        rows = self._rows("seq_of", values)
        return int(rows[0]["seq"]) if rows else 0

    def alarms(self) -> list[Alarm]:
        """Return all alarms, oldest first."""
        return [_alarm(row) for row in self._rows("alarms")]

    def keep(self, alarm: Alarm) -> None:
        """Insert an alarm, unless it exists."""
        subject = alarm.subject._asdict()
        self._run("alarm", {**asdict(alarm), **subject, "evidence": Jsonb(dict(alarm.evidence))})

    def mark_announced(self, alarm_id: str, at: datetime) -> None:
        """Record that the topic has an alarm."""
        self._run("announced", {"id": alarm_id, "at": at})

    def release(self, alarm_id: str, *, at: datetime, who: str, reason: str) -> None:
        """Close an alarm; one that is closed stays as it is."""
        self._run("release", {"id": alarm_id, "at": at, "who": who, "reason": reason})

    def accept(self, subject: Subject, since: int) -> None:
        """Accept observations from this position on as normal."""
        self._run("accept", {**subject._asdict(), "since": since})

    def holding(self, subject: Subject) -> tuple[str, ...]:
        """Return the open alarms that hold pages of a subject."""
        return tuple(row["id"] for row in self._rows("holding", subject._asdict()))

    def positions(self, topic: str) -> dict[int, int]:
        """Return the next offset per partition, where one is stored."""
        return {row["part"]: row["next_offset"] for row in self._rows("positions", {"topic": topic})}

    def store_positions(self, topic: str, positions: Mapping[int, int]) -> None:
        """Store the next offset per partition."""
        rows = [{"topic": topic, "part": part, "next_offset": offset} for part, offset in positions.items()]
        with self._connection.cursor() as cursor:
            cursor.executemany(_statement("move"), rows)

    def _rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_statement(name), values).fetchall()

    def _run(self, name: str, values: Mapping[str, Any]) -> None:
        self._connection.execute(_statement(name), values)


def last_release(alarms: Iterable[Alarm], subject: Subject) -> datetime | None:
    """Return the time of the last release of an alarm of a subject, None without one."""
    times = [alarm.released_at for alarm in alarms if alarm.subject == subject and alarm.released_at]
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
