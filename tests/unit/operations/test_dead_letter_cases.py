"""Grouping of dead letters by record, open and closed groups, and selection by a command."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.dead_letters.letters import Action, Address, DeadLetter, InvalidLetterId, group_letters
from operations.dead_letters.selection import AlreadyHandled, Selection
from operations.dead_letters.topic import UnknownLetter
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
    """Return the letter at offset `number`, of the record at offset `origin`: by default its own record."""
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


def test_letters_of_one_record_form_one_group_represented_by_the_newest() -> None:
    (case,) = group_letters([letter(2, origin=5), letter(0, origin=5)], {})
    assert case.letter.address == Address(0, 2)
    assert case.letters == (Address(0, 0), Address(0, 2))


@pytest.mark.parametrize(
    "second",
    [letter(1, origin=6), letter(1, origin=5, stage="sink a"), letter(1, origin=5, timestamp=9)],
    ids=["another offset", "another sink", "a recreated topic"],
)
def test_letters_of_different_records_form_different_groups(second: DeadLetter) -> None:
    assert len(group_letters([letter(0, origin=5), second], {})) == 2


def test_each_letter_without_a_reason_forms_its_own_group() -> None:
    assert len(group_letters([unreadable(0), unreadable(1)], {})) == 2


def test_an_action_on_any_letter_closes_the_record() -> None:
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


def test_handled_letters_are_selected_only_with_again() -> None:
    groups = group_letters([letter(0), letter(1)], {Address(0, 0): DROPPED})
    assert len(Selection().of(groups)) == 1
    assert len(Selection(again=True).of(groups)) == 2


def test_letters_are_selected_by_reason() -> None:
    groups = group_letters([letter(0), letter(1, code="no_rows"), unreadable(2)], {})
    assert [case.letter.address.offset for case in Selection(reason="no_rows").of(groups)] == [1]
    assert [case.letter.address.offset for case in Selection(reason="unknown").of(groups)] == [2]


def test_any_letter_of_a_record_selects_the_record() -> None:
    groups = group_letters([letter(0, origin=5), letter(1, origin=5), letter(2)], {})
    (chosen,) = Selection(addresses=[Address(0, 0), Address(0, 1)]).of(groups)
    assert chosen.letter.address == Address(0, 1)


def test_a_selected_letter_must_exist_and_be_open() -> None:
    groups = group_letters([letter(0)], {Address(0, 0): DROPPED})
    with pytest.raises(UnknownLetter, match="0:7"):
        Selection(addresses=[Address(0, 7)]).of(groups)
    with pytest.raises(AlreadyHandled, match="dropped"):
        Selection(addresses=[Address(0, 0)]).of(groups)
    assert Selection(addresses=[Address(0, 0)], again=True).of(groups)


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**18 - 1))
def test_a_formatted_address_parses_to_the_same_address(partition: int, offset: int) -> None:
    assert Address.of(str(Address(partition, offset))) == Address(partition, offset)


@pytest.mark.parametrize("text", ["", "3", "3:", ":3", "a:1", "1:2:3", "-1:2", "1: 2", "١:٢", "1:2\n"])
def test_malformed_addresses_are_refused(text: str) -> None:
    with pytest.raises(InvalidLetterId):
        Address.of(text)
