"""Merging of the pages of one set, in any order of arrival."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from songnodes.domain.records import Playlist, Tracklist
from tests.support.stored_playlist import StoredPlaylist
from tests.unit.domain.test_playlists import T0, tracklist


def page(kind: str, texts: list[str | None], **changes: Any) -> Tracklist:
    djs = changes.pop("djs", ("Ada",))
    title = changes.pop("title", "Ada @ Cellar")
    record = tracklist(texts, hours=changes.pop("hours", 0), djs=djs, title=title)
    return {**record, "page_kind": kind, **changes}  # type: ignore[typeddict-item]  # fields by name


def merged(*pages: Tracklist) -> Playlist:
    """Return the playlist that every order of arrival yields, ignoring versions."""
    playlists = []
    for order in permutations(pages):
        state = StoredPlaylist()
        for offset, record in enumerate(order):
            state.apply_tracklist(record, offset)
        playlists.append(state.build("0"))
    first = playlists[0]
    assert first is not None
    assert all(record == {**first, "version": record["version"]} for record in playlists if record)
    return first


def test_rows_come_from_sections_and_the_header_from_the_show() -> None:
    show = page("cloudcast", ["Ada - Written"], rows_from="description", hours=9)
    sections = page("sections", ["Ada - Played", "Bo - Played"], rows_from="sections", djs=(), title="")
    playlist = merged(show, sections)
    assert [row["raw_text"] for row in playlist["rows"]] == ["Ada - Played", "Bo - Played"]
    assert [dj["name"] for dj in playlist["djs"]] == ["Ada"]
    assert playlist["title"] == "Ada @ Cellar"


def test_a_show_without_rows_becomes_a_playlist_with_its_sections() -> None:
    state = StoredPlaylist()
    state.apply_tracklist(page("cloudcast", []), 0)
    assert state.build("0") is None
    state.apply_tracklist(page("sections", ["Ada - One"], rows_from="sections", djs=()), 1)
    playlist = state.build("0")
    assert playlist is not None
    assert playlist["djs"][0]["name"] == "Ada"


def media(media_id: str, hours: int = 0, **ids: str) -> Tracklist:
    links = {"media_id": media_id, "ids": ids, "durations": {}}
    return page(f"medialink/{media_id}", [], djs=(), title="", media=[links], hours=hours)


def test_media_links_are_added_to_the_row_with_their_id() -> None:
    listed = page("tracklist", ["Ada - One", "Bo - Two"])
    listed["rows"][0]["ids"] = {"1001tracklists_media": "7", "spotify_id": "own"}
    without_media = merged(listed)
    second, third = media("7", hours=3, spotify_id="other", beatport_id="42"), media("8", beatport_id="43")
    playlist = merged(listed, second, third)
    claims = [row["claim"] for row in playlist["rows"]]
    assert claims[0] is not None
    assert claims[1] is not None
    assert claims[0]["ids"] == {"1001tracklists_media": "7", "spotify_id": "own", "beatport_id": "42"}
    assert claims[1]["ids"] == {}
    assert [row["bronze_id"] for row in playlist["rows"]] == [
        row["bronze_id"] for row in without_media["rows"]
    ]


@pytest.mark.parametrize(("grain", "groups"), [("second", [1, 1]), ("minute", [1, 2])])
def test_equal_cues_group_rows_only_at_a_grain_of_seconds(grain: str, groups: list[int]) -> None:
    listed = page("tracklist", ["Ada - One", "Bo - Two"], observed_at=T0 + timedelta(hours=1))
    for row in listed["rows"]:
        row["cue_seconds"], row["cue_grain"] = 300, grain
    assert [row["group_index"] for row in merged(listed)["rows"]] == groups
