"""Counts per track: entries per DJ (`plays`), fed by silver.appearances, and one for the silver record."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, cast

from songnodes import __version__
from songnodes.domain import analytics, support
from songnodes.domain.claims import latest
from songnodes.domain.gold_inputs import TrackPlays, TrackValues
from songnodes.domain.signatures import signature
from songnodes.domain.support import Counts, DjEntry
from songnodes.messaging.schemas import state_schemas
from stream_processors.gold import plays
from stream_processors.runtime import (
    Applied,
    EntityState,
    Entries,
    Record,
    SchemaValues,
    Stage,
    Subtotals,
)

SILVER = analytics.SILVER_PART.encode()


class Entry(TypedDict, total=False):
    """Playlists of a DJ, or the silver record: exactly one of them is present."""

    dj: DjEntry
    silver: analytics.TrackFacts


class Sums(TypedDict):
    """Sums of one track."""

    counts: Counts
    silver: analytics.TrackFacts | None
    last_observed_at: datetime | None


def empty() -> Sums:
    """Return the sums of a track without plays."""
    return {"counts": support.empty(), "silver": None, "last_observed_at": None}


def fold(sums: Sums, part: bytes, old: Entry | None, new: Entry, entries: Entries) -> Sums:
    """Return the sums after one entry changed."""
    if part == SILVER:
        return {**sums, "silver": new["silver"]}
    return {
        **sums,
        "counts": plays.fold(sums["counts"], part, old.get("dj") if old else None, new["dj"]),
        "last_observed_at": latest(sums["last_observed_at"], new["dj"]["observed_at"]),
    }


def fold_group(sums: Sums, group: bytes, before: Mapping[str, int], after: Mapping[str, int]) -> Sums:
    """Return the sums after the counts of a group of entries changed."""
    return {**sums, "counts": plays.fold_group(sums["counts"], group, before, after)}


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    values = SchemaValues(
        {
            b"t": state_schemas("gold.tracks.total"),
            b"s": state_schemas("gold.subtotal"),
            b"e": state_schemas("gold.tracks.entry"),
        }
    )
    subtotals = Subtotals(mark=plays.NUL, counts=plays.group_counts, fold=fold_group)
    state = EntityState(stage.table("tracks", values), empty, fold, subtotals)

    def emit(
        record: Record, track_id: str, applied: Applied[Sums], *, can_wait: bool, only_changes: bool = False
    ) -> None:
        sums = applied.accumulators
        observed_at = sums["last_observed_at"] or record.value["observed_at"]
        stage.emit(
            "gold.tracks",
            track_id,
            partial(
                analytics.track_analytics,
                *(track_id, applied.version, sums["counts"], sums["silver"], observed_at, __version__),
            ),
            shown=partial(_silver_signature, sums["silver"]),
            only_changes=only_changes,
            can_wait=can_wait,
        )

    @stage.agent("silver.appearances")
    def on_appearance(record: Record) -> None:
        """Apply the fact of one set: it replaces the earlier entry of the set for each of its DJs."""
        fact = cast(TrackPlays, record.value)
        applied = state.update(record, fact["track_id"], partial(_plan, fact))
        emit(record, fact["track_id"], applied, can_wait=stage.is_busy)

    @stage.agent("silver.tracks")
    def on_track(record: Record) -> None:
        """Apply the newest silver record of the track."""
        track = cast(TrackValues, record.value)
        change = partial(_replace_silver, analytics.track_facts(track))
        applied = state.apply(record, track["track_id"], {SILVER: change})
        # most sets change no field of the track; its values were late already, plays are not
        emit(record, track["track_id"], applied, can_wait=True, only_changes=applied.is_new)


def _silver_signature(silver: analytics.TrackFacts | None) -> int:
    """Return a signature of the silver values in the gold record. Valid within one process only."""
    return signature(silver and {**silver, "version": 0})


def _plan(fact: TrackPlays, read: plays.Read) -> Mapping[bytes, Any]:
    djs = (*fact["djs_live"], *fact["djs_gone"])
    entries = [(dj, analytics.track_entry(fact, dj)) for dj in djs]
    return plays.plan(read, entries, fact["playlist_id"], fact["observed_at"])


def _replace_silver(track: analytics.TrackFacts, old: Entry | None) -> Entry:
    previous = old.get("silver") if old else None
    return {"silver": track if previous is None or track["version"] >= previous["version"] else previous}
