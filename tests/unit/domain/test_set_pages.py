"""What the pages of one set say together, whatever order they came in."""

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
    made = tracklist(texts, hours=changes.pop("hours", 0), djs=djs, title=title)
    return {**made, "page_kind": kind, **changes}  # type: ignore[typeddict-item]  # fields by name


def together(*pages: Tracklist) -> Playlist:
    """The one playlist that every order of arrival gives, versions aside."""
    found = []
    for order in permutations(pages):
        state = StoredPlaylist()
        for offset, each in enumerate(order):
            state.apply_tracklist(each, offset)
        found.append(state.build("0"))
    first = found[0]
    assert first is not None
    assert all(each == {**first, "version": each["version"]} for each in found if each)
    return first


def test_sections_give_the_rows_and_the_show_the_header() -> None:
    show = page("cloudcast", ["Ada - Written"], rows_from="description", hours=9)
    sections = page("sections", ["Ada - Played", "Bo - Played"], rows_from="sections", djs=(), title="")
    found = together(show, sections)
    assert [row["raw_text"] for row in found["rows"]] == ["Ada - Played", "Bo - Played"]
    assert [dj["name"] for dj in found["djs"]] == ["Ada"]
    assert found["title"] == "Ada @ Cellar"


def test_a_show_without_rows_is_no_playlist_until_its_sections_come() -> None:
    state = StoredPlaylist()
    state.apply_tracklist(page("cloudcast", []), 0)
    assert state.build("0") is None
    state.apply_tracklist(page("sections", ["Ada - One"], rows_from="sections", djs=()), 1)
    found = state.build("0")
    assert found is not None
    assert found["djs"][0]["name"] == "Ada"


def media(media_id: str, hours: int = 0, **ids: str) -> Tracklist:
    links = {"media_id": media_id, "ids": ids, "durations": {}}
    return page(f"medialink/{media_id}", [], djs=(), title="", media=[links], hours=hours)


def test_media_links_go_to_the_row_that_has_their_id_and_change_no_row_id() -> None:
    listed = page("tracklist", ["Ada - One", "Bo - Two"])
    listed["rows"][0]["ids"] = {"1001tracklists_media": "7", "spotify_id": "own"}
    alone = together(listed)
    other, third = media("7", hours=3, spotify_id="other", beatport_id="42"), media("8", beatport_id="43")
    found = together(listed, other, third)
    claims = [row["claim"] for row in found["rows"]]
    assert claims[0] is not None
    assert claims[1] is not None
    assert claims[0]["ids"] == {"1001tracklists_media": "7", "spotify_id": "own", "beatport_id": "42"}
    assert claims[1]["ids"] == {}
    assert [row["bronze_id"] for row in found["rows"]] == [row["bronze_id"] for row in alone["rows"]]


@pytest.mark.parametrize(("grain", "groups"), [("second", [1, 1]), ("minute", [1, 2])])
def test_one_cue_means_together_only_where_it_is_told_to_the_second(grain: str, groups: list[int]) -> None:
    listed = page("tracklist", ["Ada - One", "Bo - Two"], observed_at=T0 + timedelta(hours=1))
    for row in listed["rows"]:
        row["cue_seconds"], row["cue_grain"] = 300, grain
    assert [row["group_index"] for row in together(listed)["rows"]] == groups
