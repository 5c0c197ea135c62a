"""The best partners of a track, and between two tracks, are those of all, however low their confidence is."""

import asyncio
import random

import pytest

from queries import database
from queries.harmony import best_partners, between, partners
from sinks import database as sink_database
from sinks.refresh import matches
from songnodes import sql
from songnodes.domain.keys.wheel import ALL
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.query_work import rows_of
from tests.support.sink_bench import Bench

TRACKS = 400
VIEW = """
    SELECT recommended_track_id, score FROM gold_harmonic_partners
    WHERE source_track_id = %s ORDER BY score DESC, recommended_track_id COLLATE "C" LIMIT %s
"""


STORED = """
    SELECT recommended_track_id, score FROM gold_harmonic_mixing_recommendations
    WHERE source_track_id = %s ORDER BY score DESC, recommended_track_id COLLATE "C" LIMIT %s
"""
BETWEEN = """
    SELECT primary_artist, track_name, least(after.score, before.score) AS score
    FROM gold_harmonic_partners AS after
    JOIN gold_harmonic_partners AS before
      ON before.source_track_id = after.recommended_track_id AND before.recommended_track_id = %s
    JOIN gold_track_analytics ON track_id = after.recommended_track_id
    WHERE after.source_track_id = %s AND after.recommended_track_id <> before.recommended_track_id
    ORDER BY score DESC, dj_support DESC, track_id LIMIT 1
"""


#: 20,000 tracks of one key that mix with both of two tracks.
MANY = """
    INSERT INTO gold_track_counts (
        track_id, version_artists, all_artists, genres, bpm, key, key_mode, confidence_score, play_count,
        component_plays, self_plays, playlist_appearances, dj_support, support_dates, support_weights,
        last_observed_at, version, pipeline_version, event_id
    )
    SELECT 'b-' || n, '{}', '{}', '{}', 121.5 + n % 9000 / 1000.0, 8, 'minor', 0.9, 1, 0, 0, 1, 1, '{}', '{}',
           now(), 1, '1', gen_random_uuid()
    FROM generate_series(1, 20000) AS n
"""


async def add_tracks(bench: Bench, chance: random.Random, lowest_bpm: float, highest: float) -> None:
    """Store tracks with tempi up to 134 and confidences up to `highest`."""
    records = [
        sample.counts(
            f"a-{number}",
            1,
            track_name=f"Name {number}",
            bpm=round(chance.uniform(lowest_bpm, 134), chance.choice((0, 2))),
            key=key.number,
            key_mode=key.mode,
            confidence_score=round(chance.uniform(0, highest), 2),
            dj_support=chance.randint(0, 3),
        )
        for number in range(TRACKS)
        for key in [chance.choice(ALL)]
    ]
    await written(bench, "gold.tracks", *records)


@pytest.mark.parametrize("highest", [1.0, 0.6])
async def test_best_partners_are_those_of_all(bench: Bench, highest: float) -> None:
    await add_tracks(bench, random.Random(5), 118, highest)
    async with database.connected(bench.settings) as connection:
        for number in range(12):
            for limit in (1, 5, 20):
                rows = await partners(connection, f"a-{number}", limit=limit)
                best = bench.query(VIEW, f"a-{number}", limit)
                assert [row["track_id"] for row in rows] == [row["recommended_track_id"] for row in best]


async def test_stored_partners_begin_what_is_read(bench: Bench) -> None:
    """Pages show the stored ones; more are read from all tracks, those that changed since included."""
    await add_tracks(bench, random.Random(7), 118, 1.0)
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    sources = [f"a-{number}" for number in range(12)]
    async with database.connected(bench.settings) as connection:
        for source in sources:
            rows = await best_partners(connection, source, None, 12)
            assert [row["track_id"] for row in rows] == best(bench, STORED, source, 12)
        changed = (sample.counts(f"a-{number}", 2, bpm=121.5, key=8) for number in range(200, 260))
        await written(bench, "gold.tracks", *changed)
        for source in sources:
            for limit in (5, 21, 60):
                rows = await partners(connection, source, limit=limit)
                assert [row["track_id"] for row in rows] == best(bench, VIEW, source, limit)
            rows = await best_partners(connection, source, None, 30)
            assert [row["track_id"] for row in rows] == best(bench, VIEW, source, 30)


def best(bench: Bench, statement: str, track_id: str, limit: int) -> list[str]:
    """Return the partners that a statement over a view of them has."""
    return [row["recommended_track_id"] for row in bench.query(statement, track_id, limit)]


async def test_stored_partners_save_statements(bench: Bench) -> None:
    """The first 21 partners among 20,000 of one key are read by one statement."""
    first = sample.counts("a-first", 1, bpm=125, key=8, key_mode="minor", confidence_score=0.9)
    await written(bench, "gold.tracks", first)
    bench.execute(MANY)
    bench.execute("ANALYZE gold_track_counts")
    connection = await sink_database.connect(bench.settings)
    await matches.make(connection, ["a-first"])
    await connection.close()
    texts: list[str] = []
    async with database.connected(bench.settings) as connection:
        with connection.query_logger(lambda record: texts.append(record.query)):
            assert len(await partners(connection, "a-first", limit=21)) == 21
            await asyncio.sleep(0)  # the logger is called by the loop
    assert len([text for text in texts if "FROM gold_track_counts AS source" in text]) == 1


async def test_partners_read_few_tracks_of_lighter_moves(bench: Bench) -> None:
    """All others are one step away: the score of none is above that of one of the same key 0.5 BPM away."""
    await written(bench, "gold.tracks", sample.counts("a-first", 1, bpm=125, key=9, key_mode="minor"))
    bench.execute(MANY)
    bench.execute("ANALYZE gold_track_counts")
    statement = sql.query("queries", "tracks", "harmonic")
    async with database.connected(bench.settings) as connection:
        assert await rows_of(connection, statement, "a-first", None, 20, 0.5, None, None) < 300


@pytest.mark.parametrize(("lowest_bpm", "highest"), [(118, 1.0), (118, 0.6), (45, 1.0), (118, 0)])
async def test_best_tracks_between_are_those_of_all(bench: Bench, lowest_bpm: float, highest: float) -> None:
    chance = random.Random(6)
    await add_tracks(bench, chance, lowest_bpm, highest)
    await written(bench, "gold.tracks", sample.counts("a-keyless", key=None, key_mode=None))
    pairs = [(f"a-{chance.randrange(TRACKS)}", f"a-{chance.randrange(TRACKS)}") for _ in range(60)]
    pairs += [("a-0", "a-0"), ("a-1", "a-keyless"), ("a-keyless", "a-1"), ("a-1", "a-none")]
    async with database.connected(bench.settings) as connection:
        betweens = await between(connection, pairs)
        assert await between(connection, []) == []
    for (first, second), row in zip(pairs, betweens, strict=True):
        best = bench.query(BETWEEN, second, first)
        assert (row and row["track_name"]) == (best[0]["track_name"] if best else None), (first, second)
    names = [row for row in betweens if row is not None]
    assert len(names) > 10
    assert len(names) < len(pairs)


async def test_a_track_between_reads_few_tracks(bench: Bench) -> None:
    """All others have the keys that fit, and tempi within 6 BPM of both."""
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-first", 1, bpm=125, key=8, key_mode="minor"),
        sample.counts("a-second", 1, bpm=127, key=8, key_mode="minor"),
    )
    bench.execute(MANY)
    bench.execute("ANALYZE gold_track_counts")
    statement = sql.query("queries", "sets", "between")
    async with database.connected(bench.settings) as connection:
        assert await rows_of(connection, statement, ["a-first"], ["a-second"]) < 3000
