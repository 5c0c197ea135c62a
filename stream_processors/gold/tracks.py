"""Counts per track: an entry per DJ, fed by silver.appearances, and one for the silver record."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypedDict, cast

from songnodes import __version__
from songnodes.domain import analytics, support
from songnodes.domain.claims import latest
from songnodes.domain.facts import NO_DJ
from songnodes.domain.records import Track, TrackFact
from songnodes.domain.support import Counts, DjEntry, PlaylistEntry
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, EntityState, Entries, Record, SchemaValues, Stage

SILVER = analytics.SILVER_PART.encode()


class Entry(TypedDict, total=False):
    """Playlists of a DJ, or the silver record: exactly one of them is present."""

    dj: DjEntry
    silver: analytics.TrackFacts


Changes = dict[bytes, Callable[[Entry | None], Entry]]


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
    dj = new["dj"]
    return {
        **sums,
        "counts": support.apply_entry(
            sums["counts"], part.decode(), old.get("dj") if old else None, dj, NO_DJ
        ),
        "last_observed_at": latest(sums["last_observed_at"], dj["observed_at"]),
    }


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    values = SchemaValues(
        {b"t": state_schemas("gold.tracks.total"), b"e": state_schemas("gold.tracks.entry")}
    )
    state = EntityState(stage.table("tracks", values), empty, fold)

    def emit(record: Record, track_id: str, applied: Applied[Sums], *, only_changes: bool = False) -> None:
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
        )

    @stage.agent("silver.appearances")
    def on_appearance(record: Record) -> None:
        """Apply the fact of one set: it replaces the earlier entry of the set for each of its DJs."""
        fact = cast(TrackFact, record.value)
        changes: Changes = {
            dj.encode(): partial(_replace_dj, fact, analytics.track_entry(fact, dj))
            for dj in (*fact["djs_live"], *fact["djs_gone"])
        }
        emit(record, fact["track_id"], state.apply(record, fact["track_id"], changes))

    @stage.agent("silver.tracks")
    def on_track(record: Record) -> None:
        """Apply the newest silver record of the track."""
        track = cast(Track, record.value)
        change = partial(_replace_silver, analytics.track_facts(track))
        applied = state.apply(record, track["track_id"], {SILVER: change})
        # most sets change no field of the track
        emit(record, track["track_id"], applied, only_changes=applied.is_new)


def _silver_signature(silver: analytics.TrackFacts | None) -> int:
    """Return a signature of the silver values in the gold record. Valid within one process only."""
    return hash(repr(silver and {**silver, "version": 0}))


def _replace_dj(fact: TrackFact, entry: PlaylistEntry, old: Entry | None) -> Entry:
    previous = old.get("dj") if old else None
    return {"dj": support.newer_entry(previous, fact["playlist_id"], entry, fact["observed_at"])}


def _replace_silver(track: analytics.TrackFacts, old: Entry | None) -> Entry:
    previous = old.get("silver") if old else None
    return {"silver": track if previous is None or track["version"] >= previous["version"] else previous}
