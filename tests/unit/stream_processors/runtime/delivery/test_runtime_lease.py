"""The lease, with a manual clock."""

import pytest

from stream_processors.runtime.delivery import lease as leases
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import JoinTimeout, LeaseExpired


class ManualTime:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> ManualTime:
    return ManualTime()


def test_a_lease_ends_early_enough_for_a_write_to_finish_within_the_session(clock: ManualTime) -> None:
    lease = Lease(10, clock)
    lease.renew(lease.now())
    lease.activate()
    clock.now += 6
    lease.check()
    clock.now += 0.01
    with pytest.raises(LeaseExpired):
        lease.check()
    assert 6 + lease.delivery_timeout_s == 10


def test_a_lease_starts_when_a_heartbeat_is_sent(clock: ManualTime) -> None:
    lease = Lease(10, clock)
    sent = lease.now()
    clock.now += 5
    lease.renew(sent)
    lease.activate()
    clock.now += 2
    with pytest.raises(LeaseExpired):
        lease.check()


def test_without_partitions_the_lease_is_not_needed(clock: ManualTime) -> None:
    lease = Lease(10, clock)
    lease.check()
    lease.activate()
    lease.deactivate()
    clock.now += 1000
    lease.check()


def test_a_former_member_may_not_write(clock: ManualTime) -> None:
    lease = Lease(10, clock)
    lease.renew(lease.now())
    lease.activate()
    lease.check()
    lease.expire()
    with pytest.raises(LeaseExpired):
        lease.check()


def test_the_default_clock_advances() -> None:
    first = leases.boot_clock()
    assert leases.boot_clock() >= first > 0


def test_only_a_worker_without_contact_to_its_group_is_stuck(clock: ManualTime) -> None:
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
