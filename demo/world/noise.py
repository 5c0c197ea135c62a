"""Noise between a set and its tracklist: unidentified rows, missing rows, other spellings."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from demo.sets import DemoRow, RowState
from demo.tracks import DemoTrack
from demo.world import frequencies

#: Further unidentified rows of a set that has one: all of them over all incomplete sets, less one.
MORE_UNKNOWN = frequencies.IDENTIFIED.missing / frequencies.COMPLETE.missing - 1
SPELLING_SHARE = (
    frequencies.LENGTH_WORDS.rate / 0.14
)  # of the tracks that have such spellings, which 14 of 100 have
HIDDEN_ROWS = 2  # rows that a first version does not know yet
LOST_ACCENTS_SHARE = 0.2  # of lines typed by hand
MOJIBAKE_SHARE = (
    0.3  # of lines with other letters than ASCII: some 5 of 100 lines have any, half of them as damaged
)
ARTIST_SEPARATORS = (", ", " And ", " x ", " & ")


def drop_rows(random: Random, rows: Sequence[DemoRow]) -> list[DemoRow]:
    """Return the rows without those that a second site does not have, renumbered."""
    kept = [row for row in rows if row.part_of or row.parts or random.random() >= frequencies.MISSED_ROW]
    if not kept or kept[0].joined:
        return list(rows)
    return _renumbered(kept)


def unidentify_rows(random: Random, rows: Sequence[DemoRow]) -> list[DemoRow]:
    """Choose the rows that are not identified: in most sets none, in the others two or three."""
    if random.random() < frequencies.COMPLETE.rate:
        return list(rows)
    count = 1
    while random.random() < MORE_UNKNOWN / (1 + MORE_UNKNOWN):
        count += 1
    changed = list(rows)
    plain = _plain(changed)
    for place in random.sample(plain, min(count, len(plain) // 2)):
        changed[place] = replace(changed[place], state=_unknown(random, changed[place]))
    return changed


def first_version(random: Random, rows: Sequence[DemoRow], other: Callable[[], DemoTrack]) -> list[DemoRow]:
    """Return the rows of the first version: some not identified yet, one of them wrong."""
    changed = list(rows)
    plain = _plain(changed)
    chosen = random.sample(plain, min(HIDDEN_ROWS + 1, len(plain)))
    for place in chosen[:HIDDEN_ROWS]:
        changed[place] = replace(changed[place], state="unidentified", written=None, spelling=None)
    for place in chosen[HIDDEN_ROWS:]:
        used_tracks = {row.track for row in rows}
        wrong = next(track for track in iter(other, None) if track not in used_tracks)
        changed[place] = replace(changed[place], track=wrong, written=None, spelling=None)
    return changed


def respell(random: Random, row: DemoRow, *, by_hand: bool, site: str) -> DemoRow:
    """Return the row as this page spells it: 1001tracklists has one name per track, others are typed."""
    track = row.track
    if track is None or row.state != "identified":
        return row
    spelling = (
        random.choice(track.spellings) if track.spellings and random.random() < SPELLING_SHARE else None
    )
    if site == "1001tracklists":
        return replace(row, spelling=spelling)
    return replace(row, written=_line(random, track, spelling, row.note, by_hand=by_hand), note=row.note)


def _line(random: Random, track: DemoTrack, spelling: str | None, note: str | None, *, by_hand: bool) -> str:
    artists = list(track.artists)
    join = " & "
    if by_hand and len(artists) > 1:
        random.shuffle(artists)
        join = (
            random.choice(ARTIST_SEPARATORS) if not any(" x" in name.casefold() for name in artists) else join
        )
    credit, title = join.join(artists), track.title
    if track.featured:
        word = random.choice(("ft.", "feat.", "Feat.", "featuring"))
        place = random.choice(("credit", "title", "brackets"))
        credit += f" {word} {track.featured}" if place == "credit" else ""
        title += f" {word} {track.featured}" if place == "title" else ""
        title += f" ({word} {track.featured})" if place == "brackets" else ""
    brackets = "".join(f" ({text})" for text in (track.version, spelling) if text) + (
        f" {note}" if note else ""
    )
    line = f"{credit} - {title}{brackets}"
    if by_hand and random.random() < frequencies.TYPED_WRONG:
        line = _slip(random, line)
    if by_hand and random.random() < LOST_ACCENTS_SHARE:
        line = _without_accents(line)
    if not line.isascii() and random.random() < MOJIBAKE_SHARE:
        line = _damaged(line)
    return line


def _unknown(random: Random, row: DemoRow) -> RowState:
    draw = random.random()
    if draw < frequencies.ARTIST_ONLY:
        return "artist_only"
    if (
        draw < frequencies.ARTIST_ONLY + frequencies.REMIXER_UNKNOWN
        and row.track
        and row.track.version is None
    ):
        return "remixer_unknown"
    return "unidentified"


def _plain(rows: Sequence[DemoRow]) -> list[int]:
    """Return the positions of ordinary identified rows, without the first row."""
    return [
        place
        for place, row in enumerate(rows)
        if place and row.state == "identified" and row.number is not None and not row.parts
    ]


def _renumbered(rows: Sequence[DemoRow]) -> list[DemoRow]:
    renumbered, number = [], 0
    for row in rows:
        number += row.number is not None
        renumbered.append(replace(row, number=number if row.number is not None else None))
    return renumbered


def _slip(random: Random, line: str) -> str:
    """Swap two neighbouring letters."""
    places = [at for at in range(1, len(line) - 1) if _are_letters(line[at : at + 2])]
    if not places:
        return line
    at = random.choice(places)
    return line[:at] + line[at + 1] + line[at] + line[at + 2 :]


def _are_letters(two: str) -> bool:
    return two.isalpha() and two.islower() and two[0] != two[1]


def _without_accents(line: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", line) if not unicodedata.combining(c))


def _damaged(line: str) -> str:
    """Decode the line's UTF-8 as Windows-1252, where that is possible."""
    try:
        return line.encode().decode("cp1252")
    except UnicodeDecodeError:
        return line
