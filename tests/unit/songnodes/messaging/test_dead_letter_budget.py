"""Limit of dead letters of stages, sinks and the resolver."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.errors import TooManyDeadLetters
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS, DeadLetterBudget, DeadLetterLimits

SMALL = DeadLetterLimits(max_consecutive=3, max_share=0.5, window_records=8)


def exceeds(limits: DeadLetterLimits, outcomes: list[bool]) -> int | None:
    """Return the index of the first outcome (True: dead letter) at which the budget is exceeded."""
    budget = DeadLetterBudget(limits)
    for index, is_dead in enumerate(outcomes):
        if not is_dead:
            budget.count_processed()
            continue
        try:
            budget.count_dead_letter("a reason")
        except TooManyDeadLetters:
            return index
    return None


def expected(limits: DeadLetterLimits, outcomes: list[bool]) -> int | None:
    """Return the same index, from the definition of the limits."""
    window: deque[bool] = deque(maxlen=limits.window_records)
    consecutive = 0
    for index, is_dead in enumerate(outcomes):
        window.append(is_dead)
        consecutive = consecutive + 1 if is_dead else 0
        too_many = sum(window) > limits.max_share * limits.window_records
        is_long = limits.max_consecutive is not None and consecutive > limits.max_consecutive
        if is_dead and (is_long or (len(window) == limits.window_records and too_many)):
            return index
    return None


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([3, None]))
def test_limits_are_those_of_the_definition(outcomes: list[bool], max_consecutive: int | None) -> None:
    limits = DeadLetterLimits(max_consecutive=max_consecutive, max_share=0.5, window_records=8)
    assert exceeds(limits, outcomes) == expected(limits, outcomes)


def test_the_law_can_fail() -> None:
    assert exceeds(SMALL, [True] * 4) == 3
    assert exceeds(SMALL, [True] * 3) is None


def test_records_are_counted_one_by_one_or_together() -> None:
    budget = DeadLetterBudget(WRITER_LIMITS)
    budget.count_processed(600)
    for _ in range(400):
        budget.count_dead_letter("a reason")
    with pytest.raises(TooManyDeadLetters, match="of_last=1000"):
        for _ in range(300):
            budget.count_dead_letter("a reason")


def test_writers_accept_any_number_in_a_row_before_the_window_is_full() -> None:
    budget = DeadLetterBudget(WRITER_LIMITS)
    for _ in range(WRITER_LIMITS.window_records - 1):
        budget.count_dead_letter("a reason")
    with pytest.raises(TooManyDeadLetters):
        budget.count_dead_letter("a reason")


def test_a_batch_without_records_ends_no_run() -> None:
    budget = DeadLetterBudget(SMALL)
    for _ in range(3):
        budget.count_dead_letter("a reason")
    budget.count_processed(0)
    with pytest.raises(TooManyDeadLetters, match="in_a_row=4"):
        budget.count_dead_letter("a reason")
