"""Documents of earlier versions get the members that they lack."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries import documents
from queries.documents import COLUMNS, Each, Entries

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        (None, 0, 0),
        (False, True, False),
        ({"b": 1, "later": 2}, {"a": None, "b": 0}, {"a": None, "b": 1, "later": 2}),
        ([], {"a": 1}, {"a": 1}),
        ({"2024": {"plays": 3}}, Each({"plays": 0, "tracks": 0}), {"2024": {"plays": 3, "tracks": 0}}),
        (
            [{"id": "x"}, {"id": None}, None, {}, "y"],
            Entries({"id": None, "n": 1}, "id"),
            [{"id": "x", "n": 1}, "y"],
        ),
        ({}, Entries({}), []),
        ({"Xyloph": 7, "XYLOPH": None}, COLUMNS["spellings"], {"Xyloph": 7, "XYLOPH": 0}),
        ([{"text": "Rej"}], COLUMNS["spellings"], [{"text": "Rej", "count": 0}]),
        ("text", [], []),
    ],
)
def test_value_gets_what_it_lacks(value: object, shape: object, expected: object) -> None:
    assert documents.completed(value, shape) == expected


@pytest.mark.parametrize("column", COLUMNS)
@given(value=JSON)
def test_completed_is_complete(column: str, value: object) -> None:
    once = documents.completed(value, COLUMNS[column])
    assert documents.completed(once, COLUMNS[column]) == once


def test_null_column_stays_null_and_others_are_not_touched() -> None:
    rows: list[dict[str, Any]] = [{"as_dj": None, "claim": {}}, {"as_dj": {"set_count": 3}, "claim": None}]
    documents.complete(rows)
    assert rows[0] == {"as_dj": None, "claim": {}}
    assert rows[1]["as_dj"] == documents.blank("as_dj") | {"set_count": 3}


def test_shares_are_numbers() -> None:
    assert documents.shares({"House": 0.5, "x": None, "y": "1"}) == {"House": 0.5}
    assert documents.shares(None) == {}
