"""State of an account: both limits, breakers per operation, disabled providers, and any interleaving."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.gateway import account
from enrichment.gateway.account import (
    ACCOUNT_FORM,
    ALL,
    HORIZON_S,
    MAX_WAIT_S,
    AccountState,
    Closed,
    Limits,
    Slot,
    Wait,
)
from enrichment.gateway.limits import MARGIN_S, starts_used
from enrichment.types import Classified, Window
from tests.support.arrivals import most_within

BEGIN = 1_800_000_000.0
LIMITS = Limits(
    operation="search",
    windows=(Window(starts=3, seconds=1.0),),
    all_windows=(Window(starts=4, seconds=1.0), Window(starts=1000, seconds=86400.0)),
    timeout_s=10.0,
)
BUSY = Classified(outcome="busy")
OTHER_OPERATION = replace(LIMITS, operation="track", windows=())


def reserved(state: AccountState, limits: Limits = LIMITS, now: float = BEGIN) -> tuple[AccountState, Slot]:
    """Return the state with a reserved start."""
    while True:
        new, slot = account.reserve(state, limits, now)
        if not isinstance(slot, Wait):
            break
        assert new is None and slot.until > now
        now = slot.until
    assert new is not None and isinstance(slot, Slot)
    return new, slot


def refused(state: AccountState, limits: Limits = LIMITS, now: float = BEGIN) -> Closed:
    """Return the reason for no start."""
    new, closed = account.reserve(state, limits, now)
    assert new is None and isinstance(closed, Closed)
    return closed


def recorded(
    state: AccountState, classified: Classified, slot: Slot, limits: Limits = LIMITS
) -> AccountState:
    """Return the state after an outcome at the slot's start."""
    return account.record(state, limits, slot, classified, slot.start) or state


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.5), st.sampled_from(["send", "cancel", "move"]))))
def test_both_limits_hold_together(calls: list[tuple[bool, float, str]]) -> None:
    state, now, starts = AccountState(), BEGIN, []
    for is_search, pause, action in calls:
        now += pause
        limits = LIMITS if is_search else OTHER_OPERATION
        state, slot = reserved(state, limits, now)
        if action == "move":
            state, slot = account.move(state, limits, slot, slot.start + 0.2)
        if action == "cancel":
            state = account.cancel(state, limits, slot)
        else:
            starts.append((slot.start, is_search))
            now = max(now, slot.start - 0.5)
        assert ACCOUNT_FORM.load(ACCOUNT_FORM.dump(state)) == state
    assert most_within([start for start, _ in starts], 1.0) <= 4
    assert most_within([start for start, is_search in starts if is_search], 1.0) <= 3


def test_a_spent_budget_refuses_until_it_returns() -> None:
    limits = replace(LIMITS, windows=(Window(starts=2, seconds=3600.0),))
    state, _ = reserved(reserved(AccountState(), limits)[0], limits)
    closed = refused(state, limits)
    assert closed.cause == "limit" and closed.until > BEGIN + MAX_WAIT_S


def test_a_start_far_ahead_is_not_reserved() -> None:
    limits = replace(LIMITS, windows=(Window(starts=1, seconds=20.0),))
    state, slot = reserved(AccountState(), limits)
    new, wait = account.reserve(state, limits, BEGIN)
    assert new is None and wait == Wait(until=slot.start + 20 + MARGIN_S - HORIZON_S)
    assert reserved(state, OTHER_OPERATION)[1].start == BEGIN
    assert reserved(state, limits, wait.until)[1].start == slot.start + 20 + MARGIN_S


def test_no_connection_fails_the_probe_and_counts_once_while_closed() -> None:
    state, slot = reserved(AccountState())
    assert isinstance(reserved(account.record(state, LIMITS, None, BUSY, BEGIN) or state)[1], Slot)
    state = recorded(state, Classified(outcome="busy", retry_after_s=100.0), slot)
    later = slot.start + 100
    state = account.record(state, LIMITS, None, BUSY, later) or state
    assert refused(state, now=later).until > later


def test_a_request_that_was_sent_late_counts_from_then_on() -> None:
    limits = replace(LIMITS, windows=(Window(starts=1, seconds=1.0),), all_windows=())
    state, slot = reserved(AccountState(), limits)
    corrected = account.correct(state, limits, slot, slot.start + 0.3)
    assert reserved(corrected, limits)[1].start == slot.start + 0.3 + 1 + MARGIN_S


def test_starts_of_an_outage_count_afterwards() -> None:
    state, slot = reserved(AccountState())
    merged = account.add_starts(state, [(LIMITS, slot.start - 0.1), (LIMITS, slot.start + 0.1)])
    assert reserved(merged, now=slot.start + 0.2)[1].start == slot.start - 0.1 + 1 + MARGIN_S
    assert starts_used(merged.logs[ALL], LIMITS.all_windows[1], slot.start + 1) == 3
    assert reserved(account.hold(state, BEGIN))[1].start == BEGIN + 1 + MARGIN_S


def test_one_probe_across_processes() -> None:
    state, slot = reserved(AccountState())
    state = recorded(state, Classified(outcome="busy", retry_after_s=100.0), slot)
    assert refused(state).until == slot.start + 100
    later = slot.start + 100
    state, probe = reserved(state, now=later)
    assert probe.is_probe
    assert refused(state, now=later + 1).until > later + 1
    state = recorded(state, Classified(outcome="hit"), probe)
    assert not reserved(state, now=later + 2)[1].is_probe


def test_a_probe_that_was_not_sent_or_whose_process_died_is_replaced() -> None:
    state, slot = reserved(AccountState())
    state = recorded(state, Classified(outcome="busy", retry_after_s=100.0), slot)
    probing, probe = reserved(state, now=slot.start + 100)
    cancelled = account.cancel(probing, LIMITS, probe)
    assert reserved(cancelled, now=slot.start + 101)[1].is_probe
    assert reserved(probing, now=refused(probing, now=slot.start + 101).until)[1].is_probe


def test_a_quota_closes_its_operation_and_the_others_for_one_window() -> None:
    state, slot = reserved(AccountState())
    state = recorded(state, Classified(outcome="quota", retry_after_s=46_800.0, note="quota"), slot)
    assert refused(state).until == slot.start + 46_800
    assert refused(state, OTHER_OPERATION).until == slot.start + 1
    assert reserved(state, OTHER_OPERATION, slot.start + 1)[1].is_probe


def test_failures_of_one_operation_leave_the_others_open() -> None:
    state, slot = reserved(AccountState())
    for _ in range(10):
        state = recorded(state, Classified(outcome="broken"), slot)
    assert refused(state).cause == "failures"
    assert reserved(state, OTHER_OPERATION)


def test_a_fault_of_configuration_disables_until_a_check_succeeds() -> None:
    state, slot = reserved(AccountState())
    sentence = "Active premium subscription required for the owner of the app"
    state = recorded(state, Classified(outcome="configuration", note=sentence), slot)
    for limits in (LIMITS, OTHER_OPERATION):
        closed = refused(state, limits, BEGIN + 1e6)
        assert (closed.cause, closed.why, closed.until) == ("disabled", sentence, float("inf"))
    checking, check = account.reserve(state, LIMITS, BEGIN + 1e6, is_check=True)
    assert checking is not None and isinstance(check, Slot)
    assert refused(recorded(checking, Classified(outcome="busy"), check)).cause == "disabled"
    assert reserved(recorded(checking, Classified(outcome="hit"), check), now=BEGIN + 2e6)


@pytest.mark.parametrize("outcome", ["ours", "miss", "hit"])
def test_outcomes_that_are_no_failure_admit_further_calls(outcome: str) -> None:
    state, slot = reserved(AccountState())
    for _ in range(20):
        state = recorded(state, Classified(outcome=outcome), slot)  # type: ignore[arg-type]
    assert reserved(state)
