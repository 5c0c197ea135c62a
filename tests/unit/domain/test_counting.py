"""Counts are sums over retractable facts: any order of any versions yields the same numbers."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import analytics, claims, facts, support
from songnodes.domain.facts import NO_DJ
from songnodes.domain.gold_inputs import TrackPlays
from songnodes.domain.records import Playlist

DJS = ["ada-1", "bo-2", "cy-3"]
TRACKS = ["strobe-1", "drive-2", "night-3"]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def claim(track: str, artist: str = "maker-9") -> dict[str, Any]:
    return {
        "text": track,
        "track_name": track,
        "base_title": track,
        "artist_credit": artist,
        "artist_names": [artist],
        "artist_ids": [artist],
        "artists_certain": True,
        "featured": [],
        "featured_ids": [],
        "version_family": None,
        "version_text": None,
        "version_artists": [],
        "version_artist_ids": [],
        "stem": "regular",
        "variant": "regular",
        "label": None,
        "label_parent": None,
        "duration_ms": None,
        "genre": None,
        "ids": {},
        "values": {},
        "labels": [],
        "catalogue": None,
    }


def playlist(
    playlist_id: str,
    version: int,
    rows: list[tuple[str, str]],
    djs: list[str],
    day: date | None,
    names_before: tuple[set[str], set[str]] = (set(), set()),
    counted: bool = True,
) -> Playlist:
    live_djs = set(djs) or {NO_DJ}
    return {  # type: ignore[typeddict-item]  # only the fields that facts read
        "event_id": f"{playlist_id}-{version}",
        "source": "test",
        "observed_at": NOW + timedelta(hours=version),
        "origin": {"kind": "page", "id": "p", "parser_version": 1},
        "pipeline_version": "0",
        "playlist_id": playlist_id,
        "version": version,
        "gone": {
            "tracks": sorted(names_before[0] - {track for track, _ in rows}),
            "artists": [],
            "djs": sorted(names_before[1] - live_djs),
        },
        "title": playlist_id,
        "mix_name": None,
        "set_date": day,
        "set_date_precision": "day" if day else None,
        "set_id": playlist_id,
        "counted": counted,
        "djs": [{"artist_id": dj, "name": dj, "native_id": None} for dj in djs],
        "genres": [],
        "rows": [
            {
                "row_key": str(index),
                "bronze_id": f"{playlist_id}/{index}",
                "position": index + 1,
                "role": role,
                "track_id": track,
                "claim_id": track,
                "claim": claim(track),
                "cue_text": None,
                "cue_seconds": None,
            }
            for index, (track, role) in enumerate(rows)
        ],
    }


versions = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(TRACKS), st.sampled_from(["main", "layered", "component"])), max_size=5
    ),
    st.lists(st.sampled_from(DJS), unique=True, max_size=3),
    st.one_of(st.none(), st.dates(date(2026, 9, 1), date(2026, 10, 20))),
    st.booleans(),
)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Playlist]]:
    """Draw a few playlists, each with its versions in order; names of earlier versions are listed as gone."""
    drawn = []
    for index in range(draw(st.integers(1, 4))):
        names_before: tuple[set[str], set[str]] = (set(), set())
        history = []
        for version, (rows, djs, day, counted) in enumerate(draw(st.lists(versions, min_size=1, max_size=4))):
            version_record = playlist(f"set-{index}", version + 1, rows, djs, day, names_before, counted)
            history.append(version_record)
            names_before = (
                names_before[0] | {track for track, _ in rows},
                names_before[1] | (set(djs) or {NO_DJ}),
            )
        drawn.append(history)
    return drawn


class Counter:
    """Gold's computation without Kafka: entries by DJ, folded into totals."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], support.DjEntry] = {}
        self.counts: dict[str, support.Counts] = defaultdict(support.empty)

    def take(self, record: Playlist) -> None:
        for fact in facts.PlaylistFacts(record, "0").of_tracks():
            for dj in (*fact["djs_live"], *fact["djs_gone"]):
                key = fact["track_id"], dj
                old = self.entries.get(key)
                entry = analytics.track_entry(cast(TrackPlays, fact), dj)
                new = support.newer_entry(old, fact["playlist_id"], entry, fact["observed_at"])
                self.counts[fact["track_id"]] = support.apply_entry(
                    self.counts[fact["track_id"]], old, new, has_support=dj != NO_DJ
                )
                self.entries[key] = new


def recount(newest: list[Playlist]) -> dict[str, tuple[int, int, int, int, int]]:
    """Count plays, component plays, playlists, DJs and weeks of support from the last versions alone."""
    counts: dict[str, list[Any]] = defaultdict(lambda: [0, 0, set(), set(), set()])
    for record in newest:
        if not record["counted"]:
            continue
        for row in record["rows"]:
            entry = counts[row["track_id"] or ""]
            if row["role"] == "component":
                entry[1] += 1
                continue
            entry[0] += 1
            entry[2].add(record["playlist_id"])
            for dj in record["djs"]:
                entry[3].add(dj["artist_id"])
                if record["set_date"]:
                    entry[4].add((dj["artist_id"], record["set_date"].isocalendar()[:2]))
    return {
        track: (entry[0], entry[1], len(entry[2]), len(entry[3]), len(entry[4]))
        for track, entry in counts.items()
    }


def totals(counter: Counter) -> dict[str, tuple[int, int, int, int]]:
    return {
        track: (counts["play_count"], counts["component_plays"], counts["playlists"], counts["djs"])
        for track, counts in counter.counts.items()
        if counts["play_count"] or counts["component_plays"]
    }


@given(histories(), st.randoms())
@settings(max_examples=300, deadline=None)
def test_counts_equal_a_recount_of_the_last_versions(history: list[list[Playlist]], random: Any) -> None:
    counter = Counter()
    queue = [
        (record["version"], index, record) for index, versions in enumerate(history) for record in versions
    ]
    random.shuffle(queue)  # versions of one playlist too: an older one that comes late changes nothing
    for _, _, record in queue:
        counter.take(record)
    for _, _, record in queue[:3]:
        counter.take(record)  # delivered again
    expected = recount([versions[-1] for versions in history])
    assert totals(counter) == {track: values[:4] for track, values in expected.items() if any(values[:2])}
    for track, values in expected.items():
        support_days = counter.counts[track]["support_halves"]
        assert len(support_days) <= values[4]
        assert sum(support_days.values()) <= values[4] * support.HALVES
        assert bool(support_days) == bool(values[4])


@given(histories(), st.randoms(), st.randoms())
@settings(max_examples=200, deadline=None)
def test_any_two_orders_yield_the_same_total(
    history: list[list[Playlist]], first_random: Any, second_random: Any
) -> None:
    results = []
    for random in (first_random, second_random):
        queue = [record for versions in history for record in versions]
        random.shuffle(queue)
        counter = Counter()
        for record in queue:
            counter.take(record)
        results.append({track: counts for track, counts in counter.counts.items()})
    assert results[0] == results[1]


@given(histories(), st.randoms())
@settings(max_examples=200, deadline=None)
def test_claims_and_first_appearance_do_not_depend_on_order(
    history: list[list[Playlist]], random: Any
) -> None:
    def run(queue: list[Playlist]) -> dict[str, claims.TrackTotal]:
        claim_totals: dict[str, claims.TrackTotal] = defaultdict(claims.empty)
        entries: dict[str, dict[str, claims.SetEntry]] = defaultdict(dict)
        for record in queue:
            for fact in facts.PlaylistFacts(record, "0").of_tracks():
                mine = entries[fact["track_id"]]
                old = mine.get(fact["playlist_id"])
                new = claims.newer_set(old, claims.set_entry(fact))
                mine[fact["playlist_id"]] = new
                if new is not old:
                    claim_totals[fact["track_id"]] = claims.apply_set(
                        claim_totals[fact["track_id"]], old, new, mine.values
                    )
        return dict(claim_totals)

    queue = [record for versions in history for record in versions]
    in_order = run(queue)
    random.shuffle(queue)
    shuffled = run(queue)
    for track, total in in_order.items():
        assert shuffled[track]["claims"] == total["claims"]
        assert shuffled[track]["first"] == total["first"]
    places = [
        (
            record["set_date"].isoformat() if record["set_date"] else claims.UNDATED,
            record["playlist_id"],
            row["position"],
        )
        for record in (versions[-1] for versions in history)
        for row in record["rows"]
        if row["track_id"] == TRACKS[0]
    ]
    first = in_order.get(TRACKS[0], claims.empty())["first"]
    assert (claims.place_order(first) if first else None) == min(places, default=None)


def test_a_set_of_two_djs_counts_once_and_supports_twice() -> None:
    counter = Counter()
    counter.take(playlist("b2b", 1, [("strobe-1", "main")], ["ada-1", "bo-2"], date(2026, 10, 1)))
    counts = counter.counts["strobe-1"]
    assert (counts["play_count"], counts["playlists"], counts["djs"]) == (1, 1, 2)
    assert counts["support_halves"] == {"2026-10-01": 4}


def test_a_set_without_a_dj_is_counted_and_supports_nothing() -> None:
    counter = Counter()
    counter.take(playlist("radio", 1, [("strobe-1", "main")], [], date(2026, 10, 1)))
    counter.take(
        playlist("radio", 2, [("strobe-1", "main")], ["cy-3"], date(2026, 10, 1), ({"strobe-1"}, {NO_DJ}))
    )
    assert counter.counts["strobe-1"]["play_count"] == 1
    assert counter.counts["strobe-1"]["djs"] == 1


def test_a_dj_supports_a_track_at_most_once_a_week() -> None:
    counter = Counter()
    for index, day in enumerate([5, 7, 9, 12]):
        counter.take(playlist(f"s{index}", 1, [("strobe-1", "main")], ["ada-1"], date(2026, 10, day)))
    assert counter.counts["strobe-1"]["support_halves"] == {"2026-10-05": 2, "2026-10-12": 2}


@pytest.mark.parametrize(("days", "is_valid"), [(30, True), (31, False)])
def test_a_date_far_after_its_page_is_ignored(days: int, is_valid: bool) -> None:
    record = playlist("future", 0, [("strobe-1", "main")], ["ada-1"], NOW.date() + timedelta(days=days))
    [fact] = facts.PlaylistFacts(record, "0").of_tracks()
    assert (fact["set_date"] is not None) == is_valid


def test_other_sets_are_read_only_when_the_first_appearance_may_be_another() -> None:
    """A track may be in thousands of sets, and the first of them is emitted again whenever a row changes."""

    def entry(version: int, position: int) -> claims.SetEntry:
        rows = [("night-3", "main")] * (position - 1) + [("strobe-1", "main")]
        record = playlist("first", version, rows, ["ada-1"], date(2026, 10, 1))
        return claims.set_entry(
            next(f for f in facts.PlaylistFacts(record, "0").of_tracks() if f["track_id"] == "strobe-1")
        )

    reads = 0

    def all_sets() -> list[claims.SetEntry]:
        nonlocal reads
        reads += 1
        return [entry(4, 3)]

    total = claims.apply_set(claims.empty(), None, entry(1, 2), all_sets)
    again = claims.apply_set(total, entry(1, 2), entry(2, 2), all_sets)
    earlier = claims.apply_set(again, entry(2, 2), entry(3, 1), all_sets)
    assert (reads, earlier["first"]) == (0, entry(3, 1)["place"])
    later = claims.apply_set(earlier, entry(3, 1), entry(4, 3), all_sets)
    assert (reads, later["first"]) == (1, entry(4, 3)["place"])
