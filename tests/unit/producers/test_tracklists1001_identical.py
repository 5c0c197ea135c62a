"""Tracklists that the site marks as identical: the real page with the mark, and generated variants."""

import re
from pathlib import Path

import pytest

from songnodes.domain.records import Tracklist
from tests.support.page_records import tracklist
from tests.support.stored_playlist import StoredPlaylist

OTHER = b"14lyn9q1"
START, END = b"identical tracklist start", b"identical tracklist end"


@pytest.fixture(scope="module")
def body(shared_data: Path) -> bytes:
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("nsgpmht-*.html")
    return file.read_bytes()


def marks(body: bytes) -> list[tuple[str, bool]]:
    return [(mark["playlist_id"], mark["whole"]) for mark in tracklist(body)["identical_to"]]


def frame(body: bytes, mark: bytes) -> bytes:
    match = re.search(rb'<div class="bItmH">\s*' + mark + rb".*?</div>", body, re.DOTALL)
    assert match is not None
    return match[0]


def test_the_real_page_is_identical_with_another(body: bytes) -> None:
    assert marks(body) == [("1001tracklists:14lyn9q1", True)]


def test_other_real_pages_have_no_mark(shared_data: Path) -> None:
    folder = shared_data / "html" / "1001tracklists" / "tracklist"
    marks_by_page = {file.name[:8]: marks(file.read_bytes()) for file in sorted(folder.glob("*.html"))}
    assert [name for name, identical in marks_by_page.items() if identical] == ["nsgpmht-"]


def test_a_mark_over_some_rows_is_partial(body: bytes) -> None:
    """With the end moved before the last row, one row is not marked."""
    end = frame(body, END)
    last = body.rindex(b'<div id="tlp_')
    moved = body.replace(end, b"")
    assert marks(moved[:last] + end + moved[last:]) == [("1001tracklists:14lyn9q1", False)]


def test_parts_of_two_other_tracklists_are_partial(body: bytes) -> None:
    middle = body.index(b'<div id="tlp_5921284"')
    first, second = frame(body, START), frame(body, START).replace(OTHER, b"2other22")
    ends = frame(body, END) + second
    both = (
        body[:middle]
        + ends
        + body[middle:].replace(frame(body, END), frame(body, END).replace(OTHER, b"2other22"))
    )
    assert first in both
    assert marks(both) == [("1001tracklists:14lyn9q1", False), ("1001tracklists:2other22", False)]


def test_a_missing_end_is_the_end_of_the_page(body: bytes) -> None:
    assert marks(body.replace(frame(body, END), b"")) == [("1001tracklists:14lyn9q1", True)]
    assert marks(body.replace(frame(body, START), b"")) == [("1001tracklists:14lyn9q1", True)]


def test_a_page_that_names_itself_or_no_tracklist_has_no_mark(body: bytes) -> None:
    assert marks(body.replace(OTHER, b"nsgpmht")) == []
    assert marks(body.replace(b"/tracklist/14lyn9q1/", b"/dj/14lyn9q1/")) == []


def test_a_mark_in_one_sentence_is_read(body: bytes) -> None:
    single_sentence = frame(body, START).replace(START, b"This tracklist is identical to")
    text = body.replace(frame(body, START), single_sentence).replace(frame(body, END), b"")
    assert marks(text) == [("1001tracklists:14lyn9q1", True)]


def test_a_complete_mark_is_content_and_reaches_the_playlist(body: bytes) -> None:
    marked: Tracklist = tracklist(body)
    plain = tracklist(body.replace(frame(body, START), b"").replace(frame(body, END), b""))
    assert marked["content_hash"] != plain["content_hash"]
    partial: Tracklist = {**marked, "identical_to": [{"playlist_id": "1001tracklists:x", "whole": False}]}
    shown = []
    for tracklist_ in (marked, plain, partial):
        state = StoredPlaylist()
        state.apply_tracklist(tracklist_, 0)
        playlist = state.build("code")
        assert playlist is not None
        shown.append(playlist["identical_to"])
    assert shown == [["1001tracklists:14lyn9q1"], [], []]
