"""Values that PostgreSQL refuses, made fit without losing the row."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks import values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def any_text(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in any_text(item)]
    if isinstance(value, list):
        return [text for item in value for text in any_text(item)]
    return []


@given(st.text(st.characters()))
def test_text_is_always_fit_and_clean_text_stays(text: str) -> None:
    stored = values.text(text)
    assert "\x00" not in stored
    stored.encode()
    assert len(stored) == len(text)
    if "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert stored == text


@given(JSON)
def test_json_is_always_fit_and_clean_json_stays(value: Any) -> None:
    stored = json.loads(values.json_text(value))
    for text in any_text(stored):
        assert "\x00" not in text
        text.encode()
    if not any("\x00" in text or values.SURROGATES.search(text) for text in any_text(value)):
        assert stored == value


def test_text_that_only_looks_like_an_escape_stays() -> None:
    assert json.loads(values.json_text({"a": "\\u0000", "b": "\\\\ud800"})) == {
        "a": "\\u0000",
        "b": "\\\\ud800",
    }


def test_json_has_every_kind_of_value() -> None:
    moment = datetime(2024, 5, 1, 20, tzinfo=UTC)
    rest = {"half": 0.5, "flags": [True, None]}
    for integer in (7, 1 << 70):
        stored = json.loads(values.json_text({"at": moment, "day": moment.date(), "n": integer, **rest}))
        assert datetime.fromisoformat(stored.pop("at")) == moment
        assert stored == {"day": "2024-05-01", "n": integer, **rest}
    with pytest.raises(TypeError):
        values.json_text({"a": object()})


def test_damage_shows() -> None:
    assert values.text("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert json.loads(values.json_text({"a\x00": ["\ud83d"]})) == {"a\ufffd": ["\ufffd"]}


def test_an_emoji_is_no_damage() -> None:
    assert json.loads(values.json_text("\U0001f600")) == "\U0001f600"
    assert values.text("\U0001f600") == "\U0001f600"


@pytest.mark.parametrize("raw", [b"\xff", "{", "NaN", '{"a": Infinity}', "[" * 100_000])
def test_what_is_no_json(raw: str | bytes) -> None:
    assert values.json_document(raw) is None


def test_json_as_received_stays_as_it_is() -> None:
    assert values.json_document(b'{"a": 1.50}') == '{"a": 1.50}'
    assert json.loads(values.json_document('{"a": "\\u0000"}') or "") == {"a": "\ufffd"}


def test_scrubbing_reaches_lists_and_leaves_bytes() -> None:
    row = {"a": "x\x00", "b": ["y\x00", None], "c": b"\x00", "d": 1}
    assert values.scrubbed({"a": "é", "b": []}) == {"a": "é", "b": []}
    assert values.scrubbed(row) == {"a": "x\ufffd", "b": ["y\ufffd", None], "c": b"\x00", "d": 1}


def test_an_id_is_a_function_of_kind_and_key() -> None:
    assert values.row_uuid("track", "a") == values.row_uuid("track", "a")
    assert values.row_uuid("track", "a") != values.row_uuid("artist", "a")
