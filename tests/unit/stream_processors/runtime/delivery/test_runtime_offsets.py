"""The tracker's invariant: never above the lowest delivered offset that is not done."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.runtime.delivery.offsets import OffsetTracker


@given(
    start=st.integers(0, 50),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=200),
)
def test_the_committable_offset_is_the_lowest_open_one_and_never_decreases(
    start: int, steps: list[tuple[bool, int]]
) -> None:
    tracker = OffsetTracker(start)
    open_offsets: list[int] = []
    following, before = start, start
    for deliver, number in steps:
        if deliver:  # `number` records are missing before this one, as after compaction
            offset = following + number
            assert tracker.deliver(offset)
            assert not tracker.deliver(offset)
            open_offsets.append(offset)
            following = offset + 1
        elif open_offsets:
            tracker.ack(open_offsets.pop(number % len(open_offsets)))
        assert tracker.committable == min(open_offsets, default=following)
        assert tracker.committable >= before
        assert tracker.next_offset == following
        before = tracker.committable


def test_records_below_the_start_are_not_delivered() -> None:
    tracker = OffsetTracker(10)
    assert not tracker.deliver(9)
    assert tracker.deliver(10)
    assert tracker.in_flight == 1
