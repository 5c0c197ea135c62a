"""Scores and ranks of all tracks are the same however many tracks a transaction takes."""

import random
from datetime import timedelta
from typing import Any

import pytest

from sinks.refresh import ranks
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

TRACKS = 40


def tracks(chance: random.Random, version: int) -> list[dict[str, Any]]:
    """Return tracks with plays on some days; upper and lower case are ordered by code."""
    records = []
    for number in range(TRACKS):
        dates = sorted({DAY - timedelta(days=chance.randrange(1, 60)) for _ in range(chance.randrange(4))})
        records.append(
            sample.counts(
                f"{'aB'[number % 2]}-{number}",
                version,
                genres=chance.choice([["house"], ["techno", "house"], []]),
                dj_support=chance.randrange(4),
                playlist_appearances=chance.randrange(3),
                support_days=[{"day": day, "weight": 1.0} for day in dates],
            )
        )
    return records


def ranked(records: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
    """Return per track its rank of all and that in its primary genre."""
    ordered = sorted(
        records, key=lambda row: (-row["dj_support"], -row["playlist_appearances"], row["track_id"])
    )
    places: dict[str, int] = {}
    result = {}
    for place, row in enumerate(ordered, start=1):
        genre = (row["genres"] or [None])[0]
        if genre:
            places[genre] = places.get(genre, 0) + 1
        result[row["track_id"]] = (place, places[genre] if genre else None)
    return result


async def test_ranks_and_scores_of_any_number_of_tracks_per_transaction(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(3)
    scores: list[Any] = []
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version, chunk in enumerate((7, TRACKS // 2, 1000), start=1):
            monkeypatch.setattr(ranks, "CHUNK", chunk)
            records = tracks(chance, version)
            await written(bench, "gold.tracks", *records)
            await refresher.whole(DAY)
            rows = bench.query("SELECT * FROM gold_track_analytics ORDER BY track_id")
            stored = {row["track_id"]: (row["popularity_rank"], row["genre_rank"]) for row in rows}
            assert stored == ranked(records)
        scores = [row["trending_score"] for row in rows]
        assert len(set(scores)) > TRACKS // 4
        bench.execute("UPDATE gold_track_scores SET trending_score = 0.9")
        monkeypatch.setattr(ranks, "CHUNK", 7)
        await refresher.whole(DAY)
    assert scores == [
        row["trending_score"] for row in bench.query("SELECT * FROM gold_track_analytics ORDER BY track_id")
    ]
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []
