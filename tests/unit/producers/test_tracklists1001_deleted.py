"""Rows that the site marks as deleted are not plays (case 09)."""

from pathlib import Path

import pytest

from producers import sources
from producers.sources.errors import NoRows
from tests.support.page_records import page, tracklist


@pytest.fixture
def body(shared_cases: Path) -> bytes:
    return (shared_cases / "09-deleted-row" / "tracklist.html").read_bytes()


def test_a_deleted_row_is_left_out(body: bytes) -> None:
    record = tracklist(body)
    assert [row["text"] for row in record["rows"]] == ["Mona Veil - Silver Tide", "Otto B - Red Eagle"]
    assert record["warnings"] == []


@pytest.mark.parametrize(
    "classes",
    [
        *(
            b"trRow2 Deleted",
            b"deleted trRow2",
            b"trRow2 deleted hidden",
            b"trRow2 DELETED",
            b"trRow2 tlpDeleted",
        ),
        *(b"trRow2 is-deleted", b"trRow2 deletedRow", b"trRow2 deleted_row", b'trRow2" data-deleted="true'),
    ],
)
def test_the_class_is_recognised_at_any_position(body: bytes, classes: bytes) -> None:
    assert len(tracklist(body.replace(b"trRow2 deleted", classes))["rows"]) == 2


@pytest.mark.parametrize("name", [b"undeleted", b"unDeletedish", b"deletable", b'x" data-deleted="false'])
def test_a_class_that_only_contains_the_word_is_ignored(body: bytes, name: bytes) -> None:
    assert len(tracklist(body.replace(b"trRow2 deleted", b"trRow2 " + name))["rows"]) == 3


def test_a_page_of_deleted_rows_has_no_rows(body: bytes) -> None:
    emptied = body.replace(b'trRow1 "', b'trRow1 deleted"').replace(b'trRow3 "', b'trRow3 deleted"')
    with pytest.raises(NoRows):
        sources.parse(page(emptied))
