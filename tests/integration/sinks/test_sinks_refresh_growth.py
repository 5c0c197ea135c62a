"""Work of a set in the artist network grows with its rows, not faster: rows that the plans handle."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, cast

from sinks import database, tables
from sinks.refresh.refresher import Refresher
from tests.support import sample_records as sample
from tests.support.query_work import CountingConnection
from tests.support.sink_bench import Bench, write_directly
from tests.support.unpublished import Unpublished

DAY = date(2026, 3, 2)
SETS = 150
ROWS_PER_SET = 10
#: Twice the input does twice the work; n log n and small fixed costs stay below this, n squared is 4.
MAX_RATIO = 2.5
#: Below this, the rows of a statement are fixed costs.
MIN_ROWS = 1_000
#: Per row of a set; a join of all pairs with all genres or all pairs is thousands.
MAX_ROWS_PER_ROW = 200
#: Statements that take a set into the artist network and its transitions.
STATEMENTS = (
    "refresh_network.find_changes",
    "refresh_network.find_tracks",
    "refresh_network.pairs_of_tracks",
    "refresh_network.count_tracks",
    "refresh_network.sets_before",
    "refresh_network.pairs_of_sets",
    "refresh_network.add_sets",
    "refresh_network.add_credits",
    "refresh_network.pairs_count",
    "refresh_network.pairs_name",
    "refresh_transitions.take_sets",
    "refresh_transitions.count_pairs",
)

#: Statements that compute the rows and analytics of a set.
SET_STATEMENTS = ("refresh_playlists.transitions", "refresh_playlists.analyse", "refresh.score_tracks")


def set_record(number: int, rows: int = ROWS_PER_SET, *, hit: bool = True) -> dict[str, Any]:
    """Return a set of pairs of artists of its own; with `hit` one pair is that of all such sets."""
    records = []
    for place in range(1, rows + 1):
        artists = (
            ["hit-1", "hit-2"] if hit and place == 1 else [f"a{number}.{place}", f"a{number}.{place + 1}"]
        )
        claim = sample.claim("x", "t", artist_ids=artists)
        records.append(sample.playlist_row(place, "-".join(artists), claim=claim))
    day = date(2010, 1, 1) + timedelta(days=number % 5_000)
    return sample.playlist(f"p:{number}", 1, *records, djs=(f"dj{number % 7}",), set_date=day)


async def write_sets(bench: Bench, *playlists: dict[str, Any]) -> None:
    """Write sets and their tracks, and let the server know how many there are, as autovacuum does."""
    tracks = sorted({row["track_id"] for playlist in playlists for row in playlist["rows"]})
    await write_directly(bench.settings, tables.WRITERS["silver.playlists"], playlists)
    values: list[dict[str, Any]] = [
        {"bpm": None, "key": None, "key_mode": None, "genres": [f"g{n % 5}", "house"]}
        for n in range(len(tracks))
    ]
    pairs = list(zip(tracks, values, strict=True))
    silver = [sample.track(track_id, 1, **value) for track_id, value in pairs]
    await write_directly(bench.settings, tables.WRITERS["silver.tracks"], silver)
    days = [{"day": DAY - timedelta(days=3), "weight": 1.0}]
    gold = [sample.counts(track_id, 1, support_days=days, **value) for track_id, value in pairs]
    await write_directly(bench.settings, tables.WRITERS["gold.tracks"], gold)
    bench.execute("ANALYZE")


async def refreshed(bench: Bench) -> Counter[str]:
    """Refresh all that is queued, and return the rows handled per statement."""
    connection = await database.connect(bench.settings)
    try:
        # small tables are read from end to end, of large ones only the indexes; bitmaps count rows twice
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        counting = CountingConnection(connection)
        refresher = Refresher(cast(Any, counting), cast(Any, Unpublished()))
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
        return counting.rows
    finally:
        await connection.close()


def grown(small: Counter[str], large: Counter[str]) -> dict[str, tuple[int, int]]:
    """Return the statements that handled more than MAX_RATIO times the rows."""
    return {
        name: (small[name], large[name])
        for name in STATEMENTS
        if large[name] > MIN_ROWS + MAX_RATIO * small[name]
    }


async def test_a_set_of_twice_the_artists_is_twice_the_work(bench: Bench) -> None:
    await write_sets(bench, *map(set_record, range(SETS)))
    await refreshed(bench)
    measured = []
    for rows in (300, 600):
        await write_sets(bench, set_record(10_000 + rows, rows, hit=False))
        measured.append(await refreshed(bench))
    small, large = measured
    assert all(large[name] > 0 for name in STATEMENTS)
    assert grown(small, large) == {}
    assert max(large[name] for name in STATEMENTS) < MAX_ROWS_PER_ROW * 600


async def test_a_set_costs_the_same_among_many_sets(bench: Bench) -> None:
    measured, count = [], 0
    for sets in (30, 120):
        await write_sets(bench, *(set_record(number) for number in range(count, sets)))
        await refreshed(bench)
        await write_sets(bench, set_record(10_000 + sets, 200, hit=False))
        measured.append(await refreshed(bench))
        count = sets
    small, large = measured
    names = (*STATEMENTS, *SET_STATEMENTS)
    assert all(small[name] > 0 for name in names)
    # 4 times the sets; a small table may be read from end to end where that is cheaper
    assert {name: (small[name], large[name]) for name in names if large[name] > 2 * small[name]} == {}
