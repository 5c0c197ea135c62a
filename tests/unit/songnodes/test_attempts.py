"""Conditions under which a record that may have ended the process becomes a dead letter."""

from songnodes import attempts
from songnodes.attempts import KILL_LIMIT, LIMIT, Attempt, Unforeseen


def attempt(
    count: int, *, single: bool = True, error: str | None = "ValueError: x", offset: int = 7
) -> Attempt:
    return Attempt(offset=offset, single=single, attempts=count, error=error)


def test_a_record_that_raised_twice_is_a_dead_letter() -> None:
    assert attempts.exhausted(attempt(LIMIT - 1), 7) is None
    poison = attempts.exhausted(attempt(LIMIT), 7)
    assert isinstance(poison, Unforeseen)
    assert "ValueError" in str(poison)
    assert attempts.exhausted(attempt(LIMIT), 8) is None


def test_a_record_is_not_blamed_for_a_few_kills() -> None:
    assert attempts.exhausted(attempt(KILL_LIMIT - 1, error=None), 7) is None
    assert attempts.exhausted(attempt(KILL_LIMIT, error=None), 7) is not None


def test_a_failed_batch_blames_no_single_record() -> None:
    batch = attempt(9, single=False)
    assert attempts.exhausted(batch, 7) is None
    assert attempts.earlier_ends(batch, 7) == 1
    assert attempts.earlier_ends(attempt(9, single=False, error=None), 7) == 0


def test_only_partitions_without_progress_are_suspect() -> None:
    rows = {0: attempt(1), 1: attempt(1, offset=3), 2: attempt(1)}
    assert attempts.by_part(rows, {0: 7, 1: 4}) == {0: rows[0]}


def test_a_description_has_one_line_with_the_position() -> None:
    try:
        raise ValueError("a\x00b\nsecond line")
    except ValueError as error:
        text = attempts.describe(error)
    assert text.startswith("ValueError: a\ufffdb (test_attempts.py:")
    assert text.endswith(" test_a_description_has_one_line_with_the_position)")
