"""Ids made of content: they equal those of the standard library's slower functions, for good."""

import hashlib
import json
from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import ids

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(max_size=8), items, max_size=4),
    max_leaves=20,
)
RECORDS = st.dictionaries(st.text(min_size=1, max_size=12), VALUES, max_size=6)


class Text(str):
    """A text of another class."""


def plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(st.lists(st.text(), max_size=4))
def test_an_event_id_is_a_uuid_of_version_5(parts: list[str]) -> None:
    assert ids.event_id(*parts) == str(uuid5(ids.NAMESPACE, ids.SEPARATOR.join(parts)))


@given(RECORDS)
def test_a_content_hash_is_that_of_canonical_json(record: dict[str, object]) -> None:
    record = {key: value for key, value in record.items() if key not in ids.NOT_CONTENT}
    assert ids.canonical_json(record) == plain(record)
    assert ids.content_hash(record) == hashlib.sha256(plain(record).encode()).hexdigest()


NAMES = st.text(max_size=6) | st.sampled_from(sorted(ids.NOT_CONTENT | ids.LEFT_OUT_WHEN_EMPTY))
ROWS = st.fixed_dictionaries(
    {
        "row_key": st.text(),
        "text": st.none() | st.text(),
        "number": st.none() | st.integers(-(2**70), 2**70),
        "joined": st.booleans(),
        "native_artist_names": st.lists(st.text(), max_size=2),
        "ids": st.dictionaries(NAMES, st.text(max_size=3), max_size=3),
        "values": st.dictionaries(NAMES, st.text(max_size=3), max_size=3),
        "fragment": st.text(),
        "versions": st.lists(
            st.fixed_dictionaries({"text": st.text(), "artists": st.lists(st.text(), max_size=2)}), max_size=2
        ),
    }
)


@given(ROWS)
def test_the_hash_of_a_row_is_that_of_its_content(row: dict[str, object]) -> None:
    assert ids.row_hash(row) == ids.content_hash(row)


def test_all_forms_of_a_value_have_one_hash() -> None:
    record = {"b": (1, 2.50), "a": Text("\x7f\x1f\u2028"), "n": float("-inf"), "big": 2**70}
    assert ids.content_hash(record) == hashlib.sha256(plain(record).encode()).hexdigest()


def test_fragments_and_empty_additions_are_no_content_at_any_depth() -> None:
    row = {"text": "A - B", "fragment": "<b>", "versions": [], "parts": [{"fragment": "x", "n": 1}]}
    bare = {"text": "A - B", "parts": [{"n": 1}]}
    assert ids.content_hash({"rows": [row]}) == ids.content_hash({"rows": [bare]})
    assert ids.content_hash({"rows": [{**row, "versions": ["x"]}]}) != ids.content_hash({"rows": [bare]})
