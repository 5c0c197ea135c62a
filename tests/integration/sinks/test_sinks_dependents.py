"""Entities that depend on a changed track: queued, and computed after those that changed themselves."""

from datetime import timedelta
from typing import Any

import pytest

from sinks.refresh import refresher as refresh
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

QUEUE = "SELECT kind, id FROM refresh_queue ORDER BY kind, id"
TEMPI = "SELECT playlist_id, bpm_max FROM gold_playlist_analytics ORDER BY 1"


async def change_tempo(bench: Bench, version: int, bpm: float) -> None:
    await written(bench, "silver.tracks", sample.track("a-one", version, bpm=bpm))
    await written(bench, "gold.tracks", sample.counts("a-one", version, bpm=bpm))


def queued(bench: Bench) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in bench.query(QUEUE)]


def tempi(bench: Bench) -> dict[str, float]:
    return {row["playlist_id"]: float(row["bpm_max"]) for row in bench.query(TEMPI)}


def matches(bench: Bench, track_id: str) -> list[str]:
    (row,) = bench.query("SELECT harmonic_matches FROM gold_track_analytics WHERE track_id = %s", track_id)
    track_ids: list[str] = row["harmonic_matches"]
    return track_ids


async def test_sets_and_matches_of_a_changed_track_follow_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "DEPENDENTS", 1)
    sets = [sample.playlist(f"p:{number}", 1, sample.playlist_row(1, "a-one")) for number in range(3)]
    await written(bench, "silver.playlists", *sets)
    await written(bench, "gold.tracks", sample.counts("b-two", 1, bpm=120))
    await change_tempo(bench, 1, 121)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
        assert matches(bench, "b-two") == ["a-one"]
        assert queued(bench) == []
        await change_tempo(bench, 2, 140)
        assert await refresher.some(DAY) > 0
        assert matches(bench, "a-one") == []
        assert tempi(bench) == {"p:0": 121, "p:1": 121, "p:2": 121}
        dependents = [("analytics", "p:0"), ("analytics", "p:1"), ("analytics", "p:2"), ("matches", "b-two")]
        assert queued(bench) == dependents
        # A set that changes itself is not behind them.
        later = sample.playlist("p:2", 2, sample.playlist_row(1, "a-one"), set_date=DAY - timedelta(days=3))
        await written(bench, "silver.playlists", later)
        await refresher.some(DAY)
        assert tempi(bench)["p:2"] == 140
        assert len(queued(bench)) == 3
        while await refresher.some(DAY):
            pass
    assert tempi(bench) == {"p:0": 140, "p:1": 140, "p:2": 140}
    assert matches(bench, "b-two") == []
    assert queued(bench) == []


async def test_a_set_that_changes_with_its_tracks_is_analysed_once(bench: Bench) -> None:
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, sample.playlist_row(1, "a-one")))
    await change_tempo(bench, 1, 121)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        await refresher.some(DAY)
        assert queued(bench) == []
        assert tempi(bench) == {"p:1": 121}
