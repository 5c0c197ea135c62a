"""From letters to records: which letters are of one record, what is open, and what a command is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.dead_letters.letters import Action, Address, DeadLetter, NotAnId, group_letters
from operations.dead_letters.selection import AlreadyHandled, Selection
from operations.dead_letters.topic import NoSuchLetter
from songnodes.messaging import dead_letters
from songnodes.messaging.codec import BrokenAvro

START = datetime(2026, 1, 1, tzinfo=UTC)
DROPPED = Action(kind="dropped", at=START, who="me", note="")


def letter(
    number: int,
    *,
    origin: int | None = None,
    stage: str = "parse",
    timestamp: int = 0,
    code: str = "broken_avro",
) -> DeadLetter:
    """The letter at offset `number`; of the record at offset `origin`, by default one of its own."""
    reason = dead_letters.Reason.of(
        BrokenAvro(),
        stage=stage,
        topic="bronze.pages",
        partition=0,
        offset=number + 100 if origin is None else origin,
        timestamp=timestamp,
        headers=[],
    )
    return DeadLetter(
        address=Address(0, number),
        failed_at=START + timedelta(seconds=number),
        key=b"k",
        size=1,
        headers=(),
        reason=replace(reason, reason=code),
    )


def unreadable(number: int) -> DeadLetter:
    return replace(letter(number), reason=None)


def test_letters_of_one_record_are_one_case_shown_by_the_newest() -> None:
    (case,) = group_letters([letter(2, origin=5), letter(0, origin=5)], {})
    assert case.letter.address == Address(0, 2)
    assert case.letters == (Address(0, 0), Address(0, 2))


@pytest.mark.parametrize(
    "other",
    [letter(1, origin=6), letter(1, origin=5, stage="sink a"), letter(1, origin=5, timestamp=9)],
    ids=["another offset", "another sink", "a topic made again"],
)
def test_other_records_are_other_cases(other: DeadLetter) -> None:
    assert len(group_letters([letter(0, origin=5), other], {})) == 2


def test_letters_that_do_not_say_are_cases_of_their_own() -> None:
    assert len(group_letters([unreadable(0), unreadable(1)], {})) == 2


def test_a_mark_on_one_letter_closes_the_record() -> None:
    (case,) = group_letters([letter(0, origin=5), letter(1, origin=5)], {Address(0, 0): DROPPED})
    assert not case.open
    assert case.action == DROPPED


@given(st.permutations(range(6)))
def test_the_order_of_reading_does_not_matter(order: list[int]) -> None:
    letters = [letter(number, origin=number // 2) for number in range(6)]
    assert group_letters([letters[number] for number in order], {}) == group_letters(letters, {})


def test_the_oldest_failures_come_first() -> None:
    chosen = Selection(most=2).of(group_letters([letter(n) for n in (3, 0, 2, 1)], {}))
    assert [case.letter.address.offset for case in chosen] == [0, 1]


def test_only_open_ones_are_chosen_unless_asked() -> None:
    known = group_letters([letter(0), letter(1)], {Address(0, 0): DROPPED})
    assert len(Selection().of(known)) == 1
    assert len(Selection(again=True).of(known)) == 2


def test_a_reason_chooses() -> None:
    known = group_letters([letter(0), letter(1, code="no_rows"), unreadable(2)], {})
    assert [c.letter.address.offset for c in Selection(reason="no_rows").of(known)] == [1]
    assert [c.letter.address.offset for c in Selection(reason="unknown").of(known)] == [2]


def test_any_letter_of_a_record_names_it() -> None:
    known = group_letters([letter(0, origin=5), letter(1, origin=5), letter(2)], {})
    (chosen,) = Selection(addresses=[Address(0, 0), Address(0, 1)]).of(known)
    assert chosen.letter.address == Address(0, 1)


def test_a_named_letter_must_be_there_and_open() -> None:
    known = group_letters([letter(0)], {Address(0, 0): DROPPED})
    with pytest.raises(NoSuchLetter, match="0:7"):
        Selection(addresses=[Address(0, 7)]).of(known)
    with pytest.raises(AlreadyHandled, match="dropped"):
        Selection(addresses=[Address(0, 0)]).of(known)
    assert Selection(addresses=[Address(0, 0)], again=True).of(known)


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**18 - 1))
def test_an_address_is_read_as_it_is_written(partition: int, offset: int) -> None:
    assert Address.of(str(Address(partition, offset))) == Address(partition, offset)


@pytest.mark.parametrize("text", ["", "3", "3:", ":3", "a:1", "1:2:3", "-1:2", "1: 2", "١:٢", "1:2\n"])
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(NotAnId):
        Address.of(text)
