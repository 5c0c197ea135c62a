"""Every topic in its tables, with versions, repeats and unusual text, on the real servers."""

from datetime import date
from typing import Any

import pytest

from sinks import tables
from sinks.staging import COPY_FROM, ColumnNotWritten
from songnodes.domain import enrichments
from songnodes.errors import RowRefused
from songnodes.messaging.partitioning import partition_of
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, drain, write_directly, write_entries

ONE_EACH = (
    *("bronze_pages", "bronze_page_fetches", "bronze_scraped_tracks", "bronze_scraped_playlists"),
    *("bronze_scraped_artists", "bronze_events", "bronze_api_enrichments", "bronze_decisions"),
    *("silver_enriched_tracks", "silver_enriched_artists", "silver_enriched_playlists"),
    *("silver_playlist_tracks", "silver_events", "track_redirects"),
    *("gold_track_analytics", "gold_artist_analytics"),
)


async def written(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


async def test_every_topic_reaches_its_tables(bench: Bench) -> None:
    bench.make(*tables.WRITERS)
    for topic, (_, record) in sample.SAMPLES.items():
        bench.publish(topic, record, record)
    await drain(bench, *tables.WRITERS)
    assert {table: bench.count(table) for table in ONE_EACH} == dict.fromkeys(ONE_EACH, 1)
    assert bench.count("silver_event_lineups") == 2
    assert bench.letters() == []


async def test_a_tombstone_deletes_the_row_of_one_answer(bench: Bench) -> None:
    bench.make("bronze.enrichments")
    withdrawn, kept = sample.attempt(body=b"{}"), sample.attempt(body=b"[1]")
    key = enrichments.answer_key(withdrawn["track_id"], withdrawn["attempt_id"])
    bench.publish("bronze.enrichments", withdrawn, kept)
    partition = partition_of("bronze.enrichments", key.encode())
    bench.publish_raw("bronze.enrichments", key, None, partition=partition)
    assert bench.producer.flush(30) == 0
    await drain(bench, "bronze.enrichments")
    (row,) = bench.query("SELECT id::text, lookup, claim->>'text' AS line FROM bronze_api_enrichments")
    assert row == {"id": kept["attempt_id"], "lookup": "search", "line": "Deadmau5 - Strobe"}
    assert bench.letters() == []


async def test_the_last_record_or_tombstone_of_an_answer_applies(bench: Bench) -> None:
    """One batch has all of them: a tombstone before, between and behind the records of its key."""
    attempts = [sample.attempt(body=b"%d" % number) for number in range(4)]
    histories = ("record", "tombstone record", "record tombstone", "record tombstone record")
    writer = tables.WRITERS["bronze.enrichments"]
    entries = []
    for attempt, history in zip(attempts, histories, strict=True):
        withdrawal = writer.withdrawal(enrichments.answer_key("track", attempt["attempt_id"]))
        assert withdrawal is not None
        kinds = {"record": writer.entry(attempt), "tombstone": withdrawal}
        entries += [kinds[kind] for kind in history.split()]
    await write_entries(bench.settings, writer, entries)
    rows = bench.query("SELECT id::text FROM bronze_api_enrichments")
    assert {row["id"] for row in rows} == {attempts[number]["attempt_id"] for number in (0, 1, 3)}


async def test_a_track_has_the_documented_types(bench: Bench) -> None:
    await written(bench, "silver.tracks", sample.track())
    (row,) = bench.query("SELECT * FROM silver_enriched_tracks")
    assert (str(row["bpm"]), row["camelot"], row["genres"][0]) == ("128.04", "8A", "progressive house")
    assert row["enrichment_metadata"]["providers_used"] == ["beatport", "spotify"]
    assert row["created_at"] <= row["updated_at"]
    await written(bench, "gold.tracks", sample.counts(key=12, key_mode="major"), sample.counts("a-b", key=1))
    rows = bench.query("SELECT compatible_keys, trending_score FROM gold_track_analytics ORDER BY key DESC")
    assert rows[0]["compatible_keys"] == ["12B", "11B", "1B", "12A"]
    assert rows[1]["compatible_keys"] == ["1A", "12A", "2A", "1B"]
    assert rows[0]["trending_score"] == 0


async def test_a_body_is_stored_once_and_every_fetch_is_logged(bench: Bench) -> None:
    later = sample.SEEN.replace(month=4)
    await written(
        bench, "bronze.pages", sample.page(), sample.page(fetched_at=later), sample.page(body=b"two")
    )
    assert bench.count("bronze_pages") == 2
    assert bench.count("bronze_page_fetches") == 3


async def test_the_highest_version_is_kept(bench: Bench) -> None:
    await written(bench, "silver.tracks", sample.track(version=5, label="five"))
    await written(bench, "silver.tracks", sample.track(version=3, label="three"))
    assert bench.value("SELECT label FROM silver_enriched_tracks") == "five"
    await written(bench, "silver.tracks", sample.track(version=5, label="five again"))
    assert bench.value("SELECT label FROM silver_enriched_tracks") == "five again"
    await written(bench, "silver.tracks", *(sample.track(version=v, label=str(v)) for v in (6, 8, 7)))
    assert bench.value("SELECT label FROM silver_enriched_tracks") == "8"


async def test_an_older_record_does_not_restore_a_retracted_row(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts(version=2))
    await written(bench, "gold.tracks", sample.counts(version=4, gone=True))
    assert bench.count("gold_track_analytics") == 0
    await written(bench, "gold.tracks", sample.counts(version=3))
    assert bench.count("gold_track_analytics") == 0
    await written(bench, "gold.tracks", sample.counts(version=3, gone=True))
    await written(bench, "gold.tracks", sample.counts(version=5))
    assert bench.value("SELECT version FROM gold_track_analytics") == 5
    await written(bench, "gold.tracks", sample.counts(version=4, gone=True))
    assert bench.count("gold_track_analytics") == 1


@pytest.mark.parametrize(
    ("topic", "table", "record"),
    [
        ("silver.tracks", "silver_enriched_tracks", sample.track),
        ("silver.artists", "silver_enriched_artists", sample.artist),
        ("silver.events", "silver_events", sample.silver_event),
    ],
)
async def test_a_restored_row_keeps_its_creation_time(
    bench: Bench, topic: str, table: str, record: Any
) -> None:
    """A merge removes the row of a track, and a split restores it."""
    await written(bench, topic, record(version=1))
    bench.execute(f"UPDATE {table} SET created_at = '2020-01-01Z'")  # noqa: S608  # our own names
    for version in (2, 4):
        await written(bench, topic, record(version=version, gone=True))
        await written(bench, topic, record(version=version, gone=True))
        await written(bench, topic, record(version=version + 1))
        rows = bench.query(f"SELECT version, created_at FROM {table}")  # noqa: S608
        assert [(row["version"], row["created_at"].year) for row in rows] == [(version + 1, 2020)]


async def test_a_redirect_without_a_target_has_no_row(bench: Bench) -> None:
    def redirect(version: int, canonical: str | None) -> dict[str, Any]:
        return sample.redirect(track_id="a-old", canonical_id=canonical, version=version)

    await written(bench, "silver.redirects", redirect(1, "a-new"))
    await written(bench, "silver.redirects", redirect(3, None))
    assert bench.count("track_redirects") == 0
    await written(bench, "silver.redirects", redirect(2, "a-new"))
    assert bench.count("track_redirects") == 0
    await written(bench, "silver.redirects", redirect(4, "a-newer"), redirect(3, None))
    assert bench.value("SELECT canonical_id FROM track_redirects") == "a-newer"


async def test_rows_of_a_set_are_replaced_only_with_their_set(bench: Bench) -> None:
    rows = [sample.playlist_row(place, f"artist-{place}") for place in (1, 2, 3)]
    await written(
        bench, "silver.playlists", sample.playlist("p:1", 2, *rows), sample.playlist("p:2", 1, rows[0])
    )
    older = [sample.playlist_row(place, f"older-{place}") for place in range(1, 6)]
    await written(bench, "silver.playlists", sample.playlist("p:1", 1))
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *older))
    assert bench.count("silver_playlist_tracks") == 4
    await written(bench, "silver.playlists", sample.playlist("p:1", 3, rows[2]))
    remaining = bench.query("SELECT playlist_id, track_id, version FROM silver_playlist_tracks ORDER BY 1, 2")
    assert [tuple(row.values()) for row in remaining] == [("p:1", "artist-3", 3), ("p:2", "artist-1", 1)]


async def test_the_line_up_of_a_removed_event_is_removed(bench: Bench) -> None:
    await written(bench, "silver.events", sample.silver_event(), sample.silver_event("ra:2"))
    await written(bench, "silver.events", sample.silver_event(version=2, gone=True))
    assert bench.value("SELECT count(*) FROM silver_event_lineups WHERE ra_event_id = 'ra:1'") == 0
    assert bench.count("silver_event_lineups") == 2


async def test_an_update_keeps_the_columns_of_refresh(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts())
    bench.execute("UPDATE gold_track_scores SET trending_score = .5")
    bench.execute("UPDATE gold_track_ranks SET popularity_rank = 3")
    await written(bench, "gold.tracks", sample.counts(version=2, play_count=9))
    (row,) = bench.query("SELECT play_count, trending_score, popularity_rank FROM gold_track_analytics")
    assert tuple(row.values()) == (9, 0.5, 3)


async def test_written_ids_are_queued_and_refused_ones_are_not(bench: Bench) -> None:
    await written(bench, "gold.tracks", sample.counts(version=2), sample.counts("a-b", version=2, gone=True))
    bench.execute("DELETE FROM refresh_queue")
    await written(bench, "gold.tracks", sample.counts(version=1), sample.counts("c-d"))
    assert bench.query("SELECT kind, id FROM refresh_queue") == [{"kind": "track", "id": "c-d"}]


@pytest.mark.parametrize("count", [COPY_FROM - 1, COPY_FROM])
async def test_few_and_many_rows_are_stored_alike(bench: Bench, count: int) -> None:
    records = [sample.track(f"artist-{n:05}", n, label=f"label {n}") for n in range(count)]
    await written(bench, "silver.tracks", *records)
    await written(bench, "silver.tracks", *records)
    (row,) = bench.query(
        "SELECT count(*), sum(version), count(DISTINCT label) AS labels FROM silver_enriched_tracks"
    )
    assert tuple(row.values()) == (count, sum(range(count)), count)


INJECTIONS = (
    "'); DROP TABLE silver_enriched_tracks; --",
    "$1",
    "%s",
    "{0}",
    "\\",
    "\\x00",
    "NULL",
    "{a,b}",
    '"',
)


@pytest.mark.parametrize("count", [1, COPY_FROM])
async def test_text_that_resembles_sql_is_stored_as_text(bench: Bench, count: int) -> None:
    records = [
        sample.track(f"artist-{n:05}", label=INJECTIONS[n % len(INJECTIONS)], genres=list(INJECTIONS))
        for n in range(max(count, len(INJECTIONS)))
    ]
    await written(bench, "silver.tracks", *records)
    rows = bench.query(
        "SELECT label, genres FROM silver_enriched_tracks ORDER BY track_id LIMIT %s", len(INJECTIONS)
    )
    assert [row["label"] for row in rows] == list(INJECTIONS)
    assert rows[0]["genres"] == list(INJECTIONS)


@pytest.mark.parametrize("count", [1, COPY_FROM])
async def test_nul_in_any_text_is_replaced_and_loses_no_row(bench: Bench, count: int) -> None:
    odd = "a\x00b"
    claim = sample.claim(odd, odd, artist_names=[odd])
    row = sample.playlist_row(1, "x-y", claim=claim, raw_text=odd)
    await written(
        bench,
        "silver.playlists",
        *(sample.playlist(f"p:{n}", 1, row, title=odd, genres=[odd]) for n in range(count)),
    )
    stored_rows = bench.query(
        "SELECT title, genres, track_name, claim FROM silver_enriched_playlists"
        " JOIN silver_playlist_tracks USING (playlist_id) WHERE playlist_id = 'p:0'"
    )[0]
    assert (stored_rows["title"], stored_rows["genres"], stored_rows["track_name"]) == (
        "a\ufffdb",
        ["a\ufffdb"],
        "a\ufffdb",
    )
    assert stored_rows["claim"]["base_title"] == "a\ufffdb"


async def test_very_long_text_is_stored(bench: Bench) -> None:
    long = "ü" * 1_000_000
    row = sample.playlist_row(1, "x-y", raw_text=long, claim=sample.claim("x", long))
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, row, title=long))
    assert bench.value("SELECT length(raw_text) FROM silver_playlist_tracks") == len(long)


async def test_every_emoji_and_script_is_stored_unchanged(bench: Bench) -> None:
    odd = "Ø 漢字 \U0001f600 é \u202e \t\n \x01 \x7f"
    await written(bench, "silver.tracks", sample.track(label=odd, genres=[odd, ""]))
    (row,) = bench.query("SELECT label, genres FROM silver_enriched_tracks")
    assert (row["label"], row["genres"]) == (odd, [odd, ""])


REFUSED: tuple[dict[str, Any], ...] = (
    {"key": 13, "key_mode": "minor"},
    {"key": 8, "key_mode": None},
    {"bpm": 0.0},
    {"bpm": 1e9},
    {"duration_ms": 2**40},
    {"data_quality_score": 1.5},
    {"track_name": None},
    {"event_id": "no uuid"},
    {"first_set_date": "2026-03-01"},
)


async def test_values_that_no_table_can_store_are_refused(bench: Bench) -> None:
    for changes in REFUSED:
        with pytest.raises(RowRefused):
            await written(bench, "silver.tracks", sample.track(**changes))


async def test_dates_of_any_century_are_stored(bench: Bench) -> None:
    days = [date(2, 1, 1), date(1969, 12, 31), date(9999, 12, 30)]
    await written(bench, "silver.tracks", *(sample.track(f"a-{d}", release_date=d) for d in days))
    assert (
        bench.value("SELECT array_agg(release_date ORDER BY release_date) FROM silver_enriched_tracks")
        == days
    )


@pytest.mark.parametrize("count", [1, COPY_FROM])
async def test_a_new_column_needs_only_its_migration_and_the_field(bench: Bench, count: int) -> None:
    ids = [f"track-{number:04}" for number in range(count)]
    await written(bench, "silver.tracks", *(sample.track(track_id, version=1) for track_id in ids))
    bench.execute("ALTER TABLE silver_enriched_tracks ADD COLUMN \"order\" text NOT NULL DEFAULT 'none'")
    older = (sample.track(track_id, version=2, label="older") for track_id in ids)
    await written(bench, "silver.tracks", *older)  # a process of the version before the column
    assert bench.query('SELECT DISTINCT label, "order" FROM silver_enriched_tracks') == [
        {"label": "older", "order": "none"}
    ]
    newer = ({**sample.track(track_id, version=3, label="newer"), "order": "b2b"} for track_id in ids)
    await written(bench, "silver.tracks", *newer)
    assert bench.query('SELECT DISTINCT label, "order" FROM silver_enriched_tracks') == [
        {"label": "newer", "order": "b2b"}
    ]
    assert bench.count("silver_enriched_tracks") == count


async def test_a_new_column_of_child_rows_and_of_insert_only_tables_is_filled(bench: Bench) -> None:
    bench.execute("ALTER TABLE silver_event_lineups ADD COLUMN stage text")
    bench.execute("ALTER TABLE bronze_events ADD COLUMN season text")
    event = sample.SAMPLES["silver.events"][1]
    acts = [{**act, "stage": "main"} for act in event["lineup"]]
    await written(bench, "silver.events", {**event, "lineup": acts})
    await written(bench, "bronze.events", {**sample.SAMPLES["bronze.events"][1], "season": "summer"})
    assert bench.query("SELECT DISTINCT stage FROM silver_event_lineups") == [{"stage": "main"}]
    assert bench.value("SELECT season FROM bronze_events") == "summer"


async def test_a_required_column_that_records_lack_ends_the_sink(bench: Bench) -> None:
    bench.execute("ALTER TABLE bronze_events ADD COLUMN season text NOT NULL")
    with pytest.raises(ColumnNotWritten, match="season"):
        await written(bench, "bronze.events", sample.SAMPLES["bronze.events"][1])
