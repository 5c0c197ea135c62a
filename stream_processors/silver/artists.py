"""merge for artists: silver.credits, bronze.artists, silver.artist_answers -> silver.artists.

State per artist.
"""

from functools import partial
from typing import TypedDict, cast

from songnodes import __version__
from songnodes.domain import artist_answers, artists
from songnodes.domain.artist_answers import AnswersEntry
from songnodes.domain.artist_record import artist_record
from songnodes.domain.artists import ArtistTotal, CreditEntry, ProfileEntry
from songnodes.domain.records import ArtistAnswers, ArtistProfile, CreditFact
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Applied, EntityState, Entries, Record, SchemaValues, Stage

SET = b"set|"
PROFILE = b"profile|"
ANSWERS = b"answers|"


class Entry(TypedDict, total=False):
    """Credit of a set, the profile of a source, or the answers of a track: exactly one of them is present."""

    credit: CreditEntry
    profile: ProfileEntry
    answers: AnswersEntry


def fold(total: ArtistTotal, part: bytes, old: Entry | None, new: Entry, entries: Entries) -> ArtistTotal:
    """Return the total after one entry changed."""
    if part.startswith(SET):
        return artists.apply_credit(total, old.get("credit") if old else None, new["credit"])
    if part.startswith(ANSWERS):
        stored = (entry["answers"] for _, entry in entries.items(ANSWERS))
        return artists.apply_answers(
            total, old.get("answers") if old else None, new["answers"], lambda: stored
        )
    return artists.apply_profile(total, part.removeprefix(PROFILE).decode(), new["profile"])


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    values = SchemaValues(
        {b"t": state_schemas("silver.artists.total"), b"e": state_schemas("silver.artists.entry")}
    )
    state = EntityState(stage.table("artists", values), artists.empty, fold)

    def emit(
        record: Record, artist_id: str, applied: Applied[ArtistTotal], *, can_wait: bool = False
    ) -> None:
        observed_at = applied.accumulators["last_observed_at"] or record.value["observed_at"]
        stage.emit(
            "silver.artists",
            artist_id,
            partial(
                artist_record, artist_id, applied.version, applied.accumulators, observed_at, __version__
            ),
            can_wait=can_wait,
        )

    @stage.agent("silver.credits")
    def on_credit(record: Record) -> None:
        """Apply the fact of one set about an artist."""
        fact = cast(CreditFact, record.value)
        part = SET + fact["playlist_id"].encode()
        change = partial(_replace_credit, artists.credit_entry(fact))
        applied = state.apply(record, fact["artist_id"], {part: change})
        emit(record, fact["artist_id"], applied, can_wait=True)

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


def _replace_answers(new: AnswersEntry, old: Entry | None) -> Entry:
    return {"answers": artist_answers.newer(old.get("answers") if old else None, new)}


def _replace_credit(new: CreditEntry, old: Entry | None) -> Entry:
    return {"credit": artists.newer_credit(old.get("credit") if old else None, new)}


def _replace_profile(new: ProfileEntry, old: Entry | None) -> Entry:
    return {"profile": artists.newer_profile(old.get("profile") if old else None, new)}
