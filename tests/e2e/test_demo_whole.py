"""The demo pages through a whole pipeline: the printed queries answer right, and again tomorrow."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from demo import overrides, pages, sets, tracks
from demo.sets import DemoRow
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from tests.support.pipeline import Pipeline


@pytest.fixture(scope="module")
def today() -> date:
    """The day of the run: the printed queries look at recent sets."""
    return datetime.now(UTC).date()


@pytest.fixture(scope="module")
def demo(pipeline: Pipeline, today: date) -> Pipeline:
    """The pipeline with the demo in it, refreshed."""
    home = pipeline.settings.home
    pages.write(home / "demo-pages", today)
    pipeline.command("ingest", str(home / "demo-pages"))
    pipeline.command("override", "apply", str(overrides.write(home / "demo.yaml", today, pages.SEED)))
    pipeline.drain()
    pipeline.command("refresh")
    pipeline.check()
    return pipeline


def answer(pipeline: Pipeline, number: int) -> list[tuple[object, ...]]:
    """What a query example answers, as it is printed."""
    (file,) = (
        file for file in files("demo").joinpath("queries").iterdir() if file.name.startswith(f"{number}_")
    )
    return pipeline.query(file.read_bytes())


def expected_plays(today: date) -> Counter[str]:
    """The plays of every track, from what the pages were made of: the newest saving of each, parts aside."""
    newest = {page.native_id: page for page in sets.line_up(today, pages.SEED)}
    played = (row for page in newest.values() for row in page.rows if row.part_of is None)
    return Counter(found for row in played if (found := _track(row)) is not None)


def _track(row: DemoRow) -> str | None:
    note = f" {row.note}" if row.note else ""
    return track_id(read_line(row.text + note))


def test_every_play_is_counted(demo: Pipeline, today: date) -> None:
    found = demo.query("SELECT track_id, play_count FROM gold_track_analytics WHERE play_count > 0")
    assert dict(found) == expected_plays(today)


def test_nothing_is_lost_between_the_layers(demo: Pipeline) -> None:
    counts = demo.counts()
    assert counts["silver_enriched_playlists"] == counts["gold_playlist_analytics"] == sets.SETS
    assert counts["silver_enriched_tracks"] == counts["gold_track_analytics"]
    assert counts["bronze_pages"] == sets.SETS + sets.REVEALED


def test_query_1_follows_a_track_through_the_layers(demo: Pipeline) -> None:
    rows = answer(demo, 1)
    strobe = str(track_id(read_line(tracks.STROBE)))
    ((plays,),) = demo.query("SELECT play_count FROM gold_track_analytics WHERE track_id = %s", strobe)
    assert len(rows) >= plays  # sightings of all its versions
    assert all("strobe" in str(row[2]).casefold() for row in rows)
    assert [row[10] for row in rows if row[4] == "Strobe"] == [plays]  # beside the first sighting only
    history = demo.query(
        "SELECT count(*) FROM track_history WHERE track_id = %s AND NOT superseded AND role <> 'component'",
        strobe,
    )
    assert history == [(plays,)]


def test_query_2_finds_partners_for_strobe(demo: Pipeline) -> None:
    rows = answer(demo, 2)
    assert rows
    assert all(row[:2] == ("Strobe", "Deadmau5") and abs(float(str(row[8]))) <= 6 for row in rows)
    strobe = track_id(read_line(tracks.STROBE))
    view = demo.query(
        "SELECT compatibility, bpm_difference FROM gold_harmonic_mixing_recommendations"
        " WHERE source_track_id = %s",
        strobe,
    )
    assert {kind for kind, _ in view} <= {"perfect", "compatible", "possible"}
    assert view
    assert all(difference <= 6 for _, difference in view)


def test_query_3_counts_every_track_once(demo: Pipeline) -> None:
    ((total, *bands, completeness, confidence, spotify, beatport, musicbrainz),) = (
        (row[0], row[1], row[2], row[3], *row[4:]) for row in answer(demo, 3)
    )
    assert total == sum(bands) == demo.counts()["silver_enriched_tracks"]
    assert 0 < completeness < 1
    assert 0 < confidence <= 1
    assert (spotify, beatport, musicbrainz) == (0, 0, 0)  # no provider is asked yet


def test_query_4_ranks_this_month(demo: Pipeline, today: date) -> None:
    rows = answer(demo, 4)
    scores = [float(str(row[7])) for row in rows]
    assert 0 < len(rows) <= 50
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    assert [row[8] for row in rows] == list(range(1, len(rows) + 1))
    recent = demo.query(
        "SELECT count(*) FROM gold_track_analytics WHERE last_seen_date >= %s", today - timedelta(days=29)
    )
    assert min(50, recent[0][0]) <= len(rows)


def test_ids_that_were_revealed_are_counted(demo: Pipeline, today: date) -> None:
    """Of a page saved twice the later one stands, and the mistake of the first is gone from gold."""
    first, second = [page for page in sets.line_up(today, pages.SEED) if page.native_id == "demo059"]
    unknown = sum(_track(row) is None for row in first.rows) - sum(_track(row) is None for row in second.rows)
    rows = demo.query(
        "SELECT count(*), count(*) FILTER (WHERE status = 'identified') FROM silver_playlist_tracks"
        " WHERE playlist_id = '1001tracklists:demo059'"
    )
    assert unknown > 0
    assert rows == [(len(second.rows), sum(_track(row) is not None for row in second.rows))]


def test_the_same_day_again_changes_nothing(demo: Pipeline) -> None:
    before, ends = demo.outcome(), demo.ends()
    demo.command("ingest", str(demo.settings.home / "demo-pages"))
    demo.drain()
    demo.command("refresh")
    assert {place: end for place, end in demo.ends().items() if "gold.playlists" not in place[0]} == {
        place: end for place, end in ends.items() if "gold.playlists" not in place[0]
    }
    assert not before.differences(demo.outcome())
