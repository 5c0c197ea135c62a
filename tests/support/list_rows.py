"""Rows of the lists of the query API, written one by one, many of them with equal sort columns."""

import asyncio
import json
import random
from datetime import date, timedelta

import psycopg

from sinks import tables
from songnodes import sql
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.sink_bench import write_directly

DAY = date(2026, 3, 2)
TRACK = "list-source"
GENRES = ("House", "Techno")
INSERT_TRACK = """
    INSERT INTO gold_track_counts (
        track_id, track_name, base_title, version_artists, primary_artist, all_artists, bpm, key, key_mode,
        genres, play_count, component_plays, self_plays, playlist_appearances, dj_support, support_dates,
        support_weights, last_observed_at, version, pipeline_version, event_id
    ) VALUES (
        %(name)s, %(name)s, %(name)s, '{}', 'A', '{A}', %(bpm)s, 8, 'minor', %(genres)s,
        1, 0, 0, %(sets)s, %(djs)s, '{}', '{}', now(), 1, '1', gen_random_uuid()
    )
"""
AFTER_REFRESH = "UPDATE refresh_steps SET succeeded_at = succeeded_at + interval '1 millisecond'"
KINDS = ("track", "transition", "support", "event", "set")


class ListRows:
    """Rows that belong to the lists, each of them new."""

    def __init__(self, settings: Settings, connection: psycopg.Connection, seed: int) -> None:
        self._settings = settings
        self._connection = connection
        self._chance = random.Random(seed)
        self._number = 0

    def begin(self) -> None:
        """Write the track whose lists are read."""
        self._track(TRACK)
        self._connection.execute(
            "INSERT INTO gold_track_support VALUES (%s, 9, 9, %s, %s, '{}')", (TRACK, DAY, DAY)
        )

    def add(self, kind: str) -> None:
        """Add a row of a kind: track, transition, support, event, or set. Kept answers are old then."""
        self._number += 1
        getattr(self, f"_{kind}")(f"{self._chance.randrange(16**6):06x}{self._number}")
        self._connection.execute(AFTER_REFRESH)

    def rank(self) -> None:
        """Rank the tracks as refresh does."""
        cursor = psycopg.RawCursor(self._connection)
        for name, arguments in (("drop_ranks", []), ("find_ranks", []), ("store_ranks", [0, 10**6])):
            cursor.execute(sql.query("sinks", "refresh", name).encode(), arguments)

    def _track(self, name: str) -> None:
        score = self._chance.choice((0, 0.1, 1 / 3, 2.5))
        self._connection.execute(
            INSERT_TRACK,
            {
                "name": name,
                "bpm": 126 + self._chance.randrange(3),
                "genres": [self._chance.choice(GENRES)],
                "sets": self._chance.randrange(3),
                "djs": self._chance.randrange(4),
            },
        )
        self._connection.execute(
            "UPDATE gold_track_scores SET trending_score = %s WHERE track_id = %s", (score, name)
        )

    def _transition(self, name: str) -> None:
        self._track(name)
        sets = self._chance.randint(1, 3)
        self._connection.execute(
            "INSERT INTO gold_transition_pairs VALUES (%s, %s, %s, %s, %s, NULL, NULL, 0, NULL, '{}')",
            (TRACK, name, self._chance.choice(("followed", "together")), sets, self._chance.randrange(3)),
        )

    def _support(self, name: str) -> None:
        self._connection.execute(
            "INSERT INTO track_supports VALUES (%s, %s, %s, %s)",
            (name, TRACK, self._chance.choice((None, self._day())), self._chance.choice("abc")),
        )

    def _event(self, name: str) -> None:
        event = sample.silver_event(f"ra:{name}", date=self._day(), country="DE")
        asyncio.run(write_directly(self._settings, tables.WRITERS["silver.events"], [event]))

    def _set(self, name: str) -> None:
        """Write two sets of different DJs with the track, and an ID at the same place of both."""
        sets = [
            sample.playlist(
                f"mixesdb:{name}{dj}",
                1,
                sample.playlist_row(1, TRACK),
                sample.playlist_row(2, TRACK),
                djs=(dj,),
                set_date=self._chance.choice((None, self._day())),
            )
            for dj in ("nora", "marek")
        ]
        asyncio.run(write_directly(self._settings, tables.WRITERS["silver.playlists"], sets))
        named = json.dumps(self._chance.random())
        for record in sets:
            self._connection.execute(
                "INSERT INTO gold_id_rows VALUES (%s, 7, 'a', 'b', %s, true)", (record["playlist_id"], named)
            )

    def _day(self) -> date:
        return DAY - timedelta(days=self._chance.randrange(3))
