"""The tracker, against its law: never above the lowest delivered offset that is not done."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.runtime.delivery.offsets import OffsetTracker


@given(
    start=st.integers(0, 50),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=200),
)
def test_committable_is_the_lowest_open_offset_and_never_goes_back(
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


def test_what_was_delivered_before_the_start_is_not_delivered_again() -> None:
    tracker = OffsetTracker(10)
    assert not tracker.deliver(9)
    assert tracker.deliver(10)
    assert tracker.in_flight == 1
