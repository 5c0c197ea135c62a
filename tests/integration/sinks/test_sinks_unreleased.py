"""Unidentified tracks that several DJs played at the same place, and the evidence for what they are."""

from datetime import timedelta
from typing import Any

import pytest

from songnodes.domain.lines import vocabulary
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

UNRELEASED = "SELECT * FROM gold_unreleased ORDER BY before_track_id, named_as"
CANDIDATES = "SELECT * FROM gold_id_candidates WHERE before_track_id = 'a-one' ORDER BY track_id"


async def refresh(bench: Bench) -> None:
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass


def played(playlist_id: str, dj: str, middle: str | None, version: int = 1, **row: Any) -> dict[str, Any]:
    """Return a set of a-one, a track or an unidentified row, and a-two."""
    rows = [
        sample.playlist_row(1, "a-one"),
        {**sample.playlist_row(2, middle), **row},
        sample.playlist_row(3, "a-two"),
    ]
    return sample.playlist(playlist_id, version, *rows, djs=(dj,))


async def test_rows_of_several_djs_at_one_place_are_one_id(bench: Bench) -> None:
    first = played("p:1", "x", None)
    first["set_date"] = DAY - timedelta(days=3)
    await written(bench, "silver.playlists", first, played("p:2", "x", None))
    await refresh(bench)
    assert bench.query(UNRELEASED) == []  # twice by one DJ
    await written(bench, "silver.playlists", played("p:3", "y", None))
    await refresh(bench)
    (unreleased,) = bench.query(UNRELEASED)
    assert (unreleased["before_track_id"], unreleased["after_track_id"]) == ("a-one", "a-two")
    assert (unreleased["named_as"], unreleased["dj_count"], unreleased["set_count"]) == ("", 2, 3)
    assert (unreleased["first_set"], unreleased["sets"]) == ("p:1", ["p:1", "p:2", "p:3"])
    assert unreleased["first_date"] == DAY - timedelta(days=3)
    assert bench.query(CANDIDATES) == []


async def test_one_set_of_two_djs_is_one_witness(bench: Bench) -> None:
    b2b = played("p:1", "x", None)
    b2b["djs"] = [{"artist_id": dj, "name": dj, "native_id": None} for dj in "xy"]
    await written(bench, "silver.playlists", b2b)
    await refresh(bench)
    assert bench.query(UNRELEASED) == []


async def test_rows_that_name_different_artists_are_different_ids(bench: Bench) -> None:
    zed: dict[str, Any] = {"status": "artist_only", "raw_text": "Zed - ID"}
    amy: dict[str, Any] = {"status": "artist_only", "raw_text": "Amy - ID"}
    await written(
        bench,
        "silver.playlists",
        played("p:1", "x", None, **zed),
        played("p:2", "y", None, **amy),
        played("p:3", "z", None),
    )
    await refresh(bench)
    assert bench.query(UNRELEASED) == []
    await written(bench, "silver.playlists", played("p:4", "z", None, **{**zed, "raw_text": "ZED  - ID"}))
    await refresh(bench)
    assert [(row["named_as"], row["dj_count"]) for row in bench.query(UNRELEASED)] == [("zed - id", 2)]


async def test_a_track_that_another_page_names_there_is_a_candidate(bench: Bench) -> None:
    """The set with the ID keeps it: only its own page can name the row."""
    # neighbours in two different sets are no place
    halves = [
        sample.playlist("p:half", 1, sample.playlist_row(1, "a-one"), sample.playlist_row(2, "b-half")),
        sample.playlist("q:half", 1, sample.playlist_row(1, "b-half"), sample.playlist_row(2, "a-two")),
    ]
    await written(bench, "silver.playlists", *halves)
    await written(bench, "silver.tracks", sample.track("b-new"))
    await written(
        bench, "silver.playlists", *(played(f"p:{dj}", dj, None) for dj in "xy"), played("p:z", "z", "b-new")
    )
    await refresh(bench)
    (candidate,) = bench.query(CANDIDATES)
    assert (candidate["track_id"], candidate["track_name"], candidate["sets"]) == ("b-new", "New", ["p:z"])
    assert (candidate["revealed_sets"], candidate["revealed_at"]) == (0, None)
    assert [row["set_count"] for row in bench.query(UNRELEASED)] == [2]


@pytest.mark.parametrize(("shown_before", "is_revealed"), [("ID - ID", True), ("B - Nwe", False)])
async def test_a_row_that_its_page_names_later_is_revealed(
    bench: Bench, shown_before: str, is_revealed: bool
) -> None:
    """A corrected name reveals nothing."""
    later = sample.SEEN + timedelta(days=5)
    before, named = (sample.tracklist("z", "A - One", text, "A - Two") for text in (shown_before, "B - New"))
    await written(bench, "bronze.tracklists", before, {**named, "observed_at": later})
    (row,) = bench.query(
        "SELECT id, row_key FROM bronze_scraped_tracks WHERE raw_data ->> 'track_name' = 'New'"
    )
    revealed = played("1001tracklists:z", "z", "b-new", bronze_id=str(row["id"]), row_key=row["row_key"])
    await written(bench, "silver.playlists", *(played(f"p:{dj}", dj, None) for dj in "xyw"), revealed)
    await refresh(bench)
    (candidate,) = bench.query(CANDIDATES)
    assert (candidate["track_id"], candidate["revealed_sets"]) == ("b-new", int(is_revealed))
    assert candidate["revealed_at"] == (later if is_revealed else None)
    assert [row["set_count"] for row in bench.query(UNRELEASED)] == [3]


async def test_a_revealed_set_is_no_evidence_of_the_id(bench: Bench) -> None:
    await written(bench, "silver.playlists", *(played(f"p:{dj}", dj, None) for dj in "xy"))
    await refresh(bench)
    assert len(bench.query(UNRELEASED)) == 1
    await written(bench, "silver.playlists", played("p:x", "x", "b-new", 2))
    await refresh(bench)
    assert bench.query(UNRELEASED) == []
    assert [row["sets"] for row in bench.query(CANDIDATES)] == [["p:x"]]


def test_unknown_titles_are_those_of_the_reader(bench: Bench) -> None:
    texts = [
        "ID",
        "id 2",
        "ID #12",
        "ID1234",
        "(ID)",
        "[id]?",
        "i.d.",
        "??",
        "?",
        "n/a",
        "TBA",
        "tbc",
        "Unknown",
    ]
    texts += ["unknown track", "Unknown Title 3", "unreleased id", "track id", "unidentified", "I D", "ID ID"]
    texts += ["Idol", "unknown pleasures", "N/A/B", "", "(ID", "TBA Mix", "id  7", "id\t7", "Unknown artist"]
    rows = bench.query(
        "SELECT text, is_unknown_title(text) AS unknown FROM unnest(%s::text[]) AS text", texts
    )
    assert {row["text"]: row["unknown"] for row in rows} == {
        text: vocabulary.is_unknown(text) for text in texts
    }
