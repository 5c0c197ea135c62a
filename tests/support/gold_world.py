"""Random versions of sets, and their plays computed from the tables of silver."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

FIRST_DAY = date(2023, 6, 1)
TRACKS = [f"artist{number % 6}-{number}" for number in range(14)]
ARTISTS = [f"artist{number}" for number in range(6)]
VENUES = [None, "Space", "Fabric"]


@dataclass(frozen=True, kw_only=True)
class Play:
    """A counted play with the DJs, the day (None: not exact) and the set."""

    playlist_id: str
    row_index: int
    track_id: str
    djs: tuple[str, ...]
    day: date | None


class SetWorld:
    """Random versions of sets: each set is written several times, with other rows, DJs, days or counts."""

    def __init__(self, seed: int, sets: int = 12) -> None:
        self.random = random.Random(seed)
        self.sets = sets
        self.version = 0

    def playlist(self) -> dict[str, Any]:
        """Return the next version of a set."""
        chance = self.random
        self.version += 1
        rows = [self.row(number) for number in range(1, chance.randrange(1, 8))]
        day = FIRST_DAY + timedelta(days=chance.randrange(900))
        return sample.playlist(
            f"p:{chance.randrange(self.sets)}",
            self.version,
            *rows,
            djs=tuple(sorted({f"dj{chance.randrange(5)}" for _ in range(chance.choice([0, 1, 1, 2]))})),
            counted=chance.random() < 0.85,
            set_date=chance.choice([day, day, day, None, FIRST_DAY]),
            set_date_precision=chance.choice(["day", "day", "day", "month"]),
            venue=chance.choice(VENUES),
        )

    def row(self, number: int) -> dict[str, Any]:
        """Return a row: mostly identified, sometimes a component or unidentified."""
        track_id = self.random.choice(TRACKS)
        artist = track_id.partition("-")[0]
        if self.random.random() < 0.15:
            return sample.playlist_row(number, None)
        role = self.random.choice(["main", "main", "main", "layered", "component"])
        remixers = self.random.choice([[], [self.random.choice(ARTISTS)]])
        claim = sample.claim(artist, "x", artist_ids=[artist], version_artist_ids=remixers)
        return sample.playlist_row(number, track_id, role=role, claim=claim)

    def playlists(self, count: int) -> list[dict[str, Any]]:
        """Return several versions of different sets."""
        return list({p["playlist_id"]: p for p in (self.playlist() for _ in range(count))}.values())


def plays(bench: Bench) -> Iterator[Play]:
    """Yield the counted plays, computed from the rows of silver."""
    sets = {row["playlist_id"]: row for row in bench.query("SELECT * FROM silver_enriched_playlists")}
    for row in bench.query("SELECT * FROM silver_playlist_tracks ORDER BY playlist_id, row_index"):
        parent = sets[row["playlist_id"]]
        if not parent["counted"] or row["status"] != "identified" or row["role"] == "component":
            continue
        day = parent["set_date"] if parent["set_date_precision"] == "day" else None
        if day is not None and day > parent["last_observed_at"].date() + timedelta(days=30):
            day = None
        yield Play(
            playlist_id=row["playlist_id"],
            row_index=row["row_index"],
            track_id=row["track_id"],
            djs=tuple(parent["dj_ids"]),
            day=day,
        )
