"""merge for tracks: silver.appearances, bronze.decisions, answers about tracks -> silver.tracks, and
enrichment.requests.

State per track: the distinct claims with their counts, the first appearance, the decisions of operators, the
evaluated answers of providers.
"""

from collections.abc import Callable
from functools import partial
from typing import Generic, TypedDict, TypeVar, cast

from enrichment.answers import evaluate
from enrichment.waterfall import configured_waterfall
from songnodes import __version__
from songnodes.domain import claims, overrides, tracks
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.claims import DecisionEntry, SetEntry, TrackTotal
from songnodes.domain.records import Attempt, Decision, TrackFact
from songnodes.errors import Poison
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, EntityState, Entries, Record, SchemaValues, Stage
from stream_processors.silver.answers import ApplyAnswer
from stream_processors.silver.artist_answers import emit_artist_answers

SET = b"set|"
DECISION = b"decision|"
ANSWER = b"answer|"


T = TypeVar("T")


class Once(Generic[T]):
    """A function that is called at most once unless it fails: `functools.cache` in a tenth of its time."""

    __slots__ = ("_built", "_function")

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._built: list[T] = []

    def __call__(self) -> T:
        if not self._built:
            self._built.append(self._function())
        return self._built[0]


class Entry(TypedDict, total=False):
    """Contribution of a set, a decision, or an answer: exactly one of them is present."""

    set: SetEntry
    decision: DecisionEntry
    answer: AnswerEntry


def fold(
    total: TrackTotal, part: bytes, old: Entry | None, new: Entry | None, entries: Entries
) -> TrackTotal:
    """Return the total after one entry changed; only answers are withdrawn (`new` None)."""
    if part.startswith(ANSWER):
        stored = (entry["answer"] for _, entry in entries.items(ANSWER))
        return claims.apply_answer(
            total, old["answer"] if old else None, new["answer"] if new else None, lambda: stored
        )
    if new is None:
        return total
    if part.startswith(SET):
        sets = (entry["set"] for _, entry in entries.items(SET))
        return claims.apply_set(total, old.get("set") if old else None, new["set"], lambda: sets)
    return claims.apply_decision(total, old.get("decision") if old else None, new["decision"])


def attach(stage: Stage) -> ApplyAnswer:
    """Add the agents and the table to the stage; return the function that applies answers about tracks."""
    values = SchemaValues(
        {b"t": state_schemas("silver.tracks.total"), b"e": state_schemas("silver.tracks.entry")}
    )
    config = configured_waterfall(stage.settings)
    state = EntityState(stage.table("tracks", values), claims.empty, fold)

    def emit(record: Record, track_id: str, applied: Applied[TrackTotal], *, can_wait: bool = False) -> None:
        total = applied.accumulators
        observed_at = total["last_observed_at"] or record.value.get("observed_at") or record.timestamp
        # built at most once, when the first of the two outputs is produced
        claimed = Once(lambda: tracks.read_claims(total))
        track = Once(
            lambda: tracks.track_record(
                track_id, applied.version, total, observed_at, __version__, config, claimed()
            )
        )
        # None is a tombstone: the track needs no enrichment, or no set contains it any more
        request = Once(lambda: tracks.request(track(), total, claimed=claimed()))
        stage.emit(
            "enrichment.requests",
            track_id,
            request,
            shown=lambda: tracks.request_signature(request()),
            only_changes=True,
            can_wait=can_wait,
        )
        stage.emit("silver.tracks", track_id, track, can_wait=can_wait)

    @stage.agent("silver.appearances")
    def on_appearance(record: Record) -> None:
        """Apply the fact of one set about a track."""
        fact = cast(TrackFact, record.value)
        part = SET + fact["playlist_id"].encode()
        change = partial(_replace_set, claims.set_entry(fact))
        emit(record, fact["track_id"], state.apply(record, fact["track_id"], {part: change}), can_wait=True)

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

    def apply_answer(record: Record, track_id: str, attempt_id: str) -> None:
        """Apply an archived answer about a track, or its withdrawal."""
        answer: Entry | None = {"answer": evaluate(cast(Attempt, record.value))} if record.value else None
        part = ANSWER + attempt_id.encode()
        applied = state.apply(record, track_id, {part: lambda _: answer})
        emit(record, track_id, applied)
        emit_artist_answers(stage, record, track_id, applied)

    return apply_answer


class InvalidDecision(Poison):
    """The decision cannot be applied to its field"""

    reason = "broken_decision"


def _replace_set(new: SetEntry, old: Entry | None) -> Entry:
    return {"set": claims.newer_set(old.get("set") if old else None, new)}


def _replace_decision(new: DecisionEntry, old: Entry | None) -> Entry:
    return {"decision": claims.newer_decision(old.get("decision") if old else None, new)}
