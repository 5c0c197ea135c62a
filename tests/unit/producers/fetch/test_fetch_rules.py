"""The politeness rules, each separately, with time as an argument."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.fetch import rules
from producers.fetch.host_store import from_json, to_json
from producers.fetch.quiet_hours import QuietHours
from producers.fetch.rules import HOUR_S, LEASE_S, FetchOutcome, Flight, Host, HostPolicy, Wait

NOW = 1_800_000_000.0
POLICY = HostPolicy(pause=8.0, budget=100)
FETCHED = FetchOutcome(ending="fetched")


def granted(host: Host, now: float = NOW, terms: HostPolicy = POLICY, *, jitter: float = 0.0) -> Host:
    answer = rules.start(host, terms, now, "mine", jitter)
    assert isinstance(answer, Host), answer
    return answer


def refused(host: Host, now: float = NOW, terms: HostPolicy = POLICY) -> Wait:
    answer = rules.start(host, terms, now, "other", 0.0)
    assert isinstance(answer, Wait)
    return answer


def after(
    ending: FetchOutcome, host: Host | None = None, now: float = NOW, terms: HostPolicy = POLICY
) -> Host:
    """Return the state of a host after a request of one second with this ending."""
    return rules.finish(granted(host or Host(), now, terms), terms, now + 1, "mine", ending)


def test_the_pause_starts_at_the_end_of_a_request() -> None:
    host = after(FETCHED)
    assert refused(host, NOW + 8.9) == Wait(until=NOW + 9, why="turn", is_cooldown=False)
    granted(host, NOW + 9)


def test_a_success_that_asks_for_a_rest_counts_no_failure() -> None:
    host = after(FetchOutcome(ending="fetched", hold=120.0, why="200 with Retry-After"))
    assert refused(host, NOW + 2) == Wait(until=NOW + 121, why="200 with Retry-After", is_cooldown=True)
    assert (host.fetched, host.failed, host.failures) == (1, 0, 0)
    granted(host, NOW + 121)


def test_jitter_makes_a_pause_longer_never_shorter() -> None:
    host = rules.finish(granted(Host(), jitter=1.0), POLICY, NOW, "mine", FETCHED)
    assert rules.next_turn(host, POLICY) == NOW + 10.0
    assert rules.next_turn(host, replace(POLICY, pause=0.5)) == NOW + 0.625


def test_a_longer_pause_applies_immediately() -> None:
    assert refused(after(FETCHED), NOW + 9, replace(POLICY, pause=30.0)).until == NOW + 31


def test_a_host_has_one_request_at_a_time() -> None:
    host = granted(Host())
    assert not refused(host, NOW + 1).is_cooldown
    renewed = rules.renew(host, NOW + 3, "mine")
    assert renewed is not None and refused(renewed, NOW + 6.9)
    assert rules.renew(host, NOW + 3, "other") is None


def test_a_killed_process_blocks_a_host_for_its_lease_and_a_pause() -> None:
    host = granted(Host())
    assert rules.renew(host, NOW + LEASE_S, "mine") is None
    assert refused(host, NOW + LEASE_S + 7.9).until == NOW + LEASE_S + 8
    granted(host, NOW + LEASE_S + 8)


def test_an_end_after_a_lost_slot_only_extends_the_pause() -> None:
    late = rules.start(granted(Host()), POLICY, NOW + 12, "other", 0.0)
    assert isinstance(late, Host)
    host = rules.finish(late, POLICY, NOW + 13, "mine", FetchOutcome(ending="blocked", why="403"))
    assert host.flight is not None and host.flight.token == "other"
    assert host.held_until == NOW + 13 + 2 * HOUR_S


def test_an_unused_slot_costs_nothing() -> None:
    host = after(FETCHED)
    given_back = rules.finish(
        granted(host, NOW + 9), POLICY, NOW + 9.5, "mine", FetchOutcome(ending="unused")
    )
    assert rules.budget_left(given_back, POLICY, NOW + 10) == 99
    granted(given_back, NOW + 9.5)


def test_an_abandoned_request_is_no_failure_of_the_site() -> None:
    host = after(FetchOutcome(ending="dropped"))
    assert (host.failed, host.failures, host.held_until) == (0, 0, 0.0)
    assert refused(host, NOW + 8)


def test_repeated_failures_lengthen_the_cooldown_until_a_success() -> None:
    host, now, rests = Host(), NOW, []
    for _ in range(9):
        host = after(FetchOutcome(ending="failed", why="503"), host, now)
        rests.append(host.held_until - now - 1)
        now = host.held_until + 60
    assert rests == [16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert after(FETCHED, host, now).failures == 0


@pytest.mark.parametrize("ending", ["failed", "limited"])
@pytest.mark.parametrize("hold", [0.0, 1.0, 5.0])
def test_a_short_retry_after_never_shortens_the_growing_cooldown(ending: rules.Ending, hold: float) -> None:
    """Case 17: the header is a minimum."""
    with_header, without, now = Host(), Host(), NOW
    for _ in range(8):
        with_header = after(FetchOutcome(ending=ending, hold=hold), with_header, now)
        without = after(FetchOutcome(ending=ending), without, now)
        assert with_header.held_until == without.held_until
        now = without.held_until + 60


@given(
    holds=st.lists(st.one_of(st.none(), st.floats(0, 7 * 86_400.0)), min_size=1, max_size=12),
    ending=st.sampled_from(["failed", "limited", "blocked"]),
)
def test_a_retry_after_is_the_minimum_cooldown(holds: list[float | None], ending: rules.Ending) -> None:
    with_header, without, now = Host(), Host(), NOW
    for hold in holds:
        with_header = after(FetchOutcome(ending=ending, hold=hold), with_header, now)
        without = after(FetchOutcome(ending=ending), without, now)
        assert with_header.held_until >= without.held_until
        assert with_header.held_until >= now + 1 + (hold or 0.0)
        now = with_header.held_until + 60


def test_a_longer_retry_after_is_used() -> None:
    assert after(FetchOutcome(ending="limited", hold=3600.0)).held_until == NOW + 3601
    assert after(FetchOutcome(ending="limited")).held_until == NOW + 1 + 480
    assert refused(after(FetchOutcome(ending="limited", hold=3600.0, why="429"))) == Wait(
        until=NOW + 3601, why="429", is_cooldown=True
    )


def test_blocks_double_up_to_two_days_and_reset_after_a_week() -> None:
    host, now, holds = Host(), NOW, []
    for _ in range(7):
        host = after(FetchOutcome(ending="blocked", why="captcha"), host, now)
        holds.append((host.held_until - now - 1) / HOUR_S)
        now = host.held_until + HOUR_S
    assert holds == [2, 4, 8, 16, 32, 48, 48]
    assert refused(host, now - 2 * HOUR_S).why == "captcha"
    quiet = host.last_block + rules.BLOCK_RESET_S
    assert after(FetchOutcome(ending="blocked"), host, quiet).blocks == 1


def test_neither_a_success_nor_a_shorter_cooldown_ends_a_cooldown() -> None:
    host = rules.apply_outcome(Host(), POLICY, NOW, FetchOutcome(ending="blocked"))
    host = rules.apply_outcome(host, POLICY, NOW + 1, FETCHED)
    host = rules.apply_outcome(host, POLICY, NOW + 1, FetchOutcome(ending="failed", hold=5.0))
    assert host.held_until == NOW + 2 * HOUR_S


def test_the_budget_applies_to_any_24_hours() -> None:
    terms = HostPolicy(pause=1.0, budget=3)
    host, now = Host(), NOW
    for _ in range(3):
        host = after(FETCHED, host, now, terms)
        now += HOUR_S
    wait = refused(host, now, terms)
    assert wait.is_cooldown and wait.why == "budget spent"
    assert 24 * HOUR_S <= wait.until - NOW <= 25 * HOUR_S
    assert refused(host, wait.until - 1, terms)
    next_slot = granted(host, wait.until, terms)
    assert refused(
        rules.finish(next_slot, terms, wait.until, "mine", FETCHED), wait.until + 60, terms
    ).is_cooldown


def test_a_budget_of_zero_is_checked_again_in_an_hour() -> None:
    assert refused(Host(), NOW, HostPolicy(pause=1.0, budget=0)).until == NOW + HOUR_S


def test_quiet_hours_block_all_requests() -> None:
    quiet = QuietHours.parse("00:00-06:00")
    assert quiet is not None
    night = NOW - NOW % 86_400 + 3 * HOUR_S
    wait = refused(Host(), night, replace(POLICY, quiet=quiet))
    assert (wait.until, wait.why, wait.is_cooldown) == (night + 3 * HOUR_S, "quiet hours", True)


@pytest.mark.parametrize("text", ["", "22:00-06:00", "06:00-22:30", "00:00-23:59"])
@given(now=st.floats(0, 4e9))
def test_quiet_hours_end_at_their_time(text: str, now: float) -> None:
    quiet = QuietHours.parse(text)
    if quiet is None:
        assert text == ""
    elif quiet.covers(now):
        assert now < quiet.end(now) <= now + 86_400
        assert not quiet.covers(quiet.end(now) + 0.001)


@pytest.mark.parametrize("text", ["22-6", "22:00-22:00", "24:00-06:00", "22:00-06:00 "])
def test_an_invalid_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no span"):
        QuietHours.parse(text)


def test_a_stored_host_is_read_back() -> None:
    host = replace(granted(Host()), why="403", blocks=2, spent={500_000: 3}, jitter=0.25)
    assert from_json(to_json(host)) == host
    assert from_json(to_json(Host())) == Host()
    assert (
        from_json(to_json(replace(host, flight=Flight(token="t", began=1.5, until=2.5)))).flight is not None
    )
