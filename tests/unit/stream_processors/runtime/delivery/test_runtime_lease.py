"""The lease, by a clock moved by hand."""

import pytest

from stream_processors.runtime.delivery import lease as leases
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import JoinTimeout, LeaseExpired


class Hand:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


def test_ends_so_early_that_a_write_begun_before_it_is_over_before_the_session(clock: Hand) -> None:
    lease = Lease(10, clock)
    lease.renew(lease.now())
    lease.activate()
    clock.now += 6
    lease.check()
    clock.now += 0.01
    with pytest.raises(LeaseExpired):
        lease.check()
    assert 6 + lease.delivery_timeout_s == 10


def test_counts_from_the_sending_of_a_heartbeat_and_not_from_its_answer(clock: Hand) -> None:
    lease = Lease(10, clock)
    sent = lease.now()
    clock.now += 5
    lease.renew(sent)
    lease.activate()
    clock.now += 2
    with pytest.raises(LeaseExpired):
        lease.check()


def test_without_partitions_there_is_nothing_to_lose(clock: Hand) -> None:
    lease = Lease(10, clock)
    lease.check()
    lease.activate()
    lease.deactivate()
    clock.now += 1000
    lease.check()


def test_a_member_no_more_may_not_write_even_once(clock: Hand) -> None:
    lease = Lease(10, clock)
    lease.renew(lease.now())
    lease.activate()
    lease.check()
    lease.expire()
    with pytest.raises(LeaseExpired):
        lease.check()


def test_the_clock_runs() -> None:
    first = leases.boot_clock()
    assert leases.boot_clock() >= first > 0


def test_a_worker_that_never_joins_is_stuck_and_one_that_hears_of_its_group_is_not(clock: Hand) -> None:
    lease = Lease(10, clock)
    clock.now += leases.JOIN_TIMEOUT_S
    lease.check_joined()
    lease.renew(clock.now)
    clock.now += leases.JOIN_TIMEOUT_S
    lease.check_joined()
    clock.now += 0.1
    with pytest.raises(JoinTimeout):
        lease.check_joined()
    lease.activate()
    lease.check_joined()
