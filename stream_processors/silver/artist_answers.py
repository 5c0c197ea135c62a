"""Facts of a track's answers: silver.artist_answers, by artist.

A fact has all values of the track's answers for the artist, with the version of the track; `gone` when no
answer has any more.
"""

from functools import cache, partial

from songnodes import __version__
from songnodes.domain import artist_answers, ids
from songnodes.domain.claims import TrackTotal
from songnodes.domain.records import ArtistAnswer, ArtistAnswers
from stream_processors.runtime import Applied, Record, Stage

TOPIC = "silver.artist_answers"


def emit_artist_answers(stage: Stage, record: Record, track_id: str, applied: Applied[TrackTotal]) -> None:
    """Emit a fact for each artist that the answers of the track name, or named."""
    total = applied.accumulators
    by_artist = cache(partial(artist_answers.by_artist, total["answers"].values()))

    def answers(artist_id: str) -> list[ArtistAnswer]:
        return by_artist().get(artist_id, [])

    def signature(artist_id: str) -> int:
        return artist_answers.signature(answers(artist_id))

    def fact(artist_id: str) -> ArtistAnswers:
        values = answers(artist_id)
        return {
            "event_id": ids.event_id("artist answers", artist_id, track_id, str(applied.version)),
            "source": "silver",
            "observed_at": max((answer["observed_at"] for answer in values), default=record.timestamp),
            "origin": {"kind": "record", "id": track_id, "parser_version": None},
            "pipeline_version": __version__,
            "artist_id": artist_id,
            "track_id": track_id,
            "version": applied.version,
            "gone": not values,
            "answers": values,
        }

    for artist_id in total["artists_ever"]:
        stage.emit(
            TOPIC,
            artist_id,
            partial(fact, artist_id),
            part=track_id,
            shown=partial(signature, artist_id),
            only_changes=True,
            can_wait=True,
        )
