"""A partition has caught up when each topic is read to the end it had at the assignment."""

from stream_processors.runtime.catch_up import CatchUp


def test_the_last_record_before_the_end_completes_a_topic() -> None:
    catch_up = CatchUp()
    assert catch_up.is_complete(0)
    catch_up.start([("a", 0, 5), ("b", 0, 3), ("a", 1, 2)])
    catch_up.advance("a", 0, 3)
    catch_up.advance("b", 0, 2)
    assert not catch_up.is_complete(0)
    catch_up.advance("c", 0, 9)
    catch_up.advance("a", 0, 4)
    assert catch_up.is_complete(0)
    assert not catch_up.is_complete(1)


def test_a_record_behind_a_gap_completes_a_topic_too() -> None:
    catch_up = CatchUp()
    catch_up.start([("a", 0, 5)])
    catch_up.advance("a", 0, 8)
    assert catch_up.is_complete(0)


def test_an_assignment_replaces_the_one_before() -> None:
    catch_up = CatchUp()
    catch_up.start([("a", 0, 5)])
    catch_up.start([("a", 1, 5)])
    assert catch_up.is_complete(0)
    assert not catch_up.is_complete(1)
