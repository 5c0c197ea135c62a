"""Cues in every format that sites write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.cues import Cue, is_unknown_cue, read_cue


@pytest.mark.parametrize(
    ("text", "seconds", "grain", "certain"),
    [
        ("1:23:45", 5025, "second", True),
        ("83:45", 5025, "second", True),
        ("01:46", 106, "second", True),
        (" 0:15 ", 15, "second", True),
        ("00:56:00", 3360, "second", True),
        ("[1:05]", 65, "second", True),
        ("[105]", 6300, "minute", True),
        ("[012]", 720, "minute", True),
        ("0", 0, "minute", True),
        ("[3?]", 1800, "ten_minutes", False),
        ("[4?:??]", 2400, "ten_minutes", False),
        ("[12:3?]", 750, "ten_seconds", False),
        ("[12:??]", 720, "minute", False),
        ("1:2?:??", 4800, "ten_minutes", False),
        ("1:??:??", 3600, "hour", False),
    ],
)
def test_every_format_is_parsed(text: str, seconds: int, grain: str, certain: bool) -> None:
    assert read_cue(text) == Cue(seconds=seconds, grain=grain, certain=certain)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "??", "[??]", "?:??", " ? ", "[]"])
def test_placeholders_are_unknown_cues(text: str) -> None:
    assert is_unknown_cue(text)
    assert read_cue(text) is None


@pytest.mark.parametrize(
    "text", ["x", "?5", "[?5]", "12:60", "1:60:00", "1:2:3:4", "-1:00", "12.5", "1234", "83:?5"]
)
def test_other_texts_are_unreadable(text: str) -> None:
    assert not is_unknown_cue(text)
    assert read_cue(text) is None


@given(st.integers(0, 99 * 3600 + 59 * 60 + 59))
def test_every_formatted_time_is_parsed_back(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    cue = read_cue(f"{hours}:{rest // 60:02}:{rest % 60:02}")
    assert cue == Cue(seconds=seconds, grain="second", certain=True)
    if seconds < 1000 * 60:
        assert read_cue(f"[{seconds // 60}:{seconds % 60:02}]") == cue


@given(st.text(alphabet="0123456789?:[] ", max_size=10))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    cue = read_cue(text)
    assert cue is None or (cue.seconds >= 0 and cue.certain == ("?" not in text))
