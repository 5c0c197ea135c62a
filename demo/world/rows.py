"""The rows of a set as it was played: in order, some played together, with their start times."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from demo.sets import FIRST_ROW_ID, DemoRow
from demo.tracks import DemoTrack
from demo.world import frequencies

ROW_IDS_PER_SET = 200  # row ids per set
MASHUP_SHARE = frequencies.MASHUP_PARTS.rate / 2  # of the rows are mashups, of two parts each
ACAPELLA_SHARE = 0.15  # of the tracks played together are acapellas
MIN_TRACK_S, MAX_TRACK_S = 110, 320  # seconds between rows


def length(random: Random) -> int:
    """Return the number of tracks of a set: between two neighbours of the counted deciles."""
    place = random.randrange(len(frequencies.ROWS) - 1)
    return random.randint(frequencies.ROWS[place], frequencies.ROWS[place + 1])


def played(random: Random, number: int, chosen: Sequence[DemoTrack]) -> list[DemoRow]:
    """All rows, every one identified, with true cues."""
    rows: list[DemoRow] = []
    left = list(chosen)
    shown = 0
    while left:
        row_id = FIRST_ROW_ID + number * ROW_IDS_PER_SET + len(rows)
        draw = random.random()
        if rows and draw < frequencies.JOINED.rate:
            note = "(Acappella)" if random.random() < ACAPELLA_SHARE else None
            rows.append(DemoRow(row_id=row_id, track=left.pop(), joined=True, note=note))
            continue
        shown += 1
        if draw < frequencies.JOINED.rate + MASHUP_SHARE and len(left) > 2:
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
