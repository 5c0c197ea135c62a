"""The rule for new fetches."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from producers.ledger import Fetch, is_new

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def fetch(body: str, day: int) -> Fetch:
    return Fetch(page_id="p", sha256=body, fetched_at=DAY + timedelta(days=day))


def test_an_unknown_body_is_new() -> None:
    assert is_new(fetch("b", 1), False, [fetch("a", 0)])
    assert is_new(fetch("b", 1), True, [fetch("a", 0)])


def test_a_copied_file_with_another_time_is_not_new() -> None:
    assert not is_new(fetch("a", 5), False, [fetch("a", 0)])


def test_a_returned_state_is_new_if_its_time_is_explicit() -> None:
    ledger = [fetch("a", 0), fetch("b", 1)]
    assert is_new(fetch("a", 2), True, ledger)
    assert not is_new(fetch("a", 2), False, ledger)


fetches = st.builds(fetch, st.sampled_from("abc"), st.integers(0, 4))


@given(st.lists(st.tuples(fetches, st.booleans())))
def test_the_same_files_are_published_once(files: list[tuple[Fetch, bool]]) -> None:
    ledger: list[Fetch] = []
    for file, explicit in files:
        if is_new(file, explicit, ledger):
            ledger.append(file)
    assert not any(is_new(file, explicit, ledger) for file, explicit in files)


@given(st.lists(fetches, unique=True), st.randoms())
def test_explicit_times_are_published_in_any_order(files: list[Fetch], random: Random) -> None:
    ledger: list[Fetch] = []
    shuffled = list(files)
    random.shuffle(shuffled)
    for file in shuffled:
        if is_new(file, True, ledger):
            ledger.append(file)
    assert set(ledger) == set(files)
