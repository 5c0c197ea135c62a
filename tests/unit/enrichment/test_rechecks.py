"""Rechecks of misses in the plan: when a call that is answered is sent again, and by whom."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.plan import ArchivedAnswer, Budgets, Closure, PlanConfiguration, PlannedCall, Skipped, plan
from enrichment.plan.follow_ups import misses_of, recheck_at
from enrichment.plan.routes import ROUTES
from enrichment.types import Call
from tests.unit.enrichment.test_plan import EVERYTHING, NOW, answer, track

SEARCH = Call(provider="deezer", operation="search", parameters={"artist": "deadmau5", "title": "Strobe"})
ALONE = {name: "off" for name in ROUTES if name != "deezer"}
DAY = timedelta(days=1)

Attempts = Sequence[tuple[str, float]]
"""Status and days from NOW."""


def archive(attempts: Attempts) -> list[ArchivedAnswer]:
    """Return the archive of these attempts at one call."""
    return [
        answer(SEARCH, attempt_id=f"{number:03}", status=status, observed_at=NOW + days * DAY, ids={})
        for number, (status, days) in enumerate(attempts)
    ]


def decide(
    entries: list[ArchivedAnswer],
    now: datetime = NOW,
    *,
    rechecks: bool = True,
    budgets: Budgets | None = None,
) -> PlannedCall | Skipped:
    """Return the decision about Deezer."""
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=now, off=ALONE, rechecks=rechecks)
    decisions = plan(track(), entries, configuration, budgets or Budgets())
    return next(
        decision
        for decision in decisions
        if isinstance(decision, PlannedCall) or decision.provider == "deezer"
    )


def due(entries: list[ArchivedAnswer]) -> datetime | None:
    """Return when the call is sent again, seen long before."""
    decision = decide(entries, NOW - 1000 * DAY)
    assert isinstance(decision, Skipped) and decision.retry_at is None
    return decision.recheck_at


def test_the_delay_is_1_day_doubling_to_32() -> None:
    days = [(recheck_at(NOW, misses) - NOW).days for misses in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert days == [1, 2, 4, 8, 16, 32, 32, 32]


@pytest.mark.parametrize(
    ("attempts", "days"),
    [
        ([("miss", 0)], 1),
        ([("rejected", 0)], 1),
        ([("miss", 0), ("miss", 1)], 1 + 2),
        ([("miss", 0), ("rejected", 1), ("miss", 3)], 3 + 4),
        ([("miss", 0), ("error", 1), ("quota_exhausted", 2), ("miss", 3)], 3 + 2),  # failures are no misses
        ([("miss", 0), ("hit", 1), ("miss", 40)], 40 + 1),  # the values were withdrawn, or expired
        ([("miss", day) for day in (0, 1, 3, 7, 15, 31, 63, 95)], 95 + 32),
    ],
)
def test_misses_in_succession_double_the_delay(attempts: Attempts, days: float) -> None:
    entries = archive(attempts)
    assert due(entries) == NOW + days * DAY
    assert isinstance(decide(entries, NOW + days * DAY - timedelta(seconds=1)), Skipped)
    again = decide(entries, NOW + days * DAY)
    assert isinstance(again, PlannedCall) and again.again and again.call == SEARCH


def test_a_hit_is_not_looked_up_again() -> None:
    entries = archive([("miss", 0), ("hit", 1)])
    assert due([{**entry, "ids": {}} for entry in entries]) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["miss", "rejected", "error", "rate_limited", "disabled"]),
            st.integers(min_value=0, max_value=3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_order_of_attempts_gives_the_same_time(attempts: Attempts) -> None:
    entries = archive(attempts)
    decisions = {decide(list(order), NOW - 1000 * DAY) for order in itertools.permutations(entries)}
    assert len(decisions) == 1


@given(st.lists(st.tuples(st.sampled_from(["miss", "hit", "error"]), st.integers(0, 3)), max_size=5))
def test_any_order_of_attempts_gives_the_same_number_of_misses(attempts: Attempts) -> None:
    counts = [misses_of(order) for order in itertools.permutations(archive(attempts))]
    assert all(count == counts[0] for count in counts)


def test_only_a_recheck_sends_an_answered_call_again() -> None:
    entries = archive([("miss", 0)])
    later = decide(entries, NOW + 5 * DAY, rechecks=False)
    assert isinstance(later, Skipped)
    assert (later.retry_at, later.recheck_at) == (None, NOW + DAY)  # overdue: the schedule sends it
    failed = archive([("error", 0)])
    assert isinstance(decide(failed, NOW + DAY, rechecks=False), PlannedCall)


def test_a_recheck_that_failed_or_found_the_operation_closed_stays_in_the_schedule() -> None:
    failed = archive([("miss", 0), ("error", 2)])
    waiting = decide(failed, NOW + 2 * DAY)
    assert isinstance(waiting, Skipped)
    assert (waiting.retry_at, waiting.recheck_at) == (None, NOW + 2 * DAY + timedelta(hours=1))
    opens = NOW + 9 * DAY
    budgets = Budgets(
        closed={"deezer.search": Closure(status="quota_exhausted", reason="quota", until=opens)}
    )
    for now in (NOW, NOW + 2 * DAY):  # before it is due, and after
        closed = decide(archive([("miss", 0)]), now, budgets=budgets)
        assert isinstance(closed, Skipped)
        assert (closed.retry_at, closed.recheck_at) == (None, opens)
