"""Ingestion of records into the tables, with a mark on everything they may change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import Message

from songnodes.domain.records import Attempt, Decision, Playlist, SilverEvent
from songnodes.messaging.log_offsets import Partition
from stream_processors.resolver import inputs
from stream_processors.resolver.store import Row, Store

PLAYLISTS = "silver.playlists"
DECISIONS = "bronze.decisions"
#: Announcements of Resident Advisor, the newest page of each event; they contain no output of the resolver.
EVENTS = "silver.events"
ANSWERS = "bronze.enrichments"
INPUTS = (PLAYLISTS, DECISIONS, EVENTS, ANSWERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRecord:
    """A decoded record. `topic` is its logical name; `partition` is its partition on the broker.

    A tombstone, which only answers have, has an empty value.
    """

    topic: str
    value: dict[str, Any]
    partition: Partition | None = None
    offset: int = 0
    message: Message | None = None
    key: str = ""


def ingest_records(store: Store, records: Sequence[InputRecord]) -> None:
    """Ingest records in the caller's transaction. Versions older than the stored ones are skipped."""
    values = {topic: [record.value for record in records if record.topic == topic] for topic in INPUTS}
    _ingest_decisions(store, cast(list[Decision], values[DECISIONS]))
    _ingest_events(store, cast(list[SilverEvent], values[EVENTS]))
    _ingest_playlists(store, cast(list[Playlist], values[PLAYLISTS]))
    _ingest_answers(store, [record for record in records if record.topic == ANSWERS])


def _ingest_playlists(store: Store, records: Iterable[Playlist]) -> None:
    newest = {
        record["playlist_id"]: record for record in sorted(records, key=lambda record: record["version"])
    }
    versions = [{"playlist_id": name, "version": record["version"]} for name, record in newest.items()]
    newer = [row["playlist_id"] for row in store.put("facts", "newer_playlists", versions)]
    if not newer:
        return
    playlists = [newest[name] for name in newer]
    sightings = [row for playlist in playlists for row in inputs.sighting_rows(playlist)]
    stored = store.rows("facts", "held_sightings", playlists=newer)
    store.execute("facts", "mark_neighbours", playlists=newer)
    store.put("facts", "take_playlists", map(inputs.playlist_row, playlists))
    if changed := _changed(stored, sightings):
        store.execute("facts", "drop_sightings", playlists=newer)
        store.put("facts", "take_sightings", sightings)
        store.put("facts", "take_claims", _smallest(playlists))
    _mark(store, "playlist", newer)
    _mark(store, "claim", {row["claim_id"] for row in changed})
    _mark(store, "id", {name for row in changed for name in row["ids"]})


def _smallest(playlists: Iterable[Playlist]) -> list[Row]:
    """Return the smallest profile of each claim, as `take_claims` does: batches must make no difference."""
    profiles = [row for playlist in playlists for row in inputs.claim_rows(playlist)]
    profiles.sort(key=lambda row: tuple(row.values()), reverse=True)
    return list({row["claim_id"]: row for row in profiles}.values())


def _changed(stored: Iterable[Row], sightings: Iterable[Row]) -> list[Row]:
    """Return the sightings that were added or removed."""
    before = {(row["playlist_id"], *inputs.sighting_key(row)): row for row in stored}
    after = {(row["playlist_id"], *inputs.sighting_key(row)): row for row in sightings}
    return [(before.get(key) or after[key]) for key in before.keys() ^ after.keys()]


def _ingest_answers(store: Store, records: Iterable[InputRecord]) -> None:
    newest = {record.key: cast(Attempt, record.value) for record in records}
    if not newest:
        return
    rows = [row for attempt in newest.values() if attempt and (row := inputs.answer_row(attempt))]
    stored = {row["answer_key"]: row for row in store.rows("facts", "stored_answers", answers=sorted(newest))}
    after = {row["answer_key"]: row for row in rows if row["answer_key"] in newest}
    changed = [
        row
        for key in stored.keys() | after.keys()
        if stored.get(key) != after.get(key)
        for row in (stored.get(key), after.get(key))
        if row is not None
    ]
    store.execute("facts", "drop_answers", answers=sorted(newest))
    store.put("facts", "take_answers", after.values())
    _mark(store, "claim", {row["claim_id"] for row in changed})
    _mark(store, "id", {name for row in changed for name in row["ids"]})


def _ingest_decisions(store: Store, records: Iterable[Decision]) -> None:
    rows = filter(None, map(inputs.decision_row, records))
    newest = {row["decision_id"]: row for row in sorted(rows, key=lambda row: str(row["rank"]))}
    before = store.rows("facts", "decided_claims", decisions=list(newest)) if newest else []
    store.put("facts", "take_decisions", newest.values())
    # a decision may have been about other claims before: those change too
    concerned = {row[end] for row in (*before, *newest.values()) for end in ("claim_a", "claim_b")}
    _mark(store, "claim", concerned - {None})


def _ingest_events(store: Store, records: Iterable[SilverEvent]) -> None:
    newest = {
        record["ra_event_id"]: record for record in sorted(records, key=lambda record: record["version"])
    }
    if newest:
        store.execute("facts", "mark_played_at", events=list(newest))
        store.put("facts", "take_events", map(inputs.event_row, newest.values()))
        store.execute("facts", "mark_played_at", events=list(newest))


def _mark(store: Store, kind: str, names: Iterable[str]) -> None:
    store.put("facts", "mark", ({"kind": kind, "name": name} for name in sorted(names)))
