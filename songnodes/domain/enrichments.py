"""Keys and ids of archived answers: `track_id|attempt_id`, or `artist_id|artist|attempt_id`.

All before the attempt's id is the subject of the answer; records are partitioned by the id of the track or
artist alone. A tombstone of a key withdraws one answer (a licence that ended, a takedown).
"""

from songnodes.domain import ids

SEPARATOR = "|"
_ARTIST = f"{SEPARATOR}artist"


class InvalidAnswerKey(ValueError):
    """The key is not of the form track_id|attempt_id or artist_id|artist|attempt_id"""


def subject_of(track_id: str, artist_id: str | None) -> str:
    """Return the subject of a record: that of the artist where it has one, otherwise the track id."""
    return track_id if artist_id is None else f"{artist_id}{_ARTIST}"


def artist_of(subject: str) -> str | None:
    """Return the artist id of a subject; None for a track."""
    return subject.removesuffix(_ARTIST) if subject.endswith(_ARTIST) else None


def attempt_id(subject: str, request_id: str, call_key: str, attempt: int) -> str:
    """Return the id of an attempt; `call_key` is `Call.key`, `attempt` counts from 1."""
    return ids.event_id("attempt", subject, request_id, call_key, str(attempt))


def answer_key(subject: str, attempt_id: str) -> str:
    """Return the key of an attempt's record."""
    return f"{subject}{SEPARATOR}{attempt_id}"


def split_key(key: str) -> tuple[str, str]:
    """Return subject and attempt id of a key. Raises InvalidAnswerKey."""
    subject, separator, attempt = key.rpartition(SEPARATOR)
    own_id = artist_of(subject) if SEPARATOR in subject else subject
    if not separator or not own_id or not attempt or SEPARATOR in own_id or "\0" in key:
        raise InvalidAnswerKey(key[:200])
    return subject, attempt
