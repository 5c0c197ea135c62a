"""Which fetches are new."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from producers.ledger import Fetch, is_new

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def fetch(body: str, day: int) -> Fetch:
    return Fetch(page_id="p", sha256=body, fetched_at=DAY + timedelta(days=day))


def test_a_body_never_seen_is_new() -> None:
    assert is_new(fetch("b", 1), False, [fetch("a", 0)])
    assert is_new(fetch("b", 1), True, [fetch("a", 0)])


def test_a_copied_file_with_another_time_is_not_new() -> None:
    assert not is_new(fetch("a", 5), False, [fetch("a", 0)])


def test_an_old_state_that_came_back_is_new_where_somebody_says_when() -> None:
    known = [fetch("a", 0), fetch("b", 1)]
    assert is_new(fetch("a", 2), True, known)
    assert not is_new(fetch("a", 2), False, known)


fetches = st.builds(fetch, st.sampled_from("abc"), st.integers(0, 4))


@given(st.lists(st.tuples(fetches, st.booleans())))
def test_the_same_files_again_publish_nothing(files: list[tuple[Fetch, bool]]) -> None:
    known: list[Fetch] = []
    for one, explicit in files:
        if is_new(one, explicit, known):
            known.append(one)
    assert not any(is_new(one, explicit, known) for one, explicit in files)


@given(st.lists(fetches, unique=True), st.randoms())
def test_given_times_are_published_in_any_order(files: list[Fetch], random: Random) -> None:
    known: list[Fetch] = []
    shuffled = list(files)
    random.shuffle(shuffled)
    for one in shuffled:
        if is_new(one, True, known):
            known.append(one)
    assert set(known) == set(files)
