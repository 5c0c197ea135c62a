"""The rows of a set as it was played: in order, some played together, with the times they began."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from demo.sets import FIRST_ROW_ID, DemoRow
from demo.tracks import DemoTrack
from demo.world import frequencies as often

ROOM = 200  # row ids per set
MASHUP = often.MASHUP_PARTS.rate / 2  # rows that are mashups of two: they have as many parts as twice that
ACAPELLA = 0.15  # of the tracks played together are acapellas
MIN_TRACK_S, MAX_TRACK_S = 110, 320  # seconds between rows


def length(random: Random) -> int:
    """Return the number of tracks of a set: between two neighbours of the counted deciles."""
    place = random.randrange(len(often.ROWS) - 1)
    return random.randint(often.ROWS[place], often.ROWS[place + 1])


def played(random: Random, number: int, chosen: Sequence[DemoTrack]) -> list[DemoRow]:
    """All rows, every one identified, with true cues."""
    rows: list[DemoRow] = []
    left = list(chosen)
    shown = 0
    while left:
        row_id = FIRST_ROW_ID + number * ROOM + len(rows)
        dice = random.random()
        if rows and dice < often.JOINED.rate:
            note = "(Acappella)" if random.random() < ACAPELLA else None
            rows.append(DemoRow(row_id=row_id, track=left.pop(), joined=True, note=note))
            continue
        shown += 1
        if dice < often.JOINED.rate + MASHUP and len(left) > 2:
            parts = (left.pop(), left.pop())
            rows.append(DemoRow(row_id=row_id, track=None, number=shown, parts=parts))
            rows += (
                DemoRow(row_id=row_id + place, track=part, part_of=row_id)
                for place, part in enumerate(parts, start=1)
            )
        else:
            rows.append(DemoRow(row_id=row_id, track=left.pop(), number=shown))
    return _with_cues(random, rows)


def _with_cues(random: Random, rows: Sequence[DemoRow]) -> list[DemoRow]:
    timed: list[DemoRow] = []
    cue = 0
    for row in rows:
        if row.part_of is None and not row.joined and timed:
            cue += random.randint(MIN_TRACK_S, MAX_TRACK_S)
        timed.append(replace(row, cue=cue))
    return timed
