"""Rows that the site marks as deleted, strikes out or does not show are not plays (case 09)."""

import re
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


ROW = re.compile(rb'<div id="tlp_901".*?</div></div></div>', re.DOTALL)
SHOWN = b"<span>Gone Act - Never Played</span>"


@pytest.fixture
def plain(body: bytes) -> bytes:
    """Return the page with the row not deleted."""
    return body.replace(b"trRow2 deleted", b"trRow2")


@pytest.mark.parametrize(
    "attributes",
    [
        *(
            b'" data-deleted="TRUE',
            b'" data-deleted="yes',
            b'" data-deleted="2025-03-09',
            b'" data-removed="1',
        ),
        *(b'" data-status="deleted', b'" hidden="', b'" style="opacity:1; DISPLAY : NONE !important'),
        *(b'" style="visibility:hidden', b" removed", b" tlpRemoved", b" is-hidden", b" d-none"),
    ],
)
def test_other_marks_of_a_row_leave_it_out(plain: bytes, attributes: bytes) -> None:
    assert len(tracklist(plain.replace(b"trRow2", b"trRow2" + attributes))["rows"]) == 2


@pytest.mark.parametrize(
    "attributes",
    [
        *(b'" data-deleted="0', b'" data-deleted="False', b'" data-deleted="no', b'" style="display:block'),
        *(b'" aria-hidden="true', b'" data-rbcst="true', b'" style="x-display:none', b" not-deleted"),
        *(b" notDeleted", b" has-deleted", b" tgHid", b" hidden-xs", b" unhidden", b" removable"),
    ],
)
def test_near_misses_leave_a_row_in(plain: bytes, attributes: bytes) -> None:
    assert len(tracklist(plain.replace(b"trRow2", b"trRow2" + attributes))["rows"]) == 3


@pytest.mark.parametrize(
    "tag",
    [
        *(
            'div class="deleted"',
            'div style="display:none"',
            "div hidden",
            "template",
            "noscript",
            "del",
            "s",
        ),
        *('section class="is-removed"', 'div data-deleted="true"'),
    ],
)
def test_rows_in_an_element_that_is_removed_are_left_out(plain: bytes, tag: str) -> None:
    wrapped = ROW.sub(lambda row: f"<{tag}>".encode() + row[0] + f"</{tag.split()[0]}>".encode(), plain)
    assert len(tracklist(wrapped)["rows"]) == 2


@pytest.mark.parametrize(
    ("shown", "rows"),
    [
        (b"<del>Gone Act - Never Played</del>", 2),
        (b"<span><s>Gone Act</s> - <s>Never Played</s></span>", 2),
        (b'<span style="text-decoration: line-through">Gone Act - Never Played</span>', 2),
        (b'<span class="deleted">Gone Act - Never Played</span>', 2),
        (b"<span>Gone Act - Never <del>Plaid</del> Played</span>", 3),
        (b'<span>Gone Act - Never Played</span><i class="fa hidden"></i>', 3),
        (b"<span>Deleted - Hidden</span>", 3),
    ],
)
def test_a_name_that_is_struck_out_as_a_whole_leaves_the_row_out(
    plain: bytes, shown: bytes, rows: int
) -> None:
    assert len(tracklist(plain.replace(SHOWN, shown))["rows"]) == rows


def test_rows_that_are_not_shown_are_counted_in_a_warning(plain: bytes) -> None:
    record = tracklist(plain.replace(b"trRow2", b'trRow2" style="display: none'))
    assert record["warnings"] == ["rows_hidden: 1 left out"]


def test_hidden_rows_that_the_page_counts_are_folded_and_kept(plain: bytes) -> None:
    counted = plain.replace(b'"numTracks" content="2"', b'"numTracks" content="3"')
    assert len(tracklist(counted.replace(b"trRow2", b'trRow2" style="display: none'))["rows"]) == 3


def test_a_page_that_hides_its_whole_list_is_read(plain: bytes) -> None:
    hidden = plain.replace(b'id="tlTab"', b'id="tlTab" style="display: none"')
    assert len(tracklist(hidden)["rows"]) == 3


@pytest.fixture(scope="module")
def mashups(shared_data: Path) -> bytes:
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("nsgpmht-*.html")
    return file.read_bytes()


def test_the_parts_of_a_deleted_mashup_are_left_out(mashups: bytes) -> None:
    before = tracklist(mashups)["rows"]
    mashup = next(row for row in before if row["mashup"])
    deleted = re.sub(rb"(trRow\d+ subPosTog)", rb"\1 deleted", mashups, count=1)
    wanted = [row for row in before if mashup["row_key"] not in (row["row_key"], row["parent_row_key"])]
    assert len(wanted) == len(before) - 3
    assert [row["row_key"] for row in tracklist(deleted)["rows"]] == [row["row_key"] for row in wanted]


def test_the_parts_of_a_mashup_may_be_folded(mashups: bytes) -> None:
    folded = re.sub(rb"(subPos\d+)", rb'\1 hidden" style="display: none', mashups)
    assert len(tracklist(folded)["rows"]) == len(tracklist(mashups)["rows"])
