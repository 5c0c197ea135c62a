"""Escaping of record text for a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.cli.terminal import cut, escaped, readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sigur Rós – 坂本 🎧", "Sigur Rós – 坂本 🎧"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\t", "a\\x0d\\x0ab\\x09"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        ("\x9b2J", "\\x9b2J"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_and_invisible_characters_are_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text())
def test_only_visible_characters_remain(text: str) -> None:
    assert not {unicodedata.category(char) for char in escaped(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(), st.integers(1, 30))
def test_a_shortened_text_is_never_longer(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length
    if len(escaped(text)) <= length:
        assert cut(text, length) == escaped(text)


@given(st.binary(max_size=50))
def test_any_bytes_are_shown_readably(raw: bytes) -> None:
    assert escaped(readable(raw, 200)) == readable(raw, 200)


def test_bytes_that_are_not_text_are_shown_in_hex() -> None:
    assert readable(b"\xff\x00a", 20) == "ff 00 61"
    assert readable(None, 20) == "null"
