"""Labels: computed again from their tracks and plays when one of their tracks or sets changed.

The spellings of a label are folded in Python (`songnodes/domain/labels.py`), so the label of each track is
stored. A label is computed at most once per pass over all rows, however much changed in between.
"""

from collections.abc import Sequence
from datetime import date

import asyncpg

from sinks.database import query
from sinks.refresh import search
from songnodes.domain.labels import label_id

_FILE = "refresh_labels"
#: Labels per transaction.
LABELS = 200


async def all_tracks(connection: asyncpg.Connection) -> list[str]:
    """Return the ids of all tracks with a label."""
    return [row["track_id"] for row in await connection.fetch(query(_FILE, "all"))]


async def renew_tracks(connection: asyncpg.Connection, tracks: Sequence[str]) -> list[str]:
    """Store the labels of changed tracks and queue them, in the open transaction.

    Returns the tracks that have another label now: `queue_sets` must follow for the sets with them.
    """
    stored: list[tuple[str, str, str]] = []
    gone: list[str] = []
    moved: list[str] = []
    due: set[str] = set()
    for row in await connection.fetch(query(_FILE, "labels"), list(tracks)):
        current = label_id(row["label"])
        due.update(label for label in (current, row["label_id"]) if label is not None)
        if current is None and row["label_id"] is not None:
            gone.append(row["track_id"])
        elif current is not None and (current, row["label"]) != (row["label_id"], row["stored_label"]):
            stored.append((row["track_id"], current, row["label"]))
        if current != row["label_id"]:
            moved.append(row["track_id"])
    if stored:
        columns = [list(column) for column in zip(*stored, strict=True)]
        await connection.execute(query(_FILE, "store"), *columns)
    if gone:
        await connection.execute(query(_FILE, "delete"), gone)
    if due:
        await connection.execute(query(_FILE, "queue"), sorted(due))
    return moved


async def queue_sets(connection: asyncpg.Connection, playlists: Sequence[str]) -> None:
    """Queue the labels of sets, in the open transaction."""
    if playlists:
        await connection.execute(query(_FILE, "queue_sets"), list(playlists))


async def reset(connection: asyncpg.Connection) -> None:
    """Forget all labels: those of tracks and sets that are queued then are computed from scratch."""
    await connection.execute(query(_FILE, "forget"))


async def waiting(connection: asyncpg.Connection) -> int:
    """Return the number of labels left to compute."""
    return int(await connection.fetchval(query(_FILE, "waiting")))


async def take(connection: asyncpg.Connection) -> int:
    """Compute some queued labels and index their names, in the open transaction; return how many."""
    labels = [row["label_id"] for row in await connection.fetch(query(_FILE, "some"), LABELS)]
    if labels:
        await connection.execute(query(_FILE, "compute"), labels)
        await connection.execute(query(_FILE, "drop"), labels)
        await search.renew(connection, "label", labels)
    return len(labels)


async def rank(connection: asyncpg.Connection, day: date) -> None:
    """Score and rank all labels for a day, in the open transaction."""
    await connection.execute(query(_FILE, "rank"), day)
