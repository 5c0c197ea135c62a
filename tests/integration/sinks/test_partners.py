"""The best partners of a track are those of all partners, however low the confidence of the tracks is."""

import random

import pytest

from queries import database
from queries.harmony import partners
from songnodes.domain.keys.wheel import ALL
from tests.integration.sinks.test_sinks_refresh import written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

TRACKS = 400
VIEW = """
    SELECT recommended_track_id, score FROM gold_harmonic_mixing_recommendations
    WHERE source_track_id = %s ORDER BY score DESC, recommended_track_id COLLATE "C" LIMIT %s
"""


@pytest.mark.parametrize("highest", [1.0, 0.6])
async def test_best_partners_are_those_of_all(bench: Bench, highest: float) -> None:
    chance = random.Random(5)
    records = [
        sample.counts(
            f"a-{number}",
            1,
            bpm=round(chance.uniform(118, 134), 2),
            key=key.number,
            key_mode=key.mode,
            confidence_score=round(chance.uniform(0.3, highest), 2),
        )
        for number in range(TRACKS)
        for key in [chance.choice(ALL)]
    ]
    await written(bench, "gold.tracks", *records)
    async with database.connected(bench.settings) as connection:
        for number in range(12):
            for limit in (1, 5, 20):
                rows = await partners(connection, f"a-{number}", limit=limit)
                best = bench.query(VIEW, f"a-{number}", limit)
                assert [row["track_id"] for row in rows] == [row["recommended_track_id"] for row in best]
