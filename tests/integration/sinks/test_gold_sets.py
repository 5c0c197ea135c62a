"""Curves, flow and series of sets in PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

TRACKS: dict[str, dict[str, Any]] = {
    "a-1": {"bpm": 120.0, "key": 8, "energy": 0.2},
    "a-2": {"bpm": 61.0, "key": 8, "energy": 0.4},
    "a-3": {"bpm": 123.0, "key": 9, "energy": 0.7},
    "a-4": {"bpm": 126.0, "key": 9, "energy": 0.9},
    "a-5": {"bpm": 127.0, "key": 9, "energy": 0.95},
}


def tracks() -> list[dict[str, Any]]:
    return [sample.track(name, genres=["house"], **values) for name, values in TRACKS.items()]


def row(bench: Bench, playlist_id: str) -> dict[str, Any]:
    (only,) = bench.query("SELECT * FROM gold_playlist_analytics WHERE playlist_id = %s", playlist_id)
    return only


async def test_a_set_has_curves_flow_and_shape(bench: Bench) -> None:
    rows = [
        sample.playlist_row(number, name, cue_seconds=600 * (number - 1))
        for number, name in enumerate(TRACKS, start=1)
    ]
    layer = sample.playlist_row(6, "a-1", group_index=5, role="layered")
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *rows, layer, duration_seconds=3000))
    async with refreshing(bench) as refresher:
        await refresher.some(DAY)
        assert row(bench, "p:1")["energy_curve"] is None
        await written(bench, "silver.tracks", *tracks())
        while await refresher.some(DAY):
            pass  # the set follows its tracks
    result = row(bench, "p:1")
    assert (result["moment_count"], result["time_basis"]) == (5, "cues")
    assert result["curve_places"] == [0, 0.25, 0.5, 0.75, 1]
    assert result["energy_curve"] == [0.2, 0.4, 0.7, 0.9, 0.95]
    assert (result["energy_start"], result["energy_end"], result["energy_peak_place"]) == (0.2, 0.95, 1)
    assert (result["energy_peaks"], result["shape"]) == (1, "build")
    assert result["bpm_curve"] == [120, 122, 123, 126, 127]
    assert result["bpm_drift_per_hour"] == pytest.approx(10.8)
    assert result["bpm_median_change"] == 1.5
    assert result["key_curve"] == ["8A", "8A", "9A", "9A", "9A"]
    assert result["key_moves"] == ["same", "one step", "same", "same", None]
    assert result["longest_same_key_run"] == 3
    assert result["harmonic_flow_parts"]["key"] == {"score": 0.9625, "weight": 0.7, "coverage": 1.0}
    assert result["harmonic_flow_parts"]["tempo"]["score"] == pytest.approx(1 - 7 / 24, abs=1e-4)
    assert result["harmonic_flow_score"] == pytest.approx(0.7 * 0.9625 + 0.3 * (1 - 7 / 24), abs=1e-4)


async def test_a_set_is_compared_with_earlier_sets_of_its_series(bench: Bench) -> None:
    await written(bench, "silver.tracks", *tracks())

    def episode(number: int, track_id: str, **changes: Any) -> dict[str, Any]:
        return sample.playlist(
            f"p:{number}",
            1,
            sample.playlist_row(1, track_id),
            mix_name=f"Group Therapy Episode {number}",
            set_date=DAY + timedelta(days=7 * number),
            **changes,
        )

    await written(
        bench,
        "silver.playlists",
        episode(1, "a-1"),
        episode(2, "a-3"),
        episode(3, "a-5"),
        episode(4, "a-2", counted=False),
        episode(5, "a-5", djs=("guest",)),
    )
    async with refreshing(bench) as refresher:
        await refresher.some(DAY)
    trends = {row["playlist_id"]: row for row in bench.query("SELECT * FROM gold_playlist_trends")}
    assert {name: row["earlier_sets"] for name, row in trends.items()} == {
        "p:1": 0,
        "p:2": 1,
        "p:3": 2,
        "p:5": 0,
    }
    assert trends["p:3"]["previous_playlist_id"] == "p:2"
    assert trends["p:3"]["bpm_change"] == pytest.approx(127 - 121.5)
    assert trends["p:3"]["energy_change"] == pytest.approx(0.95 - 0.45)
    assert trends["p:1"]["bpm_change"] is None
