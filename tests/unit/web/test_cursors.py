"""Cursors: what is encoded is read again, and nothing else is taken for a place."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from web.api import cursors
from web.api.cursors import Key, Place

KEY: Key = {"day": date, "name": str, "count": int, "score": float, "old": bool, "at": datetime}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
INTEGERS = st.integers(0, cursors.MAX_INTEGER)
VALUES = st.tuples(
    st.none() | st.dates(),
    TEXTS,
    INTEGERS,
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
AS_OF = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACE = Place((date(2026, 3, 1), "strobe", 4, 0.5, False, AS_OF), 20, AS_OF.isoformat())


def refused(cursor: str, of_list: str = "list") -> bool:
    try:
        cursors.read(cursor, of_list, KEY)
    except HTTPException as error:
        assert (error.status_code, "Begin again without a cursor" in error.detail) == (400, True)
        return True
    return False


@given(VALUES, INTEGERS)
def test_a_place_is_read_as_it_was(values: tuple[Any, ...], seen: int) -> None:
    place = Place(values, seen, AS_OF.isoformat())
    assert cursors.read(cursors.encoded(place, "list"), "list", KEY) == place


def test_without_a_cursor_a_list_begins() -> None:
    assert cursors.read(None, "list", KEY) == Place((None,) * len(KEY))


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = cursors.encoded(PLACE, "list")
    assert not refused(cursor)
    assert refused(cursor, "another list")


@given(st.integers(0, 1000), st.sampled_from("Az09-_"))
def test_a_changed_cursor_is_refused(place: int, character: str) -> None:
    cursor = cursors.encoded(PLACE, "list")
    place %= len(cursor) - 1  # the last character may have bits that mean nothing
    changed = cursor[:place] + character + cursor[place + 1 :]
    assert changed == cursor or refused(changed)


@given(st.text() | st.binary().map(lambda value: base64.urlsafe_b64encode(value).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (0, "2026-02-30"), (0, 5), (1, 5), (1, "a\0b"), (1, "\ud800"), (2, True), (2, -1), (2, 2**40),
        (2, 1.5), (3, "1"), (3, float("nan")), (3, float("inf")), (4, 1), (5, "2026-03-01T00:00:00"), (5, []),
    ],
)  # fmt: skip
def test_values_of_other_types_are_refused_even_with_the_right_checksum(number: int, value: Any) -> None:
    values: list[Any] = ["2026-03-01", "strobe", 4, 0.5, False, AS_OF.isoformat()]
    assert not refused(signed([AS_OF.isoformat(), 20, values]))
    assert refused(signed([AS_OF.isoformat(), 20, [*values[:number], value, *values[number + 1 :]]]))


@pytest.mark.parametrize("content", [[], [None, 0, []], ["x", 0, [None] * 6], [None, "0", [None] * 6], {}, 1])
def test_other_contents_are_refused_even_with_the_right_checksum(content: Any) -> None:
    assert refused(signed(content))


def test_a_cursor_of_an_older_version_is_refused() -> None:
    assert refused(base64.urlsafe_b64encode(json.dumps([20, "strobe", None]).encode()).decode())


def signed(content: Any) -> str:
    text = json.dumps(content)
    checked = f"{cursors.VERSION} {cursors._checksum('list', text)} {text}"
    return base64.urlsafe_b64encode(checked.encode()).decode().rstrip("=")


def test_a_place_of_long_ago_is_refused() -> None:
    cursors.require_recent(PLACE, AS_OF + cursors.MAX_AGE)
    cursors.require_recent(Place((None,)), AS_OF)
    with pytest.raises(HTTPException, match="more than a day"):
        cursors.require_recent(PLACE, AS_OF + cursors.MAX_AGE + timedelta(seconds=1))


def test_a_whole_list_goes_on_after_its_last_row_wherever_that_is() -> None:
    rows = [{"field": "bpm", "provider": name} for name in ("new", "a", "b")]
    key: Key = {"field": str, "provider": str}
    assert cursors.rows_after(rows, key, Place((None, None))) == rows
    assert cursors.rows_after(rows, key, Place(("bpm", "a"), seen=1)) == rows[2:]
    assert cursors.rows_after(rows, key, Place(("bpm", "gone"), seen=1)) == rows[1:]
