"""Start and target offsets of a replay, over every relation of position, log and requested start."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.replay import plan as planning
from operations.replay.plan import Move, OffsetOutOfRange, Plan
from operations.replay.start import Earliest, FromOffset, FromTime, InvalidStart, Start, parse_start
from songnodes.errors import PositionLost
from songnodes.messaging.log_offsets import Bounds, Partition

AT = Partition("t", 0)
NOON = FromTime(datetime(2026, 1, 1, 12, tzinfo=UTC))


def planned_move(
    start: Start, log: tuple[int, int], position: int | None, offset_at_time: int | None = None
) -> Move:
    """Return the move of one partition; `offset_at_time` is the broker's offset for the requested time."""
    bounds = Bounds(start=log[0], end=log[1])
    goal = planning._requested_offset(start, AT, bounds, {AT: offset_at_time})
    target = planning._target(start, AT, bounds, position, goal)
    return Move(reader="r", partition=AT, log=bounds, position=position, target=target)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("earliest", Earliest()),
        ("0", FromOffset(0)),
        ("120", FromOffset(120)),
        ("2026-01-01T12:00", NOON),
        ("2026-01-01 12:00:00Z", NOON),
        ("2026-01-01T14:00+02:00", NOON),
        ("2026-01-01", FromTime(datetime(2026, 1, 1, tzinfo=UTC))),
    ],
)
def test_valid_starts_are_parsed(text: str, start: Start) -> None:
    assert parse_start(text) == start


@pytest.mark.parametrize("text", ["", "latest", "-5", "1.5", "yesterday", "2026-13-01", "٣"])
def test_invalid_starts_are_refused(text: str) -> None:
    with pytest.raises(InvalidStart):
        parse_start(text)


def test_earliest_targets_the_start_of_the_log() -> None:
    move = planned_move(Earliest(), (10, 100), 60)
    assert (move.target, move.to_reread, move.lost) == (10, 50, 0)


def test_an_offset_above_the_position_is_no_move() -> None:
    assert planned_move(FromOffset(60), (10, 100), 60).target is None
    assert planned_move(FromOffset(90), (10, 100), 60).target is None


def test_an_offset_below_the_log_is_refused() -> None:
    with pytest.raises(OffsetOutOfRange, match="log_start=10"):
        planned_move(FromOffset(9), (10, 100), 60)


def test_a_time_after_the_last_record_is_no_move() -> None:
    assert planned_move(NOON, (10, 100), 60, offset_at_time=None).target is None
    assert planned_move(NOON, (10, 100), 60, offset_at_time=30).to_reread == 30


def test_a_reader_without_a_position_needs_no_move() -> None:
    move = planned_move(Earliest(), (10, 100), None)
    assert (move.target, move.to_reread) == (None, 0)


@pytest.mark.parametrize("position", [5, 101])
def test_a_lost_position_is_repaired_only_by_earliest(position: int) -> None:
    for start in (FromOffset(20), NOON):
        with pytest.raises(PositionLost):
            planned_move(start, (10, 100), position, offset_at_time=20)
    assert planned_move(Earliest(), (10, 100), position).target == 10


def test_records_deleted_unread_are_counted_as_lost() -> None:
    move = planned_move(Earliest(), (10, 100), 4)
    assert (move.lost, move.to_reread) == (6, 0)
    assert Plan(moves=(move, move)).lost == 12


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 50),
    st.one_of(st.just(Earliest()), st.integers(0, 120).map(FromOffset), st.just(NOON)),
    st.none() | st.integers(0, 50),
)
def test_no_record_is_ever_skipped(
    first: int, length: int, read: int, start: Start, after: int | None
) -> None:
    """A replay moves a valid position backwards or not at all."""
    log = (first, first + length)
    position = first + min(read, length)
    offset_at_time = None if after is None else first + min(after, length)
    try:
        move = planned_move(start, log, position, offset_at_time)
    except OffsetOutOfRange:
        assert isinstance(start, FromOffset) and start.offset < first
        return
    assert move.lost == 0
    if move.target is not None:
        assert first <= move.target < position
        assert move.to_reread == position - move.target
