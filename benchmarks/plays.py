"""Plays of tracks by DJs, with versions and retractions; the same in every run.

A record is one fact: how often a DJ played a track in a playlist, as of a version of the playlist. Its key is
the track. A later version replaces the fact of the playlist, 0 plays retract it, an older one changes none.
State is one entry per track, DJ and playlist (version, plays), and one count per track and DJ.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.jobs.task import ID_BYTES, PAIR

SEED = 22
ROWS = 18  # tracks of a playlist
DJ_SHARE, TRACK_SHARE = 20, 4  # playlists per DJ, plays per track
PADDING_BYTES = 80  # 120 bytes of value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One record."""

    track: bytes
    dj: bytes
    playlist: bytes
    version: int
    plays: int

    @property
    def value(self) -> bytes:
        """The bytes of the record: version, plays, DJ, playlist, and what a job does not read."""
        return PAIR.pack(self.version, self.plays) + self.dj + self.playlist + b"." * PADDING_BYTES


def facts(events: int) -> Iterator[Fact]:
    """Yield the facts of playlists until there are `events` of them.

    Every third playlist is edited: a tenth of its tracks is retracted, a tenth played twice. A tenth of the
    facts of first versions comes again after the edit.
    """
    rnd = random.Random(SEED)
    playlists = max(1, events // ROWS)
    count = number = 0
    while True:
        dj = name(b"d", rnd.randrange(max(1, playlists // DJ_SHARE)))
        playlist = name(b"p", number)
        number += 1
        tracks = {
            name(b"t", int(rnd.paretovariate(1.1)) + rnd.randrange(events // TRACK_SHARE))
            for _ in range(ROWS)
        }
        for fact in _versions(rnd, dj, playlist, sorted(tracks), edited=number % 3 == 0):
            if count == events:
                return
            count += 1
            yield fact


def _versions(
    rnd: random.Random, dj: bytes, playlist: bytes, tracks: list[bytes], *, edited: bool
) -> Iterator[Fact]:
    first = [Fact(track=track, dj=dj, playlist=playlist, version=1, plays=1) for track in tracks]
    yield from first
    if edited:
        for track in tracks:
            plays = rnd.choices((0, 1, 2), (1, 8, 1))[0]
            yield Fact(track=track, dj=dj, playlist=playlist, version=2, plays=plays)
        yield from (fact for fact in first if rnd.random() < 0.1)


def name(kind: bytes, number: int) -> bytes:
    """Return an id of a fixed length."""
    return kind + b"%0*d" % (ID_BYTES - 1, number)


def expected(events: int) -> dict[bytes, int]:
    """Return the plays per track and DJ that are not 0, as a batch over the newest versions gives them."""
    newest: dict[tuple[bytes, bytes, bytes], Fact] = {}
    for fact in facts(events):
        key = fact.track, fact.dj, fact.playlist
        if key not in newest or fact.version > newest[key].version:
            newest[key] = fact
    counts: dict[bytes, int] = {}
    for (track, dj, _), fact in newest.items():
        counts[track + dj] = counts.get(track + dj, 0) + fact.plays
    return {key: plays for key, plays in counts.items() if plays}
