"""bronze.enrichments -> the state of tracks and of artists: each answer goes to what it was requested for."""

from collections.abc import Callable
from typing import cast

from songnodes.domain import enrichments
from songnodes.domain.records import Attempt
from songnodes.errors import Poison
from stream_processors.runtime import Record, Stage

#: Applies a record to the track or artist of this id; the last one is the id of the attempt.
ApplyAnswer = Callable[[Record, str, str], None]


class InvalidAnswer(Poison):
    """The key of an answer is not that of its track or artist, and of its attempt"""

    reason = "bad_answer_key"


def attach(stage: Stage, to_track: ApplyAnswer, to_artist: ApplyAnswer) -> None:
    """Add the agent to the stage."""

    @stage.agent("bronze.enrichments", tombstones=True)
    def on_answer(record: Record) -> None:
        """Apply an archived answer, or its withdrawal."""
        try:
            subject, attempt_id = enrichments.split_key(record.key)
        except enrichments.InvalidAnswerKey as error:
            raise InvalidAnswer(str(error)) from error
        attempt = cast(Attempt, record.value)
        if attempt:
            own = enrichments.subject_of(attempt["track_id"], attempt["artist_id"]), attempt["attempt_id"]
            if own != (subject, attempt_id):
                raise InvalidAnswer(record.key)
        artist_id = enrichments.artist_of(subject)
        if artist_id is None:
            to_track(record, subject, attempt_id)
        else:
            to_artist(record, artist_id, attempt_id)
