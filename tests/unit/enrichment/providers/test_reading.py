"""Reading of JSON bodies: the faster decoder and `json` return the same values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.providers.reading import parse_json, text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


@given(json_values, st.booleans())
def test_any_value_is_decoded_as_json_decodes_it(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        expected = None
    assert same(parse_json(body), expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\\ud800"', "\ud800"),
        (b"1E400", float("inf")),
        (b"NaN", float("nan")),
        (b"-0", 0),
        (b"18446744073709551616", 18446744073709551616),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[1] x", None),
        (b"[" * 100_000, None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_texts_that_decoders_may_treat_differently(body: bytes, expected: Any) -> None:
    assert same(parse_json(body), expected)


def test_a_text_has_no_character_that_cannot_be_stored() -> None:
    assert text("a\0b\ud800 &amp;  c") == "ab & c"
    assert text("  plain   text ") == "plain text"
