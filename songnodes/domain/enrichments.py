"""Keys and ids of archived answers: `track_id|attempt_id`, partitioned by the track alone.

A tombstone of a key withdraws one answer (a licence that ended, a takedown).
"""

from songnodes.domain import ids

SEPARATOR = "|"


class InvalidAnswerKey(ValueError):
    """The key is not of the form track_id|attempt_id"""


def attempt_id(track_id: str, request_id: str, call_key: str, attempt: int) -> str:
    """Return the id of an attempt; `call_key` is `Call.key`, `attempt` counts from 1."""
    return ids.event_id("attempt", track_id, request_id, call_key, str(attempt))


def answer_key(track_id: str, attempt_id: str) -> str:
    """Return the key of an attempt's record."""
    return f"{track_id}{SEPARATOR}{attempt_id}"


def split_key(key: str) -> tuple[str, str]:
    """Return track id and attempt id of a key. Raises InvalidAnswerKey."""
    track_id, separator, attempt = key.rpartition(SEPARATOR)
    if not separator or not track_id or not attempt or SEPARATOR in track_id or "\0" in key:
        raise InvalidAnswerKey(key[:200])
    return track_id, attempt
