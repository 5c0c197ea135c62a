"""Counts per track: an entry per DJ, fed by silver.appearances, and one for the silver record."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypedDict, cast

from songnodes import __version__
from songnodes.domain import analytics, support
from songnodes.domain.claims import later
from songnodes.domain.facts import NO_DJ
from songnodes.domain.records import Track, TrackFact
from songnodes.domain.support import Counts, DjEntry, PlaylistEntry
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, AvroValues, EntityState, Entries, Record, Stage

SILVER = analytics.SILVER_PART.encode()


class Entry(TypedDict, total=False):
    """Of the two kinds one is there: a DJ's playlists, or the silver record."""

    dj: DjEntry
    silver: analytics.TrackFacts


Changes = dict[bytes, Callable[[Entry | None], Entry]]


class Sums(TypedDict):
    """The sums of one track."""

    counts: Counts
    silver: analytics.TrackFacts | None
    last_observed_at: datetime | None


def nothing() -> Sums:
    """The sums of a track that nobody played."""
    return {"counts": support.no_counts(), "silver": None, "last_observed_at": None}


def fold(sums: Sums, part: bytes, old: Entry | None, new: Entry, entries: Entries) -> Sums:
    """The sums after one entry changed."""
    if part == SILVER:
        return {**sums, "silver": new["silver"]}
    dj = new["dj"]
    return {
        **sums,
        "counts": support.move(sums["counts"], part.decode(), old.get("dj") if old else None, dj, NO_DJ),
        "last_observed_at": later(sums["last_observed_at"], dj["observed_at"]),
    }


def attach(stage: Stage) -> None:
    """Add the agents and the table."""
    values = AvroValues({b"t": state_schemas("gold.tracks.total"), b"e": state_schemas("gold.tracks.entry")})
    state = EntityState(stage.table("tracks", values), nothing, fold)

    def emit(record: Record, track_id: str, applied: Applied[Sums]) -> None:
        sums = applied.accumulators
        seen = sums["last_observed_at"] or record.value["observed_at"]
        stage.emit(
            "gold.tracks",
            track_id,
            analytics.track_analytics(
                track_id, applied.version, sums["counts"], sums["silver"], seen, __version__
            ),
        )

    @stage.agent("silver.appearances")
    def count(record: Record) -> None:
        """An absolute fact of one set: it replaces what each of its DJs said of that set before."""
        fact = cast(TrackFact, record.value)
        changes: Changes = {
            dj.encode(): partial(_replace, fact, analytics.track_entry(fact, dj))
            for dj in (*fact["djs_live"], *fact["djs_gone"])
        }
        emit(record, fact["track_id"], state.apply(record, fact["track_id"], changes))

    @stage.agent("silver.tracks")
    def describe(record: Record) -> None:
        """The newest silver record of the track."""
        track = cast(Track, record.value)
        change = partial(_newer, analytics.track_facts(track))
        applied = state.apply(record, track["track_id"], {SILVER: change})
        if applied.previous is None or _shown(applied.previous) != _shown(applied.accumulators):
            emit(record, track["track_id"], applied)  # most sets say of a track what was known


def _shown(sums: Sums) -> analytics.TrackFacts | None:
    """What the gold record shows of the silver one."""
    silver = sums["silver"]
    return silver and {**silver, "version": 0}


def _replace(fact: TrackFact, entry: PlaylistEntry, old: Entry | None) -> Entry:
    known = old.get("dj") if old else None
    return {"dj": support.replace(known, fact["playlist_id"], entry, fact["observed_at"])}


def _newer(track: analytics.TrackFacts, old: Entry | None) -> Entry:
    known = old.get("silver") if old else None
    return {"silver": track if known is None or track["version"] >= known["version"] else known}
