"""merge for tracks: silver.appearances, bronze.decisions -> silver.tracks, enrichment.requests.

State per track: the distinct claims with their counts, the first appearance, the decisions of operators.
"""

from functools import cache, partial
from typing import TypedDict, cast

from songnodes import __version__
from songnodes.domain import claims, overrides, tracks
from songnodes.domain.claims import DecisionEntry, SetEntry, TrackTotal
from songnodes.domain.records import Decision, TrackFact
from songnodes.errors import Poison
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, EntityState, Entries, Record, SchemaValues, Stage

SET = b"set|"
DECISION = b"decision|"


class Entry(TypedDict, total=False):
    """Contribution of a set, or a decision: exactly one of them is present."""

    set: SetEntry
    decision: DecisionEntry


def fold(total: TrackTotal, part: bytes, old: Entry | None, new: Entry, entries: Entries) -> TrackTotal:
    """Return the total after one entry changed."""
    if part.startswith(SET):
        sets = (entry["set"] for _, entry in entries.items(SET))
        return claims.apply_set(total, old.get("set") if old else None, new["set"], lambda: sets)
    return claims.apply_decision(total, old.get("decision") if old else None, new["decision"])


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    values = SchemaValues(
        {b"t": state_schemas("silver.tracks.total"), b"e": state_schemas("silver.tracks.entry")}
    )
    state = EntityState(stage.table("tracks", values), claims.empty, fold)

    def emit(record: Record, track_id: str, applied: Applied[TrackTotal]) -> None:
        total = applied.accumulators
        observed_at = total["last_observed_at"] or record.value["observed_at"]
        # built at most once, when the first of the two outputs is produced
        track = cache(
            partial(tracks.track_record, track_id, applied.version, total, observed_at, __version__)
        )
        # None is a tombstone: the track needs no enrichment, or no set contains it any more
        request = cache(lambda: tracks.request(track()))
        stage.emit(
            "enrichment.requests",
            track_id,
            request,
            shown=lambda: tracks.request_signature(request()),
            only_changes=True,
        )
        stage.emit("silver.tracks", track_id, track)

    @stage.agent("silver.appearances")
    def on_appearance(record: Record) -> None:
        """Apply the fact of one set about a track."""
        fact = cast(TrackFact, record.value)
        part = SET + fact["playlist_id"].encode()
        change = partial(_replace_set, claims.set_entry(fact))
        emit(record, fact["track_id"], state.apply(record, fact["track_id"], {part: change}))

    @stage.agent("bronze.decisions")
    def on_decision(record: Record) -> None:
        """Apply an override, which precedes all providers; the resolver handles other decisions."""
        decision = cast(Decision, record.value)
        if decision["kind"] != "override":
            return
        if decision["value"] is not None:
            try:
                overrides.stored(decision["field"] or "", decision["value"])
            except overrides.InvalidOverride as error:
                raise InvalidDecision(str(error)) from error
        part = DECISION + decision["decision_id"].encode()
        change = partial(_replace_decision, claims.decision_entry(decision))
        emit(record, decision["subject_id"], state.apply(record, decision["subject_id"], {part: change}))


class InvalidDecision(Poison):
    """The decision cannot be applied to its field"""

    reason = "broken_decision"


def _replace_set(new: SetEntry, old: Entry | None) -> Entry:
    return {"set": claims.newer_set(old.get("set") if old else None, new)}


def _replace_decision(new: DecisionEntry, old: Entry | None) -> Entry:
    return {"decision": claims.newer_decision(old.get("decision") if old else None, new)}
