"""Breaker: opens by failures, Retry-After and quota; one probe; our own errors do not count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.gateway import breaker as rules
from enrichment.gateway.breaker import (
    MAX_RETRY_AFTER_S,
    MIN_FAILURES,
    OPEN_S,
    Breaker,
    closed_until,
    is_closed,
)
from enrichment.types import Classified, Outcome

BEGIN = 1_800_000_000.0
QUOTA_HOLD_S = 60.0


def after(breaker: Breaker, *outcomes: str, now: float = BEGIN, is_probe: bool = False) -> Breaker:
    """Return the breaker after these outcomes."""
    for outcome in outcomes:
        breaker = answered(breaker, Classified(outcome=outcome), now, is_probe)  # type: ignore[arg-type]
    return breaker


def answered(breaker: Breaker, classified: Classified, now: float = BEGIN, is_probe: bool = False) -> Breaker:
    """Return the breaker after one outcome."""
    return rules.apply_outcome(breaker, classified, now, is_probe=is_probe, quota_hold_s=QUOTA_HOLD_S)


def opened() -> Breaker:
    """Return a breaker that failures opened at BEGIN."""
    return after(Breaker(), *["busy"] * MIN_FAILURES)


def test_failures_open_it_and_a_successful_probe_closes_it() -> None:
    assert is_closed(after(Breaker(), *["broken"] * (MIN_FAILURES - 1)))
    breaker = opened()
    assert closed_until(breaker, BEGIN) == BEGIN + OPEN_S
    later = breaker.open_until
    assert closed_until(breaker, later) <= later
    probing = rules.begin_probe(breaker, later + 20)
    assert closed_until(probing, later) == later + 20  # no second one
    assert after(probing, "miss", now=later + 1, is_probe=True) == Breaker()


def test_a_failed_probe_opens_it_for_twice_as_long() -> None:
    breaker = opened()
    now = breaker.open_until
    for openings in range(1, 12):
        breaker = after(rules.begin_probe(breaker, now + 20), "busy", now=now, is_probe=True)
        assert closed_until(breaker, now) - now == min(OPEN_S * 2**openings, rules.MAX_OPEN_S)
        now = breaker.open_until


def test_few_failures_among_successes_do_not_open_it() -> None:
    assert is_closed(after(Breaker(), *["hit", "busy", "miss"] * 40))
    assert not is_closed(after(Breaker(), *["hit", "busy", "busy"] * 40))


def test_failures_of_two_periods_ago_do_not_count() -> None:
    breaker = after(Breaker(), *["busy"] * (MIN_FAILURES - 1))
    assert is_closed(after(breaker, "busy", now=BEGIN + 2 * rules.PERIOD_S))
    assert not is_closed(after(breaker, "busy", now=BEGIN + rules.PERIOD_S))


@given(st.lists(st.sampled_from(["ours", "configuration"])))
def test_our_own_errors_neither_open_nor_close_it(outcomes: list[str]) -> None:
    assert after(Breaker(), *outcomes) == Breaker()
    half_open = rules.begin_probe(opened(), BEGIN + OPEN_S + 20)
    assert after(half_open, *outcomes, is_probe=True).open_until == opened().open_until


def test_an_undecided_probe_lets_another_begin() -> None:
    half_open = rules.begin_probe(opened(), BEGIN + OPEN_S + 20)
    assert closed_until(after(half_open, "ours", is_probe=True), BEGIN) == opened().open_until
    assert closed_until(rules.end_unsent_probe(half_open), BEGIN) == opened().open_until


@pytest.mark.parametrize("outcome", ["busy", "quota", "broken"])
def test_retry_after_closes_the_operation_for_as_long(outcome: Outcome) -> None:
    breaker = answered(Breaker(), Classified(outcome=outcome, retry_after_s=48_925.0, note="daily quota"))
    assert closed_until(breaker, BEGIN) == BEGIN + 48_925.0
    assert breaker.why == "daily quota"
    shorter = answered(breaker, Classified(outcome=outcome, retry_after_s=5.0), BEGIN + 1)
    assert shorter.open_until == breaker.open_until


@pytest.mark.parametrize("retry_after_s", [None, 0.0])
def test_a_quota_without_retry_after_closes_for_a_window(retry_after_s: float | None) -> None:
    breaker = answered(Breaker(), Classified(outcome="quota", retry_after_s=retry_after_s))
    assert (breaker.open_until, breaker.cause) == (BEGIN + QUOTA_HOLD_S, "quota")


def test_a_quota_on_the_probe_closes_for_longer_each_time() -> None:
    quota = Classified(outcome="quota", retry_after_s=1.0)
    breaker = answered(Breaker(), quota)
    assert breaker.open_until == BEGIN + 1.0
    holds = []
    for _ in range(7):
        now = breaker.open_until
        breaker = answered(breaker, quota, now, is_probe=True)
        holds.append(breaker.open_until - now)
    assert holds == [30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]
    assert is_closed(answered(breaker, Classified(outcome="hit"), breaker.open_until, is_probe=True))


def test_an_absurd_retry_after_is_limited() -> None:
    breaker = answered(Breaker(), Classified(outcome="busy", retry_after_s=1e12))
    assert breaker.open_until == BEGIN + MAX_RETRY_AFTER_S


def test_a_late_success_of_an_earlier_request_does_not_close_it() -> None:
    assert closed_until(after(opened(), "hit", now=BEGIN + 1), BEGIN + 1) == BEGIN + OPEN_S
