"""Supporters of tracks equal a computation over all plays, after any changes and after a rebuild."""

from datetime import date, timedelta
from typing import Any, cast

import pytest

from sinks import database
from sinks.refresh import rebuild
from sinks.refresh.refresher import Refresher
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import SetWorld, plays
from tests.support.query_work import CountingConnection
from tests.support.sink_bench import Bench
from tests.support.unpublished import Unpublished

LATE = date.max


def expected(bench: Bench) -> dict[str, list[tuple[str, date | None, str]]]:
    """Return per track the DJs with day and set of the first play, in the order of first play."""
    first: dict[tuple[str, str], tuple[date, str]] = {}
    for play in plays(bench):
        for dj in play.djs:
            place = (play.day or LATE, play.playlist_id)
            first[play.track_id, dj] = min(first.get((play.track_id, dj), place), place)
    order: dict[str, list[tuple[str, date | None, str]]] = {}
    for (track_id, dj), (day, playlist_id) in sorted(
        first.items(), key=lambda item: (item[0][0], *item[1], item[0][1])
    ):
        order.setdefault(track_id, []).append((dj, None if day == LATE else day, playlist_id))
    return order


def stored(bench: Bench) -> dict[str, list[tuple[str, date | None, str]]]:
    order: dict[str, list[tuple[str, date | None, str]]] = {}
    for row in bench.query("SELECT * FROM gold_track_supporters ORDER BY track_id, place"):
        entry = (row["dj_id"], row["first_date"], row["first_playlist_id"])
        order.setdefault(row["track_id"], []).append(entry)
    return order


def check_summaries(bench: Bench, order: dict[str, list[tuple[str, date | None, str]]]) -> None:
    summaries = {row["track_id"]: row for row in bench.query("SELECT * FROM gold_track_support")}
    assert summaries.keys() == order.keys()
    for track_id, supporters in order.items():
        days = [day for _, day, _ in supporters if day is not None]
        summary = summaries[track_id]
        assert (summary["supporters"], summary["dated_supporters"]) == (len(supporters), len(days))
        assert summary["first_date"] == (days[0] if days else None)
        assert summary["median_date"] == (days[(len(days) - 1) // 2] if days else None)
        assert summary["early_dj_ids"] == [dj for dj, day, _ in supporters if day is not None][:10]


@pytest.mark.parametrize("seed", [1, 2])
async def test_supporters_equal_a_computation_over_all_plays(bench: Bench, seed: int) -> None:
    world = SetWorld(seed)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for _ in range(12):
            await written(bench, "silver.playlists", *world.playlists(4))
            await refresher.some(DAY)
            order = expected(bench)
            assert stored(bench) == order
            check_summaries(bench, order)
        bench.execute("UPDATE track_supports SET first_date = '1999-01-01'")
        await refresher.everything(DAY)
    assert stored(bench) == order
    check_summaries(bench, order)


async def test_a_rebuild_summarises_a_track_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of the sets that are taken in at different times have it."""
    monkeypatch.setattr(rebuild, "CHUNK", 1)
    sets = 30
    playlists = (
        sample.playlist(f"p:{number}", 1, sample.playlist_row(1, "a-hit"), djs=(f"dj{number}",))
        for number in range(sets)
    )
    await written(bench, "silver.playlists", *playlists)
    connection = await database.connect(bench.settings)
    counting = CountingConnection(connection)
    refresher = Refresher(cast(Any, counting), cast(Any, Unpublished()))
    await refresher.tick(DAY, pinned=True)
    await refresher.everything(DAY)
    await connection.close()
    check_summaries(bench, expected(bench))
    assert sets < counting.rows["refresh_supports.summarise"] < 10 * sets


async def test_a_dj_breaks_a_track_that_many_play_later(bench: Bench) -> None:
    def played(number: int, **changes: Any) -> dict[str, Any]:
        return sample.playlist(
            f"p:{number:02}",
            1,
            sample.playlist_row(1, "a-hit"),
            djs=(f"dj{number:02}",),
            set_date=date(2025, 1, 1) + timedelta(days=number),
            **changes,
        )

    async with refreshing(bench) as refresher:
        await written(bench, "silver.playlists", *(played(number) for number in range(9)))
        await refresher.some(DAY)
        assert bench.count("gold_dj_breaks") == 0
        await written(bench, "silver.playlists", *(played(number) for number in range(9, 12)))
        await refresher.some(DAY)
    rows = bench.query("SELECT dj_id, place, supporters, lead_days FROM gold_dj_breaks ORDER BY place")
    assert [tuple(row.values()) for row in rows] == [(f"dj0{n}", n + 1, 12, 5 - n) for n in range(5)]
