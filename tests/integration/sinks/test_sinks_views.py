"""The views of the specification and the printed queries, on constructed rows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sinks import database, tables
from sinks.refresh import network
from songnodes.domain import harmonic
from songnodes.domain.keys.wheel import Key, compatible
from tests.support import sample_records as sample
from tests.support.query_work import rows_of
from tests.support.sink_bench import Bench, write_directly

PRINTED = Path(__file__).parents[3] / "demo" / "queries"
TODAY = datetime.now(UTC).date()
MODES = {"A": "minor", "B": "major"}

#: Tracks of two genres, released now.
MANY_TRACKS = """
    INSERT INTO gold_track_counts (
        track_id, version_artists, all_artists, genres, release_year, play_count,
        component_plays, self_plays, playlist_appearances, dj_support, support_dates, support_weights,
        last_observed_at, version, pipeline_version, event_id, last_seen_date
    )
    SELECT 't' || n, '{}', '{}', CASE WHEN n % 2 = 0 THEN '{house,techno}'::text[] ELSE '{techno,house}' END,
           extract(YEAR FROM now()), 1, 0, 0, 1, 1, '{}', '{}', now(), 1, '1', gen_random_uuid(),
           now()
    FROM generate_series(1, 20000) AS n;
    UPDATE gold_track_scores SET trending_score = 1.0 / substr(track_id, 2)::integer
"""

#: As refresh writes them with the scores.
STORE_PLAYS = """
    UPDATE gold_track_scores AS scores SET play_count = counts.play_count
    FROM gold_track_counts AS counts WHERE counts.track_id = scores.track_id
"""


async def written(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


def printed(bench: Bench, name: str) -> list[dict[str, Any]]:
    """Return the rows of a documented query, run as printed."""
    (path,) = PRINTED.glob(f"*{name}.sql")
    return bench.query(path.read_text())


def keyed(track_id: str, camelot: str, bpm: float, **changes: Any) -> dict[str, Any]:
    more = {"key": int(camelot[:-1]), "key_mode": MODES[camelot[-1]], "bpm": bpm, **changes}
    return sample.counts(track_id, **more)


def partners(bench: Bench, track_id: str) -> dict[str, tuple[str, float]]:
    rows = bench.query(
        "SELECT recommended_track_id, compatibility, bpm_difference FROM gold_harmonic_partners"
        " WHERE source_track_id = %s",
        track_id,
    )
    return {row["recommended_track_id"]: (row["compatibility"], float(row["bpm_difference"])) for row in rows}


async def test_the_camelot_wheel_wraps_and_tempo_folds(bench: Bench) -> None:
    await written(
        bench,
        "gold.tracks",
        keyed("a-source", "12A", 128),
        keyed("a-same", "12A", 126.5),
        keyed("a-over", "1A", 128),
        keyed("a-under", "11A", 134),
        keyed("a-relative", "12B", 122),
        keyed("a-half", "12A", 65),
        keyed("a-double", "1A", 252),
        keyed("a-far", "12A", 134.01),
        keyed("a-clash", "6A", 128),
        keyed("a-diagonal", "1B", 128),
        sample.counts("a-keyless", key=None, key_mode=None),
        sample.counts("a-beatless", key=12, bpm=None),
    )
    assert partners(bench, "a-source") == {
        "a-same": ("perfect", 1.5),
        "a-over": ("compatible", 0),
        "a-under": ("compatible", 6),
        "a-relative": ("compatible", 6),
        "a-half": ("perfect", 2),
        "a-double": ("compatible", 2),
        "a-diagonal": ("possible", 0),
    }
    assert partners(bench, "a-over")["a-source"] == ("compatible", 0)


async def test_the_view_equals_the_domains_ranking(bench: Bench) -> None:
    """Compare all pairs of the 24 keys, at tempi around each other's octaves."""
    tempi = (40.0, 63.5, 64, 66.9, 87, 122, 125.99, 128, 133.99, 134, 174, 250)
    rows, candidates = [], []
    for number in range(1, 13):
        for letter, mode in MODES.items():
            for place, bpm in enumerate(tempi):
                if (number + place) % 3 == 0:
                    name, confidence = f"a-{number}{letter}-{place}", 0.5 + place / 100
                    rows.append(keyed(name, f"{number}{letter}", bpm, confidence_score=confidence))
                    key = Key(number=number, mode=mode)  # type: ignore[arg-type]
                    candidates.append(
                        harmonic.Candidate(track_id=name, key=key, bpm=bpm, confidence=confidence)
                    )
    await written(bench, "gold.tracks", *rows)
    ranking: dict[str, list[tuple[str, str, str, float]]] = {
        candidate.track_id: [] for candidate in candidates
    }
    for row in bench.query(
        "SELECT * FROM gold_harmonic_partners"
        ' ORDER BY source_track_id, score DESC, recommended_track_id COLLATE "C"'
    ):
        ranking[row["source_track_id"]].append(
            (row["recommended_track_id"], row["compatibility"], row["move"], round(row["score"], 9))
        )
    for candidate in candidates:
        expected = [
            (m.track_id, m.relation.kind, m.relation.move, round(m.score, 9))
            for m in harmonic.rank(candidate, candidates, limit=10_000)
        ]
        assert sorted(ranking[candidate.track_id]) == sorted(expected), candidate
        assert [row[3] for row in ranking[candidate.track_id]] == [row[3] for row in expected]


async def test_compatible_keys_equal_those_of_the_domain(bench: Bench) -> None:
    names = [f"{number}{letter}" for number in range(1, 13) for letter in MODES]
    await written(bench, "gold.tracks", *(keyed(f"a-{name}", name, 128) for name in names))
    for row in bench.query("SELECT key, key_mode, compatible_keys FROM gold_track_analytics"):
        assert tuple(row["compatible_keys"]) == compatible(Key(number=row["key"], mode=row["key_mode"]))


async def test_top_tracks_are_listed_by_genre(bench: Bench) -> None:
    old = TODAY.year - 3
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-one", genres=["house", "techno"], release_year=TODAY.year),
        sample.counts("a-two", genres=["house"], release_year=TODAY.year - 2, play_count=5),
        sample.counts("a-three", genres=["house"], release_year=TODAY.year),
        sample.counts("a-old", genres=["house"], release_year=old),
        sample.counts("a-undated", genres=["house"], release_year=None),
    )
    bench.execute(STORE_PLAYS)
    bench.execute("UPDATE gold_track_scores SET trending_score = .9 WHERE track_id = 'a-three'")
    rows = bench.query("SELECT * FROM gold_top_tracks_by_genre ORDER BY genre, rank")
    assert list(rows[0])[:6] == [
        "genre",
        "track_name",
        "primary_artist",
        "play_count",
        "trending_score",
        "rank",
    ]
    assert [(row["genre"], row["rank"], row["track_id"]) for row in rows] == [
        ("house", 1, "a-three"),
        ("house", 2, "a-two"),
        ("house", 3, "a-one"),
        ("techno", 1, "a-one"),
    ]


async def test_all_genres_of_a_track_are_listed(bench: Bench) -> None:
    genres = [f"genre {number}" for number in range(5)]
    many = sample.counts("a-many", genres=genres, release_year=TODAY.year)
    single = sample.counts("a-one", genres=genres[3:4], release_year=TODAY.year, play_count=9)
    await written(bench, "gold.tracks", many, single)
    bench.execute(STORE_PLAYS)
    rows = bench.query("SELECT genre, rank, track_id FROM gold_top_tracks_by_genre ORDER BY genre, rank")
    first = [(genre, 2 if genre == "genre 3" else 1, "a-many") for genre in genres]
    assert sorted(tuple(row.values()) for row in rows) == sorted([*first, ("genre 3", 1, "a-one")])


async def test_the_first_ranks_are_read_alone(bench: Bench) -> None:
    bench.execute(MANY_TRACKS)
    bench.execute("ANALYZE gold_track_counts; ANALYZE gold_track_scores; ANALYZE gold_track_ranks")
    statement = "SELECT * FROM gold_top_tracks_by_genre WHERE genre = $1 AND rank <= 20"
    connection = await database.connect(bench.settings)
    try:
        # The planner prefers these for a small table, whose rows are narrow.
        await connection.execute("SET enable_bitmapscan = off; SET enable_seqscan = off")
        assert len(await connection.fetch(statement, "house")) == 20
        assert await rows_of(connection, statement, "house") < 4000
        assert await rows_of(connection, (PRINTED / "4_trending_this_month.sql").read_text()) < 1000
    finally:
        await connection.close()


async def test_the_network_links_artists(bench: Bench) -> None:
    both = sample.claim("x", "y", artist_ids=["zed", "amy"])
    remix = sample.claim("x", "y", artist_ids=["zed"], version_artist_ids=["bob"])
    solo = sample.claim("x", "y", artist_ids=["amy"])
    duo = sample.playlist_row(1, "zed-duo", claim=both)
    mix = sample.playlist_row(2, "zed-mix", claim=remix)
    own = sample.playlist_row(3, "amy-own", claim=solo)
    unread = sample.playlist_row(4, None, status="unidentified")
    await written(
        bench,
        "silver.playlists",
        *(sample.playlist(f"p:{n}", 1, duo, mix) for n in range(7)),
        sample.playlist("p:8", 1, mix, own, unread, djs=("other",)),
        sample.playlist("p:9", 1, duo, counted=False, djs=("third",)),
    )
    await written(
        bench,
        "silver.artists",
        sample.artist("amy", name="Zoe"),
        sample.artist("zed", name="Adam"),
        sample.artist("bob", name="Bob"),
    )
    await written(
        bench,
        "silver.tracks",
        sample.track("zed-duo", genres=["house"]),
        sample.track("zed-mix", genres=["house"]),
        sample.track("amy-own", genres=["techno"]),
    )
    connection = await database.connect(bench.settings)
    try:
        await network.reset(connection)
        for take in (network.take_sets, network.take_artists, network.take_pairs):
            async with connection.transaction():
                await take(connection)
    finally:
        await connection.close()
    rows = {
        (row["artist_1"], row["artist_2"]): row
        for row in bench.query("SELECT * FROM gold_artist_collaboration_network")
    }
    assert rows.keys() == {("Adam", "Zoe"), ("Adam", "Bob")}
    pair = rows["Adam", "Zoe"]
    assert list(pair)[:5] == [
        "artist_1",
        "artist_2",
        "collaboration_count",
        "shared_playlists",
        "genre_overlap",
    ]
    # 5 of the 7 sets of one DJ, and the one of another where a track of each was played
    assert (pair["collaboration_count"], pair["shared_playlists"]) == (1, 6)
    assert (pair["artist_1_id"], pair["artist_2_id"]) == ("zed", "amy")
    # Adam: all house; Zoe: half house, half techno
    assert pair["genre_overlap"] == round(0.5 / 1.5, 4)
    assert rows["Adam", "Bob"]["genre_overlap"] == 1


async def test_query_1_matches_the_track_history(bench: Bench) -> None:
    pages = [
        sample.tracklist("one", "Deadmau5 - Strobe"),
        sample.tracklist("two", "DEADMAU5 - Strobe (Edit)"),
    ]
    await written(bench, "bronze.tracklists", *pages)
    ids = {
        row["playlist_id"]: row["id"]
        for row in bench.query("SELECT id, playlist_id FROM bronze_scraped_tracks")
    }
    for place, (playlist_id, bronze_id) in enumerate(sorted(ids.items())):
        row = sample.playlist_row(1, "deadmau5-strobe", row_key="1000", bronze_id=str(bronze_id))
        await written(bench, "silver.playlists", sample.playlist(playlist_id, place + 1, row))
    first = str(ids["1001tracklists:one"])
    await written(bench, "silver.tracks", sample.track(bronze_id=first))
    await written(bench, "gold.tracks", sample.counts(play_count=2))
    rows = printed(bench, "track_history")
    assert sorted((row["original_track_name"], row["play_count"]) for row in rows if row["play_count"]) == [
        ("Strobe", 2)
    ]
    assert len(rows) == 2
    assert [row["providers"] for row in rows if row["providers"]] == ['["beatport", "spotify"]']
    history = bench.query("SELECT * FROM track_history WHERE original_track_name ILIKE '%strobe%'")
    assert [(row["track_id"], row["play_count"], row["superseded"]) for row in history] == [
        ("deadmau5-strobe", 2, False)
    ] * 2


async def test_a_corrected_sighting_remains_in_the_history(bench: Bench) -> None:
    await written(bench, "bronze.tracklists", sample.tracklist("one", "ID - ID"))
    await written(bench, "bronze.tracklists", sample.tracklist("one", "Deadmau5 - Strobe"))
    (now,) = bench.query("SELECT id FROM bronze_scraped_tracks WHERE raw_data->>'track_name' = 'Strobe'")
    row = sample.playlist_row(1, "deadmau5-strobe", row_key="1000", bronze_id=str(now["id"]))
    await written(bench, "silver.playlists", sample.playlist("1001tracklists:one", 2, row))
    history = bench.query("SELECT original_track_name, superseded FROM track_history ORDER BY superseded")
    assert [tuple(row.values()) for row in history] == [("Strobe", False), ("ID", True)]


async def test_query_2_lists_compatible_tracks(bench: Bench) -> None:
    await written(
        bench,
        "gold.tracks",
        keyed("deadmau5-strobe", "8A", 128),
        keyed("a-same", "8A", 128),
        keyed("a-next", "9A", 130),
        keyed("a-far", "10A", 128),
        keyed("a-fast", "8A", 140),
    )
    rows = printed(bench, "harmonic_matches")
    assert [
        (row["Compatible Track"], float(row["BPM Difference"]), row["Compatibility"]) for row in rows
    ] == [
        ("Same", 0, "Perfect Match ✅"),
        ("Next", 2, "Adjacent Key"),
    ]


async def test_query_3_summarises_quality(bench: Bench) -> None:
    await written(
        bench,
        "silver.tracks",
        sample.track("a-one", data_quality_score=0.9, data_completeness=1.0),
        sample.track("a-two", data_quality_score=0.899),
        sample.track("a-three", data_quality_score=0.699, enrichment_metadata='{"providers_used":[]}'),
    )
    (row,) = printed(bench, "quality_report")
    assert (row["total_tracks"], row["excellent"], row["good"], row["needs_improvement"]) == (3, 1, 1, 1)
    assert (row["spotify_count"], row["beatport_count"], row["musicbrainz_count"]) == (2, 2, 0)
    assert round(row["avg_completeness"], 4) == 0.6667


async def test_query_4_ranks_trending_tracks(bench: Bench) -> None:
    recent = TODAY - timedelta(days=29)
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-one", last_seen_date=recent),
        sample.counts("a-two", last_seen_date=TODAY, genres=[]),
        sample.counts("a-old", last_seen_date=TODAY - timedelta(days=31)),
        sample.counts("a-never", last_seen_date=None),
    )
    bench.execute("UPDATE gold_track_scores SET trending_score = .4 WHERE track_id = 'a-two'")
    rows = printed(bench, "trending_this_month")
    assert [(row["track_name"], row["primary_genre"], row["rank"]) for row in rows] == [
        ("Two", None, 1),
        ("One", "progressive house", 2),
    ]
