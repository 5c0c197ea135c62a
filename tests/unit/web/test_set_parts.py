"""Changes between versions of a tracklist, recordings at a cue, and PNG files of drawings."""

import asyncio
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.fetch.executable import find_chromium
from songnodes.errors import ProgramMissing
from songnodes.settings import Settings, settings
from web import plot, recordings
from web.drawings import svg, wheel
from web.set_versions import changes

texts = st.lists(st.sampled_from(["ID - ID", "A - B", "C - D", "E - F", ""]), max_size=12)


def test_a_row_is_revealed_only_from_an_id_to_a_name() -> None:
    before = ["A - B", "ID - ID", "C - D", "E - F"]
    after = ["A - B", "G - H", "C - X", "E - F", "I - J"]
    kinds = [(change.kind, change.before, change.after) for change in changes(before, after)]
    assert kinds == [
        ("revealed", "ID - ID", "G - H"),
        ("changed", "C - D", "C - X"),
        ("added", None, "I - J"),
    ]
    assert [change.kind for change in changes(after, before)] == ["changed", "changed", "removed"]


@given(texts, texts)
def test_changes_account_for_every_line(before: list[str], after: list[str]) -> None:
    listed = changes(before, after)
    removed = sum(change.before is not None for change in listed)
    added = sum(change.after is not None for change in listed)
    assert len(before) - removed == len(after) - added >= 0
    assert (listed == []) == (before == after)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.youtube.com/watch?v=x", "https://www.youtube.com/watch?v=x&t=75s"),
        ("https://youtu.be/x", "https://youtu.be/x?t=75s"),
        ("https://soundcloud.com/a/b#c", "https://soundcloud.com/a/b#t=1:15"),
        ("https://www.mixcloud.com/a/b/", None),
        ("https://youtube.com.example.org/x", None),
        ("javascript:alert(1)//youtube.com", None),
        ("https://[youtube.com", None),
    ],
)
def test_a_recording_opens_at_the_cue_where_its_host_takes_one(address: str, expected: str | None) -> None:
    playable = recordings.playable([{"kind": "video", "url": address, "duration_seconds": None}])
    assert recordings.at_cue(playable, 75) == expected
    assert recordings.at_cue(playable, None) is None


def test_a_drawing_becomes_a_png_of_twice_its_size() -> None:
    try:
        find_chromium(settings())
    except ProgramMissing:
        pytest.skip("no Chromium here")
    image = asyncio.run(plot.rasterized(svg.document(wheel.draw_wheel({"8A": 1}, title="Keys")), settings()))
    assert image.startswith(b"\x89PNG")
    assert struct.unpack(">II", image[16:24]) == (920, 920)


def test_a_missing_browser_is_named(tmp_path: Path) -> None:
    absent = Settings(chromium=str(tmp_path / "none"))
    with pytest.raises(ProgramMissing):
        asyncio.run(plot.rasterized("<svg/>", absent))
