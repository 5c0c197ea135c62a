"""merge for artists: silver.credits, bronze.artists, silver.artist_answers, answers about artists ->
silver.artists, and enrichment.artist_requests.

State per artist.
"""

from datetime import datetime
from functools import cache, partial
from typing import TypedDict, cast

from enrichment.answers import evaluate
from enrichment.waterfall import configured_waterfall
from songnodes import __version__
from songnodes.domain import artist_answers, artist_requests, artists, tracks
from songnodes.domain.artist_answers import AnswersEntry
from songnodes.domain.artist_record import artist_record
from songnodes.domain.artists import ArtistTotal, CreditEntry, ProfileEntry
from songnodes.domain.records import ArtistAnswers, ArtistProfile, Attempt, CreditFact
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, EntityState, Entries, Record, SchemaValues, Stage
from stream_processors.silver.answers import ApplyAnswer

SET = b"set|"
PROFILE = b"profile|"
ANSWERS = b"answers|"
OWN_ANSWER = b"own answer|"


class Entry(TypedDict, total=False):
    """Credit of a set, the profile of a source, or answers: exactly one of them is present."""

    credit: CreditEntry
    profile: ProfileEntry
    answers: AnswersEntry


def fold(
    total: ArtistTotal, part: bytes, old: Entry | None, new: Entry | None, entries: Entries
) -> ArtistTotal:
    """Return the total after one entry changed; only answers to requests are withdrawn (`new` None)."""
    if part.startswith(OWN_ANSWER):
        own = (entry["answers"] for _, entry in entries.items(OWN_ANSWER))
        return artists.apply_own_answer(
            total, old["answers"] if old else None, new["answers"] if new else None, lambda: own
        )
    if new is None:
        return total
    if part.startswith(SET):
        return artists.apply_credit(total, old.get("credit") if old else None, new["credit"])
    if part.startswith(ANSWERS):
        stored = (entry["answers"] for _, entry in entries.items(ANSWERS))
        return artists.apply_answers(
            total, old.get("answers") if old else None, new["answers"], lambda: stored
        )
    return artists.apply_profile(total, part.removeprefix(PROFILE).decode(), new["profile"])


def attach(stage: Stage) -> ApplyAnswer:
    """Add the agents and the table to the stage; return the function that applies answers about artists."""
    values = SchemaValues(
        {b"t": state_schemas("silver.artists.total"), b"e": state_schemas("silver.artists.entry")}
    )
    config = configured_waterfall(stage.settings)
    state = EntityState(stage.table("artists", values), artists.empty, fold)

    def emit(
        record: Record,
        artist_id: str,
        applied: Applied[ArtistTotal],
        *,
        can_wait: bool = False,
        with_request: bool = True,
    ) -> None:
        total = applied.accumulators
        observed_at = total["last_observed_at"] or record.value.get("observed_at") or record.timestamp
        if with_request:
            _emit_request(stage, artist_id, total, observed_at, can_wait=can_wait)
        stage.emit(
            "silver.artists",
            artist_id,
            partial(artist_record, artist_id, applied.version, total, observed_at, __version__, config),
            can_wait=can_wait,
        )

    @stage.agent("silver.credits")
    def on_credit(record: Record) -> None:
        """Apply the fact of one set about an artist."""
        fact = cast(CreditFact, record.value)
        part = SET + fact["playlist_id"].encode()
        change = partial(_replace_credit, artists.credit_entry(fact))
        applied = state.apply(record, fact["artist_id"], {part: change})
        total = applied.accumulators
        has_ids = bool(total["answers"] or total["profiles"])  # a set has none for a request
        emit(record, fact["artist_id"], applied, can_wait=True, with_request=has_ids)

    @stage.agent("bronze.artists")
    def on_profile(record: Record) -> None:
        """Apply a page about the artist; the newest of each source is current."""
        page = cast(ArtistProfile, record.value)
        part = PROFILE + page["source"].encode()
        change = partial(_replace_profile, artists.profile_entry(page))
        emit(record, page["artist_id"], state.apply(record, page["artist_id"], {part: change}))

    @stage.agent("silver.artist_answers")
    def on_answers(record: Record) -> None:
        """Apply the answers of one track about an artist; an artist of no set and page has no record."""
        fact = cast(ArtistAnswers, record.value)
        part = ANSWERS + fact["track_id"].encode()
        change = partial(_replace_answers, artist_answers.answers_entry(fact))
        applied = state.apply(record, fact["artist_id"], {part: change})
        if artists.was_named(applied.accumulators):
            emit(record, fact["artist_id"], applied, can_wait=True)

    def apply_answer(record: Record, artist_id: str, attempt_id: str) -> None:
        """Apply an archived answer to a request for an artist, or its withdrawal."""
        attempt = cast(Attempt, record.value)
        answer: Entry | None = {"answers": artist_answers.own_entry(evaluate(attempt))} if attempt else None
        part = OWN_ANSWER + attempt_id.encode()
        applied = state.apply(record, artist_id, {part: lambda _: answer})
        if artists.was_named(applied.accumulators):
            emit(record, artist_id, applied)

    return apply_answer


def _emit_request(
    stage: Stage, artist_id: str, total: ArtistTotal, observed_at: datetime, *, can_wait: bool
) -> None:
    """Emit the request for the artist's profiles; None is a tombstone: no id leads to one any more."""
    request = cache(partial(artist_requests.request, artist_id, total, observed_at, __version__))
    stage.emit(
        "enrichment.artist_requests",
        artist_id,
        request,
        shown=lambda: tracks.request_signature(request()),
        only_changes=True,
        can_wait=can_wait,
    )


def _replace_answers(new: AnswersEntry, old: Entry | None) -> Entry:
    return {"answers": artist_answers.newer(old.get("answers") if old else None, new)}


def _replace_credit(new: CreditEntry, old: Entry | None) -> Entry:
    return {"credit": artists.newer_credit(old.get("credit") if old else None, new)}


def _replace_profile(new: ProfileEntry, old: Entry | None) -> Entry:
    return {"profile": artists.newer_profile(old.get("profile") if old else None, new)}
