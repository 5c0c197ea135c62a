"""Harmonic matches equal the 20 best of the view, at a cost that does not grow with the tracks."""

from collections import Counter
from typing import Any, cast

from sinks import database
from sinks.refresh import matches
from tests.support.query_work import CountingConnection
from tests.support.sink_bench import Bench

FEW, MANY = 1_000, 4_000
#: 4 times the tracks: to read all partners in range is 4 times the work, to read the nearest 1 to 2 times.
MAX_RATIO = 2.5
CHANGED = 25

#: Keys, tempos with ties and in other octaves, and confidences, some of them unknown; the same in every run.
INSERT = """
INSERT INTO gold_track_counts (
    track_id, version_artists, all_artists, genres, bpm, key, key_mode, confidence_score, play_count,
    component_plays, self_plays, playlist_appearances, dj_support, support_dates, support_weights,
    last_observed_at, version, pipeline_version, event_id
)
SELECT 't' || n, '{}', '{}', '{}',
       CASE WHEN n % 10 > 0 THEN round((80 + random() * 80)::numeric, n % 3) * (1 + (n % 7 = 0)::integer) END,
       1 + n % 12, CASE WHEN n % 5 < 3 THEN 'minor' ELSE 'major' END,
       CASE WHEN n % 11 > 0 THEN least(round(random()::numeric, n % 4), 0.95) END,
       1, 0, 0, 1, 1, '{}', '{}', now(), 1, '0.1.0', gen_random_uuid()
FROM generate_series(1, current_setting('test.tracks')::integer) AS n
"""

DIFFERING = """
SELECT track_id FROM gold_track_analytics
CROSS JOIN LATERAL (
    SELECT coalesce(
               array_agg(recommended_track_id ORDER BY score DESC, recommended_track_id COLLATE "C"), '{}'
           ) AS matches,
           CASE WHEN count(*) = 20 THEN min(score) END AS floor
    FROM (
        SELECT * FROM gold_harmonic_partners WHERE source_track_id = track_id
        ORDER BY score DESC, recommended_track_id COLLATE "C" LIMIT 20
    ) AS best
) AS wanted
WHERE (harmonic_matches, harmonic_floor) IS DISTINCT FROM (wanted.matches, wanted.floor)
"""

#: Rows of the view of the best that are not the 20 best of all, and the other way round.
STORED_ONLY = """
WITH best AS (
    SELECT partners.*
    FROM gold_track_analytics
    CROSS JOIN LATERAL (
        SELECT * FROM gold_harmonic_partners WHERE source_track_id = track_id
        ORDER BY score DESC, recommended_track_id COLLATE "C" LIMIT 20
    ) AS partners
)
(TABLE best EXCEPT TABLE gold_harmonic_mixing_recommendations)
UNION ALL (TABLE gold_harmonic_mixing_recommendations EXCEPT TABLE best)
"""


def add_tracks(bench: Bench, count: int) -> list[str]:
    """Store tracks and return their ids."""
    bench.execute("TRUNCATE gold_track_counts, gold_track_scores, gold_track_ranks, gold_track_matches")
    bench.execute(f"SET test.tracks = {count}; SELECT setseed(0.5); {INSERT}")
    bench.execute("ANALYZE gold_track_counts")
    return [f"t{number}" for number in range(1, count + 1)]


async def make_all(bench: Bench, tracks: list[str]) -> None:
    """Compute the matches of these tracks from scratch."""
    connection = await database.connect(bench.settings)
    try:
        await matches.make(connection, tracks)
    finally:
        await connection.close()


async def renewed(bench: Bench, tracks: list[str]) -> Counter[str]:
    """Refresh the matches of these tracks and of those they affect; return the rows handled per statement."""
    connection = await database.connect(bench.settings)
    try:
        await connection.execute("SET enable_seqscan = off")
        counting = CountingConnection(connection)
        affected = await matches.renew(cast(Any, counting), tracks)
        await matches.make(cast(Any, counting), affected)
        return counting.rows
    finally:
        await connection.close()


async def test_matches_are_the_best_of_the_view(bench: Bench) -> None:
    tracks = add_tracks(bench, FEW)
    await make_all(bench, tracks)
    assert bench.count("gold_track_analytics") == FEW
    assert bench.query(DIFFERING) == []
    assert bench.query(STORED_ONLY) == []


async def test_tracks_that_change_renew_the_matches_of_all_that_they_affect(bench: Bench) -> None:
    tracks = add_tracks(bench, FEW)
    await make_all(bench, tracks)
    changed = tracks[100 : 100 + CHANGED]
    bench.execute(
        "UPDATE gold_track_counts SET key = mod(key, 12) + 1, bpm = bpm + 3, confidence_score = 0.99"
        " WHERE track_id = ANY (%s)",
        changed,
    )
    bench.execute("DELETE FROM gold_track_counts WHERE track_id = ANY (%s)", tracks[:5])
    await renewed(bench, [*changed, *tracks[:5]])
    assert bench.query(DIFFERING) == []


async def test_a_change_costs_the_same_among_many_tracks(bench: Bench) -> None:
    measured = []
    for count in (FEW, MANY):
        tracks = add_tracks(bench, count)
        await make_all(bench, tracks)
        changed = [name for name in tracks if int(name[1:]) % 10 > 0][:CHANGED]
        bench.execute(
            "UPDATE gold_track_counts SET confidence_score = 0.5 WHERE track_id = ANY (%s)", changed
        )
        bench.execute("ANALYZE gold_track_counts")
        measured.append(await renewed(bench, changed))
    small, large = measured
    names = ("refresh_matches.concerned", "refresh_matches.match")
    assert all(small[name] > 0 for name in names)
    ratios = {name: large[name] / small[name] for name in names}
    assert max(ratios.values()) < MAX_RATIO, ratios
