"""Suggestions for the next track, each with its parts and its sets."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

NEXT = 'SELECT * FROM gold_next_tracks WHERE track_id = %s ORDER BY score DESC, next_track_id COLLATE "C"'


async def suggestions(bench: Bench, track_id: str) -> dict[str, dict[str, Any]]:
    """Refresh, and return the suggestions for a track by track, the best first."""
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
    return {row["next_track_id"]: row for row in bench.query(NEXT, track_id)}


def played(playlist_id: str, *tracks: str, together: bool = False, **changes: Any) -> dict[str, Any]:
    """Return a set of tracks, one after the other or the others over the first one."""
    rows = [sample.playlist_row(position, track) for position, track in enumerate(tracks, 1)]
    if together:
        rows[1:] = [{**row, "group_index": 1, "role": "layered"} for row in rows[1:]]
    return sample.playlist(playlist_id, 1, *rows, **changes)


async def test_played_and_harmonic_tracks_are_suggested_with_their_evidence(bench: Bench) -> None:
    await written(
        bench,
        "gold.tracks",
        sample.counts("a-now", key=8, bpm=128.0, energy=0.5, confidence_score=1.0),
        sample.counts("b-both", key=9, bpm=128.0, energy=0.9, confidence_score=0.5),
        sample.counts("b-fits", key=8, bpm=64.0, energy=None, confidence_score=1.0),
        sample.counts("b-clash", key=2, bpm=128.0),
        sample.counts("b-keyless", key=None, key_mode=None),
    )
    old = DAY - timedelta(days=730)
    await written(
        bench,
        "silver.playlists",
        played("p:1", "a-now", "b-both", set_date=DAY, djs=("x", "y")),
        played("p:2", "a-now", "b-both", set_date=None, djs=("x",)),
        played("p:3", "a-now", "b-clash", together=True, set_date=old, djs=("x",)),
        played("p:4", "a-now", "b-keyless", set_date=DAY, djs=()),
    )
    rows = await suggestions(bench, "a-now")
    assert list(rows) == ["b-both", "b-fits", "b-keyless", "b-clash"]
    both = rows["b-both"]
    assert (both["followed_djs"], both["followed_sets"], both["together_djs"]) == (2, 2, 0)
    assert both["followed_in"] == ["p:1", "p:2"]
    assert both["together_in"] is None
    assert both["last_date"] == DAY
    assert (both["key_relation"], both["compatibility"], both["bpm_change"]) == ("one step", "compatible", 0)
    assert both["played"] == pytest.approx(0.5)
    assert both["harmony"] == pytest.approx(0.85 * 0.5 * 0.8)
    assert both["score"] == pytest.approx(1 - 0.5 * (1 - 0.5 * 0.34))
    fits = rows["b-fits"]
    assert (fits["played"], fits["harmony"], fits["score"]) == (None, 1.0, 0.5)
    assert (fits["followed_djs"], fits["energy_change"], fits["bpm_change"]) == (0, None, 0)
    clash = rows["b-clash"]
    assert (clash["key_relation"], clash["harmony"], clash["together_in"]) == ("clash", 0, ["p:3"])
    assert clash["played"] == pytest.approx(0.5 / 2.5 * 0.75)
    keyless = rows["b-keyless"]
    assert (keyless["harmony"], keyless["followed_djs"], keyless["followed_sets"]) == (None, 0, 1)
    assert [keyless["score"], keyless["played"]] == pytest.approx([1 / 3, 1 / 3])


async def test_a_retracted_set_supports_nothing(bench: Bench) -> None:
    await written(bench, "gold.tracks", *(sample.counts(f"a-{name}", bpm=None) for name in ("now", "next")))
    await written(bench, "silver.playlists", played("p:1", "a-now", "a-next"))
    assert list(await suggestions(bench, "a-now")) == ["a-next"]
    await written(bench, "silver.playlists", sample.playlist("p:1", 2, counted=False))
    assert await suggestions(bench, "a-now") == {}


async def test_the_most_played_of_many_are_suggested_first(bench: Bench) -> None:
    """Of a track with more pairs than are read, those of most DJs are among the suggestions."""
    tracks = [f"b-{number}" for number in range(250)]
    await written(bench, "gold.tracks", *(sample.counts(name, bpm=None) for name in ["a-now", *tracks]))
    sets = [played(f"p:{name}:1", "a-now", name, djs=("x",), set_date=date(2020, 1, 1)) for name in tracks]
    sets += [played(f"p:b-249:{n}", "a-now", "b-249", djs=(f"dj{n}",)) for n in (2, 3)]
    await written(bench, "silver.playlists", *sets)
    rows = await suggestions(bench, "a-now")
    assert len(rows) == 200
    assert next(iter(rows)) == "b-249"
    assert rows["b-249"]["followed_djs"] == 3


async def test_the_pairs_of_most_djs_and_then_the_newest_are_taken(bench: Bench) -> None:
    """Of 260 pairs of one set each, ids and days run against each other; two sets come first, a b2b next."""
    await written(bench, "gold.tracks", sample.counts("a-now", bpm=None))
    names = [f"b-{number:03}" for number in range(260)]
    sets = [
        played(f"p:{name}", "a-now", name, set_date=DAY - timedelta(days=400 - number))
        for number, name in enumerate(names)
    ]
    sets[5] = played("p:b-005", "a-now", "b-005", set_date=None, djs=("x", "y"))
    sets += [played("p:twice", "a-now", "b-007", set_date=DAY - timedelta(days=500))]
    await written(bench, "silver.playlists", *sets)
    rows = await suggestions(bench, "a-now")
    assert set(rows) == {"b-005", "b-007", *names[-198:]}
