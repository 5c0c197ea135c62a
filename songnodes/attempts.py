"""Decisions about a record whose handling may have ended the process before. Pure.

Normal operation writes one row per assigned partition when a process begins, and nothing per record. When a
start finds its own position in that row, the process before it made no progress: the records of the first
batch are then handled one by one, each noted before it is handled. A record that ended the process twice
becomes a dead letter, if it also ends a child process that does nothing else (`songnodes.trial`): an end may
have been a kill from outside, an error that of a server. Records around it are handled as always.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from songnodes.errors import Poison

#: Ends of the process, known to be caused by one record, after which it becomes a dead letter.
LIMIT = 2
#: The same for ends without an error. A kill from outside looks like a crash of native code or a lack of
#: memory, so the record is then tried in a child process, and blamed only if that ends (`songnodes.trial`).
KILL_LIMIT = 2
KILLED = "the process ended while it handled this record"
ERROR_LENGTH = 500  # characters of an error's text that are stored


class Unforeseen(Poison):
    """Handling this record failed with an unforeseen error"""

    reason = "unforeseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A row of `record_attempts`. `error` is None when the process ended without raising one."""

    offset: int
    single: bool
    attempts: int
    error: str | None


def no_progress(attempt: Attempt | None, position: int) -> bool:
    """Return True if an earlier process began at this position and did not get past it."""
    return attempt is not None and attempt.offset == position


def earlier_ends(attempt: Attempt | None, offset: int) -> int:
    """Return how often handling this record alone ended the process. An error raised by the batch that it
    began counts as one; an end without an error (a kill) does not identify a record of a batch."""
    if attempt is None:
        return 0
    if attempt.single:
        return attempt.attempts if attempt.offset == offset else 0
    return 1 if attempt.error is not None and attempt.offset <= offset else 0


def exhausted(attempt: Attempt | None, offset: int) -> Unforeseen | None:
    """Return the reason for a dead letter, before the record is handled once more; None to handle it."""
    if attempt is None or not attempt.single:
        return None
    if earlier_ends(attempt, offset) < (KILL_LIMIT if attempt.error is None else LIMIT):
        return None
    return Unforeseen(attempt.error or KILLED, attempts=attempt.attempts)


def describe(error: BaseException) -> str:
    """Return type, text and place of an error in one line, for the database and a dead letter's header."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = ""
    if frame is not None:
        code = frame.tb_frame.f_code
        place = f" ({PurePath(code.co_filename).name}:{frame.tb_lineno} {code.co_name})"
    text = f"{type(error).__name__}: {error}".replace("\x00", "\ufffd").splitlines()
    return (
        ((text[0] if text else type(error).__name__)[: ERROR_LENGTH - len(place)] + place)
        .encode(errors="replace")
        .decode()
    )


def by_part(rows: Mapping[int, Attempt], positions: Mapping[int, int]) -> dict[int, Attempt]:
    """Return the attempts of the partitions that made no progress."""
    return {
        part: attempt
        for part, attempt in rows.items()
        if part in positions and no_progress(attempt, positions[part])
    }
