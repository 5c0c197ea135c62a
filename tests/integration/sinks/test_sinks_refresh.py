"""Refresh: the same rows incrementally and by a rebuild, scores as computed by the domain."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, cast

import pytest

from sinks import database, tables
from sinks.refresh import playlists
from sinks.refresh.loop import Loop
from sinks.refresh.refresher import Refresher
from songnodes.clock import ManualClock
from songnodes.domain import trending
from songnodes.errors import NotAcknowledged
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, write_directly

DAY = date(2026, 3, 2)


class Published:
    """Collects the records for gold.playlists and gold.transitions; may refuse them."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.records: list[dict[str, Any]] = []
        self.transitions: list[dict[str, Any]] = []
        self.refuse = refuse

    async def store(self, _connection: Any, topic: str, records: dict[str, dict[str, Any]]) -> None:
        {"gold.playlists": self.records, "gold.transitions": self.transitions}[topic].extend(records.values())

    async def send(self, _connection: Any) -> None:
        if self.refuse and (self.records or self.transitions):
            raise NotAcknowledged


@asynccontextmanager
async def refreshing(
    bench: Bench, published: Any = None, *, pairs_rest_s: float = 0.0
) -> AsyncIterator[Refresher]:
    connection = await database.connect(bench.settings)
    try:
        yield Refresher(connection, cast(Any, published or Published()), pairs_rest_s=pairs_rest_s)
    finally:
        await connection.close()


async def written(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


#: Columns that refresh owns, and their inputs.
OWNED = (
    "SELECT track_id, trending_score, popularity_rank, genre_rank, harmonic_matches, harmonic_floor"
    " FROM gold_track_analytics ORDER BY 1",
    "SELECT artist_id, trending_score, popularity_rank, genre_distribution"
    " FROM gold_artist_analytics ORDER BY 1",
    "SELECT playlist_id, row_index, key_relation, bpm_change FROM silver_playlist_tracks ORDER BY 1, 2",
    "SELECT * FROM gold_artist_collaboration_network ORDER BY 1, 2",
    "SELECT subject, genre, kappa, active FROM trending_kappa ORDER BY 1, 2",
)
ANALYTICS = "SELECT * FROM gold_playlist_analytics ORDER BY playlist_id"


def owned(bench: Bench) -> list[list[dict[str, Any]]]:
    analytics = [{k: v for k, v in row.items() if k != "updated_at"} for row in bench.query(ANALYTICS)]
    return [*(bench.query(statement) for statement in OWNED), analytics]


class World:
    """Random changes of tracks, artists and sets."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.version = 0

    def track_ids(self, count: int) -> list[str]:
        return [f"artist{self.random.randrange(6)}-{self.random.randrange(12)}" for _ in range(count)]

    async def change(self, bench: Bench, size: int = 8) -> None:
        self.version += 1
        chosen = sorted(set(self.track_ids(size)))
        silver, gold = [], []
        for track_id in chosen:
            keyed = self.random.random() < 0.9
            facts = {
                "key": self.random.randint(1, 12) if keyed else None,
                "key_mode": self.random.choice(["major", "minor"]) if keyed else None,
                "bpm": self.random.choice([None, 124.0, 126.0, 128.0, 62.5, 129.5]),
                "genres": self.random.choice([["house"], ["techno", "house"], []]),
                "confidence_score": self.random.choice([0.5, 0.9]),
                "energy": self.random.choice([None, 0.3, 0.8]),
            }
            removed = self.random.random() < 0.15
            silver.append(sample.track(track_id, self.version, gone=removed, **facts))
            gold.append(sample.counts(track_id, self.version, gone=removed, **facts, **self.support()))
        await written(bench, "silver.tracks", *silver)
        await written(bench, "gold.tracks", *gold)
        name = f"artist{self.random.randrange(6)}"
        await written(bench, "gold.artists", sample.artist_counts(name, self.version, **self.support()))
        rows = [sample.playlist_row(n, track_id) for n, track_id in enumerate(self.track_ids(5), 1)]
        claims = [
            sample.claim(row["track_id"].partition("-")[0], "x", artist_ids=self.names()) for row in rows
        ]
        rows = [{**row, "claim": claim} for row, claim in zip(rows, claims, strict=True)]
        playlist = sample.playlist(f"p:{self.random.randrange(5)}", self.version, *rows)
        await written(bench, "silver.playlists", playlist)

    def support(self) -> dict[str, Any]:
        days = sorted({DAY - timedelta(days=self.random.randrange(-2, 60)) for _ in range(4)})
        return {
            "support_days": [{"day": day, "weight": self.random.choice([0.5, 1.0, 2.0])} for day in days],
            "dj_support": self.random.randrange(4),
        }

    def names(self) -> list[str]:
        return sorted({f"artist{self.random.randrange(6)}" for _ in range(2)})


@pytest.mark.parametrize("seed", [1, 2])
async def test_incremental_refresh_equals_a_rebuild(bench: Bench, seed: int) -> None:
    world = World(seed)
    published = Published()
    async with refreshing(bench, published) as refresher:
        await refresher.tick(DAY, pinned=True)
        for _ in range(8):
            await world.change(bench)
            while await refresher.some(DAY):
                pass
        await refresher.whole(DAY)
        by_queue = owned(bench)
        newest = {published_record["playlist_id"]: published_record for published_record in published.records}
        bench.execute("DELETE FROM gold_playlist_analytics")
        bench.execute("UPDATE silver_playlist_tracks SET key_relation = NULL, bpm_change = NULL")
        bench.execute("UPDATE gold_track_matches SET harmonic_matches = '{}', harmonic_floor = 1")
        bench.execute("UPDATE gold_track_ranks SET popularity_rank = 0")
        published.records.clear()
        await refresher.everything(DAY)
    assert owned(bench) == by_queue
    assert {
        published_record["playlist_id"]: published_record for published_record in published.records
    } == newest


def collaboration_view() -> str:
    """Return the query of the materialized view that the table replaced: the same rows by a rebuild."""
    text = (files("sinks") / "sql" / "migrations" / "0005.views.sql").read_text()
    query = text.split("CREATE MATERIALIZED VIEW gold_artist_collaboration_network AS")[1].split(";")[0]
    return f"SELECT * FROM ({query}) AS whole ORDER BY artist_1_id, artist_2_id"  # noqa: S608  # our own file


NETWORK = "SELECT * FROM gold_artist_collaboration_network ORDER BY artist_1_id, artist_2_id"


@pytest.mark.parametrize("seed", range(3))
async def test_the_network_equals_a_computation_over_all_sets(bench: Bench, seed: int) -> None:
    """Sets, corrections and retractions arrive in any order."""
    world = World(seed)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for _ in range(5):
            await world.change(bench)
            while await refresher.some(DAY):
                pass
            assert bench.query(NETWORK) == bench.query(collaboration_view())


async def test_pairs_of_artists_wait_while_sets_keep_coming(bench: Bench) -> None:
    world = World(4)
    async with refreshing(bench, pairs_rest_s=3600.0) as refresher:
        await refresher.tick(DAY, pinned=True)
        await world.change(bench, 20)
        while await refresher.some(DAY):
            pass
        first = bench.query(NETWORK)
        assert first == bench.query(collaboration_view())
        for _ in range(4):
            await world.change(bench)
            while await refresher.some(DAY):
                pass
        assert bench.query(NETWORK) == first
        assert bench.count("network_sets_due") == 0
        assert bench.count("network_pairs_due") > 0
    async with refreshing(bench) as refresher:
        while await refresher.some(DAY):
            pass
    assert bench.query(NETWORK) == bench.query(collaboration_view())


async def test_a_set_of_very_many_artists_costs_linear_work(bench: Bench) -> None:
    """A valid set of 5,000 artists once made a refresh quadratic, which then always timed out."""
    rows = [
        sample.playlist_row(n, f"a{n}-t", claim=sample.claim(f"a{n}", "t", artist_ids=[f"a{n}"]))
        for n in range(1, 2_001)
    ]
    crowd = sample.claim("x", "crowd", artist_ids=[f"a{n}" for n in range(1, 201)])
    await written(bench, "silver.playlists", sample.playlist("p:large", 1, *rows))
    await written(
        bench, "silver.playlists", sample.playlist("p:crowd", 1, sample.playlist_row(1, "x", claim=crowd))
    )
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
    assert bench.query("SELECT count(*) AS n FROM gold_artist_collaboration_network") == [{"n": 0}]
    assert bench.query("SELECT count(*) AS n FROM network_pairs_due") == [{"n": 0}]


async def test_a_failed_step_does_not_block_the_others(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts("a-one", 1))
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        bench.execute("ALTER TABLE trending_kappa ADD CONSTRAINT never CHECK (kappa < 0)")
        await refresher.whole(DAY)
    steps = {row["step"]: row for row in bench.query("SELECT * FROM refresh_steps")}
    assert "never" in steps["kappa"]["error"]
    assert steps["kappa"]["succeeded_at"] is None
    assert steps["rank_tracks"]["succeeded_at"] is not None
    assert bench.query("SELECT popularity_rank FROM gold_track_analytics") == [{"popularity_rank": 1}]


async def test_an_entity_that_fails_twice_is_set_aside(bench: Bench) -> None:
    tracks = [sample.counts(f"a-{n}", 1) for n in range(5)]
    await written(bench, "gold.tracks", *tracks)
    bench.execute(
        "ALTER TABLE gold_track_scores ADD CONSTRAINT poison"
        " CHECK (track_id <> 'a-3' OR trending_score = 0) NOT VALID"
    )
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for _ in range(4):
            await refresher.some(DAY)
    (aside,) = bench.query("SELECT kind, id, attempts, is_set_aside, error FROM set_aside")
    assert (aside["kind"], aside["id"], aside["attempts"], aside["is_set_aside"]) == ("track", "a-3", 2, True)
    assert "poison" in aside["error"]
    assert bench.query("SELECT count(*) AS n FROM refresh_queue") == [{"n": 0}]


async def test_a_rebuild_leaves_nothing_queued_in_the_network(bench: Bench) -> None:
    rows = [sample.playlist_row(number, f"a-{number}") for number in (1, 2)]
    await written(bench, "silver.playlists", sample.playlist("set", rows=rows))
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        bench.query("INSERT INTO refresh_steps (step, done, waiting) VALUES ('network', 3, 7) RETURNING step")
        await refresher.everything(DAY)
    (step,) = bench.query("SELECT done, waiting, began_at FROM refresh_steps WHERE step = 'network'")
    assert step["done"] >= 1
    assert (step["waiting"], step["began_at"]) == (0, None)


async def test_scores_equal_those_of_the_domain(bench: Bench) -> None:
    world = World(3)
    records = [
        sample.counts(f"artist-{n}", genres=["house"] if n < 120 else ["rare"], **world.support())
        for n in range(150)
    ]
    await written(bench, "gold.tracks", *records)
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    days = {record["track_id"]: {d["day"]: d["weight"] for d in record["support_days"]} for record in records}
    rates = {track_id: trending.decayed(support, DAY) for track_id, support in days.items()}
    active = [record for record in records if trending.is_active(days[record["track_id"]], DAY)]

    def kappa(chosen: list[dict[str, Any]]) -> float:
        return trending.kappa(rates[record["track_id"]].fast for record in chosen)

    in_house = [record for record in active if record["genres"] == ["house"]]
    assert len(in_house) >= 100 > len(active) - len(in_house)
    for row in bench.query("SELECT track_id, genres, trending_score FROM gold_track_analytics"):
        chosen = in_house if row["genres"] == ["house"] else active
        expected = trending.score(rates[row["track_id"]], kappa(chosen))
        assert row["trending_score"] == pytest.approx(expected, rel=1e-9, abs=1e-12)


async def test_ranks_follow_scores(bench: Bench) -> None:
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-one", dj_support=2, playlist_appearances=9, genres=["house"]),
        sample.counts("a-two", dj_support=3, playlist_appearances=3, genres=["techno"]),
        sample.counts("b-tie", dj_support=2, playlist_appearances=9, genres=["house"]),
        sample.counts("a-none", dj_support=0, playlist_appearances=0, genres=[]),
    )
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    rows = bench.query(
        "SELECT track_id, popularity_rank, genre_rank FROM gold_track_analytics ORDER BY popularity_rank"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("a-two", 1, 1),
        ("a-one", 2, 1),
        ("b-tie", 3, 2),
        ("a-none", 4, None),
    ]


async def test_transitions_of_a_set_are_analysed_row_by_row(bench: Bench) -> None:
    rows = [
        sample.playlist_row(1, "a-one", cue_seconds=0),
        sample.playlist_row(2, "a-two", cue_seconds=300),
        sample.playlist_row(3, "a-layer", group_index=2, role="layered"),
        sample.playlist_row(4, None, group_index=3),
        sample.playlist_row(5, "a-three", group_index=4),
        sample.playlist_row(6, "a-one", group_index=5),
    ]
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *rows))
    await written(
        bench,
        "silver.tracks",
        sample.track("a-one", bpm=128.0, key=8, energy=0.5, genres=["house"]),
        sample.track("a-two", bpm=65.0, key=9, energy=0.9, genres=["techno"]),
        sample.track("a-layer", bpm=200.0, key=1),
        sample.track("a-three", bpm=None, key=2, energy=None, genres=["house"]),
    )
    published = Published()
    async with refreshing(bench, published) as refresher:
        assert await refresher.some(DAY) == 5
        assert await refresher.some(DAY) == 0
    transitions = bench.query(
        "SELECT gap_seconds, key_relation, bpm_change FROM silver_playlist_tracks ORDER BY row_index"
    )
    assert [tuple(row.values()) for row in transitions] == [
        (300, "one step", 2),
        (None, None, None),
        (None, None, None),
        (None, None, None),
        (None, "clash", None),
        (None, None, None),
    ]
    (analytics,) = published.records
    assert (analytics["row_count"], analytics["identified_count"], analytics["version"]) == (6, 5, 1)
    assert analytics["identified_share"] == pytest.approx(5 / 6)
    assert analytics["coverage"] == pytest.approx(3 / 5)
    assert (analytics["bpm_min"], analytics["bpm_max"]) == (128.0, 130.0)
    assert (analytics["energy_mean"], analytics["energy_peak"]) == (pytest.approx(1.9 / 3, abs=1e-6), 0.9)
    assert analytics["key_relations"] == {"compatible": 1, "clash": 1}
    assert analytics["genre_mix"] == {"house": 0.75, "techno": 0.25}
    assert bench.codec.decode("gold.playlists", bench.codec.encode("gold.playlists", analytics)) == analytics


async def test_a_set_whose_record_kafka_refuses_stays_queued(bench: Bench) -> None:
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, sample.playlist_row(1, "a-one")))
    async with refreshing(bench, Published(refuse=True)) as refresher:
        with pytest.raises(NotAcknowledged):
            await refresher.some(DAY)
    assert bench.count("refresh_queue") == 1
    async with refreshing(bench) as refresher:
        assert await refresher.some(DAY) == 1
    assert bench.count("gold_playlist_analytics") == 1


async def test_an_unchanged_set_is_published_once(bench: Bench) -> None:
    published = Published()
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, sample.playlist_row(1, "a-one")))
    async with refreshing(bench, published) as refresher:
        await refresher.everything(DAY)
        await refresher.everything(DAY + timedelta(days=1))
    assert len(published.records) == 1
    assert bench.value("SELECT as_of FROM gold_playlist_analytics") == DAY + timedelta(days=1)


async def test_the_process_catches_up_and_starts_a_new_day(bench: Bench) -> None:
    world = World(5)
    await world.change(bench, 20)
    clock = ManualClock(sample.SEEN)
    loop = Loop(clock)
    async with refreshing(bench) as refresher:
        while await loop.turn(refresher):
            pass
        await loop.turn(refresher)
        state = await refresher.state()
        assert state is not None
        assert state.as_of == DAY
        first = owned(bench)
        clock.move(sample.SEEN + timedelta(days=9))
        await loop.turn(refresher)
        state = await refresher.state()
        assert state is not None
        assert state.as_of == DAY + timedelta(days=9)
    assert owned(bench) != first
    assert bench.value("SELECT count(*) FROM gold_track_analytics WHERE popularity_rank IS NULL") == 0


async def test_a_sink_and_refresh_never_wait_for_each_other(bench: Bench) -> None:
    """Locking the same rows in different orders is a deadlock: a wait of a second and a repeated batch."""
    writer = tables.WRITERS["gold.tracks"]
    chance = random.Random(7)
    names = [f"artist-{number}" for number in range(400)]
    written = asyncio.Event()

    async def write() -> None:
        for version in range(1, 26):
            chance.shuffle(names)
            days = [{"day": DAY - timedelta(days=chance.randrange(40)), "weight": 1.0}]
            await write_directly(
                bench.settings,
                writer,
                [
                    sample.counts(name, version, support_days=days, dj_support=chance.randrange(50))
                    for name in names
                ],
            )
        written.set()

    async def refresh(refresher: Refresher) -> None:
        while not written.is_set():
            day = DAY + timedelta(days=chance.randrange(30))
            await refresher.some(day)
            await refresher.whole(day)

    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        await asyncio.gather(write(), refresh(refresher))
    assert bench.value("SELECT count(*) FROM gold_track_analytics WHERE version = 25") == len(names)


async def test_a_further_play_of_a_track_refreshes_no_other_set(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A track can be in thousands of sets; their analytics use only its key, tempo, energy and genre."""
    facts: dict[str, Any] = {"key": 1, "key_mode": "major", "bpm": 124.0, "energy": 0.3, "genres": ["house"]}
    sets = [sample.playlist(f"p:{n}", 1, sample.playlist_row(1, "a-hit")) for n in range(3)]
    await written(bench, "silver.playlists", *sets)
    await written(bench, "silver.tracks", sample.track("a-hit", 1, **facts))
    await written(bench, "gold.tracks", sample.counts("a-hit", 1, **facts))
    renewed: list[Sequence[str]] = []
    renew = playlists.renew

    async def spy(connection: Any, publisher: Any, chosen: Sequence[str], as_of: date) -> int:
        renewed.append(chosen)
        return await renew(connection, publisher, chosen, as_of)

    monkeypatch.setattr(playlists, "renew", spy)
    everyone = ["p:0", "p:1", "p:2"]
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)

        async def after(version: int, **changes: Any) -> Sequence[str]:
            await written(bench, "silver.tracks", sample.track("a-hit", version, **{**facts, **changes}))
            await written(bench, "gold.tracks", sample.counts("a-hit", version, **{**facts, **changes}))
            renewed.clear()
            assert await refresher.some(DAY) >= 1  # an entity that waits twice is taken once
            while await refresher.some(DAY):
                pass  # what depends on it
            return [playlist_id for chosen in renewed for playlist_id in chosen]

        await refresher.some(DAY)
        assert renewed == [everyone]
        assert await after(2) == []
        assert await after(3, genres=["house", "tech house"], confidence_score=0.9) == []
        changes: tuple[dict[str, Any], ...] = ({"key": 2}, {"bpm": 125.0}, {"energy": 0.4}, {"genres": ["x"]})
        for version, change in enumerate(changes, 2):
            facts |= change
            assert await after(2 * version) == everyone, change
            assert await after(2 * version + 1) == [], change
        await refresher.everything(DAY)
        assert await after(20) == []
        await written(bench, "silver.tracks", sample.track("a-hit", 21, gone=True))
        renewed.clear()
        while await refresher.some(DAY):
            pass
        assert renewed[-1] == everyone
