"""Every real page from a file to the gold tables, on real servers, and back again when its causes go.

The tests of this file share one pipeline and each leaves silver and gold as it found them.
"""

import json
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import changing_pages
from tests.support.edited_pages import revealed, without_row
from tests.support.pipeline import Pipeline

#: Per page: rows, identified, known by artist only, unidentified, parts of a mashup. Rows are those of the
#: sources' table; rows without microdata are the unidentified ones, "Artist - ID" was counted by hand.
PAGES = {
    "1001tracklists:25fhn7c9": (52, 42, 0, 10, 0),
    "1001tracklists:19h6nw7t": (12, 10, 0, 2, 0),
    "1001tracklists:1pmwyfn1": (30, 28, 2, 0, 0),
    "1001tracklists:1gz59x6t": (22, 16, 3, 3, 0),
    "1001tracklists:nsgpmht": (31, 31, 0, 0, 4),
}
ROWS = 147
#: 127 identified rows; four tracks are in both sets of Sven Väth, no other one twice.
TRACKS = 123
BICEP, RADIO = "1001tracklists:1gz59x6t", "1001tracklists:19h6nw7t"
FILES = {BICEP: "1gz59x6t-bicep-whp-rotterdam-2023-04-28.html"}
#: Results of an ingest of the other saved pages, by folder: status, and how a blocked one is blocked.
OTHERS = {
    "blocked": {("blocked", "blocked_forwarding"), ("blocked", "blocked_limit")},
    "search": {("no_parser", "")},
    "home": {("no_parser", "")},
}
LATER = datetime(2040, 1, 1, tzinfo=UTC)
"""After the time of any saved file."""


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> Path:
    """Return the folder of real pages."""
    return shared_data / "html" / "1001tracklists"


@pytest.fixture(scope="module")
def ingested(pipeline: Pipeline, pages: Path) -> Pipeline:
    """Return the pipeline with the five real tracklists in it."""
    pipeline.command("ingest", str(pages / "tracklist"))
    pipeline.drain()
    return pipeline


@contextmanager
def leaves_no_trace(pipeline: Pipeline, letters: Set[str] = frozenset()) -> Iterator[None]:
    """Assert that silver and gold are the same after the block, and that `letters` are all reasons."""
    before = pipeline.outcome().without_bronze()
    yield
    pipeline.drain()
    assert not before.differences(pipeline.outcome().without_bronze())
    assert {letter.reason.reason for letter in pipeline.dead_letters()} == letters
    assert not pipeline.reconcile()


def plays(pipeline: Pipeline, track_id: str) -> tuple[int, int, int] | None:
    """Return (plays, playlists, DJs) of a track in gold, None where it is absent."""
    rows = pipeline.query(
        "SELECT play_count, playlist_appearances, dj_support FROM gold_track_analytics WHERE track_id = %s",
        track_id,
    )
    return rows[0] if rows else None


def track_at(pipeline: Pipeline, playlist: str, position: int) -> str:
    """Return the track at a position of a set."""
    rows = pipeline.query(
        "SELECT track_id FROM silver_playlist_tracks WHERE playlist_id = %s AND position = %s",
        playlist,
        position,
    )
    return str(rows[0][0])


def test_rows_at_each_layer(ingested: Pipeline) -> None:
    counts = ingested.counts()
    assert counts["bronze_pages"] == counts["bronze_page_fetches"] == len(PAGES)
    assert counts["bronze_scraped_playlists"] == counts["silver_enriched_playlists"] == len(PAGES)
    assert counts["bronze_scraped_tracks"] == counts["silver_playlist_tracks"] == ROWS
    assert counts["silver_enriched_tracks"] == counts["gold_track_counts"] == TRACKS
    assert counts["silver_enriched_artists"] == counts["gold_artist_analytics"]
    ingested.check()


def test_rows_of_each_page(ingested: Pipeline) -> None:
    rows = ingested.query(
        "SELECT playlist_id, count(*), count(*) FILTER (WHERE status = 'identified'),"
        " count(*) FILTER (WHERE status = 'artist_only'), count(*) FILTER (WHERE status = 'unidentified'),"
        " count(*) FILTER (WHERE role = 'component') FROM silver_playlist_tracks GROUP BY 1"
    )
    assert {row[0]: row[1:] for row in rows} == PAGES


def test_counts_in_gold(ingested: Pipeline) -> None:
    identified = sum(page[1] for page in PAGES.values())
    parts = sum(page[4] for page in PAGES.values())
    ((played, components, appearances),) = ingested.query(
        "SELECT sum(play_count), sum(component_plays), sum(playlist_appearances) FROM gold_track_analytics"
    )
    assert (played, components) == (identified - parts, parts)
    assert appearances == identified - parts  # no track is in one set twice
    twice = ingested.query(
        "SELECT playlist_appearances, dj_support FROM gold_track_analytics WHERE play_count > 1"
    )
    assert twice == [(2, 1)] * 4


def test_every_number_leads_back_to_its_page(ingested: Pipeline) -> None:
    ((broken,),) = ingested.query(
        "SELECT count(*) FROM silver_enriched_tracks AS s"
        " LEFT JOIN bronze_scraped_tracks AS b ON b.id = s.bronze_id"
        " LEFT JOIN bronze_pages AS p ON p.page_id = b.page_id AND p.sha256 = b.page_sha256"
        " WHERE p.id IS NULL"
    )
    assert broken == 0


def test_the_same_files_again_change_nothing(ingested: Pipeline, pages: Path) -> None:
    before, ends = ingested.outcome(), ingested.ends()
    ingested.command("ingest", str(pages / "tracklist"))
    ingested.drain()
    assert ingested.ends() == ends
    assert not before.differences(ingested.outcome())


def test_a_later_page_reveals_and_retracts(ingested: Pipeline, pages: Path) -> None:
    """Row 8 turns out to be the track of row 1, and the last row was a mistake."""
    body = (pages / "tracklist" / FILES[BICEP]).read_bytes()
    opener, closer = track_at(ingested, BICEP, 1), track_at(ingested, BICEP, 22)
    with leaves_no_trace(ingested):
        assert plays(ingested, opener) == plays(ingested, closer) == (1, 1, 1)
        ingested.publish([changing_pages.page_of(without_row(revealed(body, 8, as_row=1), 22), LATER)])
        ingested.drain()
        assert plays(ingested, opener) == (2, 1, 1)
        assert plays(ingested, closer) is None
        assert track_at(ingested, BICEP, 8) == opener
        ingested.publish([changing_pages.page_of(body, LATER + timedelta(days=1))])


def test_an_older_page_changes_nothing(ingested: Pipeline, pages: Path) -> None:
    body = (pages / "tracklist" / FILES[BICEP]).read_bytes()
    with leaves_no_trace(ingested):
        ingested.publish([changing_pages.page_of(without_row(body, 1), datetime(2023, 4, 29, tzinfo=UTC))])


def test_a_merge_moves_the_counts_and_a_split_gives_them_back(ingested: Pipeline) -> None:
    """Two tracks of different sets turn out to be one recording, and then not."""
    merged, canonical = track_at(ingested, RADIO, 2), track_at(ingested, BICEP, 1)
    both = [
        playlist
        for (playlist,) in ingested.query(
            "SELECT DISTINCT playlist_id FROM silver_playlist_tracks WHERE track_id = %s", merged
        )
    ]
    with leaves_no_trace(ingested):
        ingested.resolve(*(changing_pages.resolution(playlist, {merged: canonical}) for playlist in both))
        ingested.drain()
        assert plays(ingested, merged) is None
        assert plays(ingested, canonical) == (1 + len(both), 1 + len(both), 2)
        assert track_at(ingested, RADIO, 2) == canonical
        assert ingested.query("SELECT 1 FROM silver_enriched_tracks WHERE track_id = %s", merged) == []
        ingested.resolve(*(changing_pages.resolution(playlist, {}) for playlist in both))


def test_a_set_that_does_not_count_gives_nothing_to_gold(ingested: Pipeline) -> None:
    opener = track_at(ingested, BICEP, 1)
    with leaves_no_trace(ingested):
        ingested.resolve(changing_pages.resolution(BICEP, {}, counted=False))
        ingested.drain()
        assert plays(ingested, opener) in (None, (0, 0, 0))
        ingested.resolve(changing_pages.resolution(BICEP, {}))


def test_a_value_by_hand_comes_with_its_origin_and_goes(ingested: Pipeline) -> None:
    track = track_at(ingested, BICEP, 1)
    with leaves_no_trace(ingested):
        ingested.command("override", "set", track, "bpm", "128.04", "--reason", "counted by ear")
        ingested.drain()
        ((bpm, origin),) = ingested.query(
            "SELECT bpm, enrichment_details -> 'provenance' ->> 'bpm' FROM silver_enriched_tracks"
            " WHERE track_id = %s",
            track,
        )
        assert (float(bpm), origin) == (128.04, "override")
        reasons = ingested.query("SELECT reason FROM bronze_decisions WHERE subject_id = %s", track)
        assert reasons == [("counted by ear",)]
        gold = ingested.query("SELECT bpm FROM gold_track_analytics WHERE track_id = %s", track)
        assert float(gold[0][0]) == 128.04
        ingested.command("override", "withdraw", track, "bpm", "--reason", "the ear was wrong")


def test_what_is_no_tracklist_is_not_published(ingested: Pipeline, pages: Path) -> None:
    """Each file is named with the reason; nothing goes to Kafka."""
    ends = ingested.ends()
    done = ingested.run("ingest", "--json", *(str(pages / name) for name in OTHERS))
    assert done.returncode == 1  # nothing of it was of use
    results: dict[str, set[tuple[str, str]]] = {}
    for file in json.loads(done.stdout)["files"]:
        path = Path(file["path"])
        if path.suffix == ".html":
            note = file["note"] if file["status"] == "blocked" else ""
            results.setdefault(path.parent.name, set()).add((file["status"], note))
    assert results == OTHERS
    assert ingested.ends() == ends


def test_what_is_no_tracklist_becomes_a_dead_letter(ingested: Pipeline, pages: Path) -> None:
    """Published all the same, such pages go no further than bronze."""
    with leaves_no_trace(ingested, letters={"blocked_forwarding", "blocked_limit", "no_parser"}):
        ingested.command("ingest", "--all", *(str(pages / name) for name in OTHERS))
    letters = ingested.dead_letters()
    assert {letter.reason.stage for letter in letters} == {"parse"}
    bodies = {sha for (sha,) in ingested.query("SELECT sha256 FROM bronze_pages")}
    assert {ingested.codec.decode("bronze.pages", letter.value)["sha256"] for letter in letters} <= bodies
