"""The demo pages: parsing returns the data they were rendered from, and they have every feature."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import markup, names, overrides, pages, sets, tracks
from demo.sets import DemoRow, DemoSet
from songnodes.cli.override import read_file, track_id_of
from songnodes.domain.records import TracklistRow
from tests.support.page_records import tracklist

AS_OF = date(2025, 10, 10)
SEED = pages.SEED


@pytest.fixture(scope="module")
def demo_sets() -> list[DemoSet]:
    return sets.build_sets(AS_OF, SEED)


def newest(demo_sets: list[DemoSet]) -> list[DemoSet]:
    return list({page.native_id: page for page in demo_sets}.values())


def rows_of(demo_sets: list[DemoSet]) -> Iterator[DemoRow]:
    return (row for page in demo_sets for row in page.rows)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), day=st.dates(date(2012, 1, 1), date(2040, 1, 1)))
def test_parsing_a_page_returns_its_data(seed: int, day: date) -> None:
    for page in sets.build_sets(day, seed)[::9]:
        check(page)


def check(page: DemoSet) -> None:
    record = tracklist(markup.render(page).encode())
    header = record["header"]
    assert record["playlist_id"] == f"1001tracklists:{page.native_id}"
    assert record["url"] == markup.url(page)
    assert [dj["name"] for dj in header["djs"]] == list(page.djs)
    assert header["date_text"] == page.day.isoformat()
    assert (header["event_name"], header["venue"], header["country"]) == (
        page.event,
        page.venue,
        page.country,
    )
    assert header["styles"] == list(page.styles)
    assert header["duration_seconds"] == page.seconds
    assert len(record["rows"]) == len(page.rows)
    for row, truth in zip(record["rows"], page.rows, strict=True):
        check_row(row, truth, at_start=page.rows[0].row_id in (truth.row_id, truth.part_of))
    expected = [] if page.djs else ["no_dj: neither an author nor a linked name in the heading"]
    assert record["warnings"] == expected


def check_row(row: TracklistRow, truth: DemoRow, at_start: bool) -> None:
    assert row["warnings"] == []
    assert row["row_key"] == str(truth.row_id)
    assert (row["text"], row["artist_text"]) == (truth.text, truth.credit)
    assert (row["number"], row["joined"]) == (truth.number, truth.joined)
    assert row["mashup"] == bool(truth.parts)
    assert row["parent_row_key"] == (str(truth.part_of) if truth.part_of else None)
    assert row["version_note"] == truth.note
    assert row["cue_seconds"] == (0 if truth.cue is None and at_start else truth.cue)
    is_identified = truth.state == "identified" and truth.part_of is None
    assert row["marked_identified"] == is_identified
    if truth.track and truth.state == "identified":
        check_track(row, truth.track)


def check_track(row: TracklistRow, track: tracks.DemoTrack) -> None:
    assert row["native_track_id"] == track.native_id
    assert (row["label"], row["label_parent"]) == (track.label, track.label_parent if track.label else None)
    assert (row["duration_seconds"], row["genre"]) == (track.seconds, track.genre)
    assert row["native_artist_names"] == list(track.artists)


def test_the_same_day_yields_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        {file.name: file.read_bytes() for file in (tmp_path / str(n)).iterdir()}
        for n in range(2)
        if pages.write(tmp_path / str(n), AS_OF)
    )
    assert first == second


def test_another_day_shifts_all_dates(demo_sets: list[DemoSet]) -> None:
    tomorrow = sets.build_sets(AS_OF + timedelta(days=1), SEED)
    assert [page.native_id for page in tomorrow] == [page.native_id for page in demo_sets]
    assert {t.day - p.day for t, p in zip(tomorrow, demo_sets, strict=True)} == {timedelta(days=1)}
    assert {t.fetched_at - p.fetched_at for t, p in zip(tomorrow, demo_sets, strict=True)} == {
        timedelta(days=1)
    }


def test_nothing_is_in_the_future(demo_sets: list[DemoSet]) -> None:
    midnight = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
    for page in demo_sets:
        assert page.day < AS_OF
        assert page.day < page.fetched_at.date()
        assert page.fetched_at <= midnight


class TestFeatures:
    """The pages have enough of each feature that the gold tables and query examples have rows."""

    def test_there_are_sixty_sets_by_all_djs(self, demo_sets: list[DemoSet]) -> None:
        assert len(newest(demo_sets)) == 60
        assert {dj for page in demo_sets for dj in page.djs} == set(names.DJS)
        assert len(names.DJS) == 25

    def test_two_sets_have_two_djs_and_one_has_none(self, demo_sets: list[DemoSet]) -> None:
        assert Counter(len(page.djs) for page in newest(demo_sets)) == {0: 1, 1: 57, 2: 2}

    def test_there_are_recent_and_old_sets(self, demo_sets: list[DemoSet]) -> None:
        ages = [(AS_OF - page.day).days for page in newest(demo_sets)]
        assert sum(age <= 60 for age in ages) == 36
        assert sum(age <= 14 for age in ages) >= 12
        assert max(ages) > 500

    def test_there_are_rows_of_every_kind(self, demo_sets: list[DemoSet]) -> None:
        state_counts = Counter(row.state for row in rows_of(demo_sets))
        assert min(state_counts[kind] for kind in ("unidentified", "artist_only", "remixer_unknown")) > 3
        rows = list(rows_of(demo_sets))
        assert sum(row.joined for row in rows) > 20
        assert sum(bool(row.parts) for row in rows) > 5
        assert sum(row.note is not None for row in rows) > 5
        assert any(page.halves for page in demo_sets)
        assert 0.3 < sum(page.rows[0].cue is not None for page in demo_sets) / len(demo_sets) < 0.9

    def test_there_are_versions_features_and_spellings(self, demo_sets: list[DemoSet]) -> None:
        played_tracks = [row.track for row in rows_of(demo_sets) if row.track]
        assert sum((track.version or "").endswith("Remix") for track in played_tracks) > 20
        assert sum((track.version or "").endswith("Dub") for track in played_tracks) > 5
        assert sum(track.featured is not None for track in played_tracks) > 20

    def test_popularity_falls_as_a_power(self, demo_sets: list[DemoSet]) -> None:
        plays = [
            n for _, n in Counter(row.track.line for row in rows_of(demo_sets) if row.track).most_common()
        ]
        assert plays[0] > 4 * plays[len(plays) // 4] > 4
        assert len(plays) > 150

    def test_djs_play_their_own_tracks(self, demo_sets: list[DemoSet]) -> None:
        own = [
            row
            for page in demo_sets
            for row in page.rows
            if row.track and set(row.track.artists) & set(page.djs)
        ]
        assert len(own) > 10

    def test_fresh_tracks_are_only_in_recent_sets(self, demo_sets: list[DemoSet]) -> None:
        fresh = [page.day for page in demo_sets for row in page.rows if row.track and row.track.fresh]
        assert len(fresh) > 10
        assert min(fresh) >= AS_OF - timedelta(days=sets.FRESH_DAYS)

    def test_strobe_has_several_spellings_and_a_remix(self, demo_sets: list[DemoSet]) -> None:
        texts = Counter(row.text for row in rows_of(demo_sets))
        assert texts["Deadmau5 - Strobe"] > 5
        assert texts["Deadmau5 - Strobe (Extended Mix)"] + texts["Deadmau5 - Strobe (Original Mix)"] > 2
        assert texts["Deadmau5 - Strobe (Michael Woods Remix)"] > 2

    def test_later_versions_identify_tracks_and_remove_a_row(self, demo_sets: list[DemoSet]) -> None:
        before = {page.native_id: page for page in demo_sets if page.version == 1}
        later = [page for page in demo_sets if page.version == 2]
        assert len(later) == sets.REVEALED_SETS
        for page in later:
            first = before[page.native_id]
            assert page.fetched_at > first.fetched_at
            assert len(page.rows) == len(first.rows) - 1
            states = {row.row_id: row.state for row in first.rows}
            revealed = [
                row for row in page.rows if (row.state, states[row.row_id]) == ("identified", "unidentified")
            ]
            assert len(revealed) in (1, 2)  # the removed row may be one of the two
            numbers = [row.number for row in page.rows if row.number is not None]
            assert numbers == list(range(1, len(numbers) + 1))


def test_demo_values_are_valid_and_labelled_as_demo(tmp_path: Path) -> None:
    values = read_file(overrides.write(tmp_path / "values.yaml", AS_OF, SEED))
    assert len(values) > 900
    assert all("demo" in decision["reason"] and decision["author"] == "demo" for decision in values)
    strobe = {d["field"]: d["value"] for d in values if d["subject_id"] == track_id_of("Deadmau5 - Strobe")}
    assert strobe["bpm"] == "128.0"
    assert read_file(tmp_path / "values.yaml") == values


def test_most_played_tracks_have_demo_values(demo_sets: list[DemoSet], tmp_path: Path) -> None:
    subjects = {d["subject_id"] for d in read_file(overrides.write(tmp_path / "v.yaml", AS_OF, SEED))}
    assert 150 < len(subjects) <= overrides.MAX_TRACKS
