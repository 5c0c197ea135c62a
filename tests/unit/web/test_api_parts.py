"""Parts of a list: the next one begins after the last row of the part before, wherever that is now."""

from web.api.answers import Position, start_of_part

ROWS = [
    {"track_id": "a", "kind": "followed"},
    {"track_id": "b", "kind": "followed"},
    {"track_id": "a", "kind": "together"},
]
KEY = ("track_id", "kind")


def test_a_list_begins_at_its_first_row() -> None:
    assert start_of_part(ROWS, KEY, Position()) == 0


def test_a_row_that_moved_is_found_by_all_columns_of_its_key() -> None:
    assert start_of_part(ROWS, KEY, Position(offset=2, key="a followed")) == 1
    assert start_of_part(ROWS, KEY, Position(offset=1, key="a together")) == 3
    assert start_of_part(ROWS, "track_id", Position(offset=3, key="b")) == 2


def test_after_a_row_that_is_gone_a_part_begins_at_its_number() -> None:
    assert start_of_part(ROWS, KEY, Position(offset=2, key="z followed")) == 2
