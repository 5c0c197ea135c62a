"""The invented sets: who played what, when, and what a page shows of it. This is the truth behind a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal

from demo import names, tracks
from demo.tracks import DemoTrack

SETS = 60
RECENT = 36  # of them in the last 60 days, so that this month has something to trend
MAX_AGE_DAYS = 600  # days, about 20 months
REVEALED_SETS = 8  # sets whose page was saved a second time
REVEAL_AFTER = timedelta(days=4)
FIRST_ROW_ID = 90_000_000
FRESH_DAYS = 45  # days: older sets cannot have fresh tracks
OWN_TRACK_WEIGHT = 6.0  # relative to other tracks of the same popularity
STROBE_INTERVAL = 5  # one set in so many plays Strobe at least once

RowState = Literal["identified", "artist_only", "unidentified", "remixer_unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRow:
    """One row. `number` is None for rows played together and for parts of a mashup."""

    row_id: int
    track: DemoTrack | None
    state: RowState = "identified"
    number: int | None = None
    joined: bool = False
    parts: tuple[DemoTrack, ...] = ()
    part_of: int | None = None
    spelling: str | None = None
    note: str | None = None
    cue: int | None = None
    written: str | None = None

    @property
    def text(self) -> str:
        """The row's name as a page writes it; `written` where this page spells it in its own way."""
        if self.written is not None:
            return self.written
        if self.parts:
            credit = " vs. ".join(track.credit for track in self.parts)
            return f"{credit} - {' vs. '.join(track.title for track in self.parts)}"
        if self.track is None or self.state == "unidentified":
            return "ID - ID"
        if self.state == "artist_only":
            return f"{self.track.credit} - ID"
        if self.state == "remixer_unknown":
            return f"{self.track.credit} - {self.track.title} (ID Remix)"
        return self.track.line + (f" ({self.spelling})" if self.spelling else "")

    @property
    def credit(self) -> str | None:
        """The artists as the page marks them."""
        if self.parts:
            return " vs. ".join(track.credit for track in self.parts)
        return self.track.credit if self.track and self.state != "unidentified" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSet:
    """One page of one set at one time. `version` counts the savings of the page from 1."""

    native_id: str
    djs: tuple[str, ...]
    day: date
    event: str
    venue: str | None = None
    city: str | None = None
    country: str | None = None
    styles: tuple[str, ...] = ()
    rows: tuple[DemoRow, ...] = ()
    seconds: int | None = None
    halves: bool = False
    fetched_at: datetime
    version: int = 1

    @property
    def title(self) -> str:
        """Title as in the page's heading, date last."""
        who = " & ".join(self.djs)
        where = ", ".join(filter(None, (self.event, self.venue, self.country)))
        if not who:
            return f"{where} {self.day}"
        return f"{who} {'@' if self.venue else '-'} {where} {self.day}"


def build_sets(as_of: date, seed: int) -> list[DemoSet]:
    """All pages, second savings included. Every day but `as_of` is before it; the same arguments give the
    same pages, and another day the same sets with all days moved."""
    random = Random(seed)
    catalogue = tracks.catalogue(random)
    pages = []
    ages = _ages(random)
    for index, age in enumerate(ages):
        first = _set(random, index, as_of - timedelta(days=age), age, catalogue)
        if index in range(SETS - REVEALED_SETS, SETS):
            hidden = _hide(random, first)
            pages += [hidden, _revealed(hidden, first)]
        else:
            pages.append(first)
    return pages


def _ages(random: Random) -> list[int]:
    """Days between each set and today: most in the last 60 days, none younger than one day. The last ones
    in the list are old enough for a second saving."""
    old = random.sample(range(61, MAX_AGE_DAYS), SETS - RECENT)
    late = [random.randint(1, 14) for _ in range(RECENT // 3)]
    rest = [random.randint(REVEAL_AFTER.days + 10, 60) for _ in range(RECENT - len(late))]
    return late + old + rest


def _set(random: Random, index: int, day: date, age: int, catalogue: Sequence[DemoTrack]) -> DemoSet:
    djs = _djs(random, index)
    is_show = index % 3 == 1
    place: tuple[str, str | None, str | None] = random.choice(names.PLACES)
    if is_show:
        place = (f"{random.choice(names.SHOWS)} {100 + index:03d}", None, None)
    event, venue, country = place
    rows = _rows(random, index, _chosen(random, index, djs, age, catalogue))
    if random.random() < 0.6:
        rows = _with_cues(random, rows)
    genres = [row.track.genre for row in rows if row.track and row.track.genre]
    styles = sorted(set(genres), key=lambda genre: (-genres.count(genre), genre))[:2]
    last = max((row.cue or 0 for row in rows), default=0)
    return DemoSet(
        native_id=f"demo{index:03d}",
        djs=djs,
        day=day,
        event=event,
        venue=venue,
        country=country,
        styles=tuple(styles),
        rows=tuple(rows),
        seconds=last + random.randint(120, 300) if last else None,
        halves=index % 20 == 7,
        fetched_at=datetime.combine(day + timedelta(days=1), time(), UTC),
    )


def _djs(random: Random, index: int) -> tuple[str, ...]:
    """Return one DJ; two for two of the sets, none for one page."""
    if index == 17:
        return ()
    first = names.DJS[index % len(names.DJS)]
    if index in (5, 33):
        return (first, random.choice([name for name in names.DJS if name != first]))
    return (first,)


def _chosen(
    random: Random, index: int, djs: tuple[str, ...], age: int, catalogue: Sequence[DemoTrack]
) -> list[DemoTrack]:
    """Choose distinct tracks for one set: popular ones, own ones, and only those released by then."""
    left = {
        place: weight * (OWN_TRACK_WEIGHT if set(djs) & set(catalogue[place].artists) else 1.0)
        for place, weight in enumerate(tracks.weights(catalogue))
        if not catalogue[place].fresh or age <= FRESH_DAYS
    }
    chosen = []
    for _ in range(random.randint(12, 22)):
        place = random.choices(list(left), list(left.values()))[0]
        del left[place]
        chosen.append(catalogue[place])
    strobe = next(track for track in catalogue if track.line == tracks.STROBE)
    if index % STROBE_INTERVAL == 0 and strobe not in chosen:
        chosen[random.randrange(len(chosen))] = strobe
    return chosen


def _rows(random: Random, index: int, chosen: Sequence[DemoTrack]) -> list[DemoRow]:
    """Return rows in playing order, with all features that make a page hard to parse."""
    rows: list[DemoRow] = []
    number = 0
    left = list(chosen)
    while left:
        row_id = FIRST_ROW_ID + index * 100 + len(rows)
        draw = random.random()
        if rows and draw < 0.08:
            note = "(Acappella)" if draw < 0.03 else None
            rows.append(DemoRow(row_id=row_id, track=left.pop(), joined=True, note=note))
            continue
        number += 1
        if draw < 0.11 and len(left) > 2:
            rows += _mashup(row_id, number, (left.pop(), left.pop()))
        else:
            rows.append(_plain(random, row_id, number, left.pop()))
    return rows


def _plain(random: Random, row_id: int, number: int, track: DemoTrack) -> DemoRow:
    draw = random.random()
    state: RowState = "identified"
    if draw < 0.05:
        state = "unidentified"
    elif draw < 0.09:
        state = "artist_only"
    elif draw < 0.11 and track.version is None:
        state = "remixer_unknown"
    spelling = random.choice(track.spellings) if track.spellings and random.random() < 0.5 else None
    return DemoRow(row_id=row_id, track=track, state=state, number=number, spelling=spelling)


def _mashup(row_id: int, number: int, parts: tuple[DemoTrack, DemoTrack]) -> list[DemoRow]:
    parent = DemoRow(row_id=row_id, track=None, number=number, parts=parts)
    return [
        parent,
        *(
            DemoRow(row_id=row_id + place, track=part, part_of=row_id)
            for place, part in enumerate(parts, start=1)
        ),
    ]


def _with_cues(random: Random, rows: Sequence[DemoRow]) -> list[DemoRow]:
    """Cues in seconds: the first row at 0, rows played together without one, parts with their parent's."""
    timed: list[DemoRow] = []
    cue = 0
    for row in rows:
        if row.part_of is None and not row.joined and timed:
            cue += random.randint(110, 320)
        timed.append(replace(row, cue=None if row.joined else cue))
    return timed


def _hide(random: Random, revealed: DemoSet) -> DemoSet:
    """Return the page as first saved: two tracks not identified yet, and one wrong row."""
    plain = [
        place
        for place, row in enumerate(revealed.rows)
        if row.state == "identified" and row.number is not None and not row.parts and place > 0
    ]
    hidden = set(random.sample(plain, 2))
    rows = [
        replace(row, state="unidentified", spelling=None) if place in hidden else row
        for place, row in enumerate(revealed.rows)
    ]
    return replace(revealed, rows=tuple(rows))


def _revealed(hidden: DemoSet, revealed: DemoSet) -> DemoSet:
    """Return the page as saved again: the tracks are identified, the last plain row is removed."""
    gone = max(
        place
        for place, row in enumerate(hidden.rows)
        if row.number is not None and not row.parts and row.state == "identified" and place > 0
    )
    rows = [row for place, row in enumerate(revealed.rows) if place != gone]
    renumbered = [
        replace(row, number=row.number - 1) if row.number is not None and place >= gone else row
        for place, row in enumerate(rows)
    ]
    return replace(revealed, rows=tuple(renumbered), version=2, fetched_at=revealed.fetched_at + REVEAL_AFTER)
