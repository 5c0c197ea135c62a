"""What a worker remembers of a partition."""

from stream_processors.runtime.recent import Recent


def test_the_oldest_is_forgotten_first_and_a_look_makes_young() -> None:
    recent = Recent(room=2)
    assert [recent.note(key) for key in (b"a", b"b", b"a", b"c")] == [False, False, True, False]
    assert [recent.note(key) for key in (b"a", b"b")] == [True, False]
    recent.drop(b"b")
    recent.drop(b"b")
    assert not recent.note(b"b")
    recent.clear()
    assert not recent.note(b"a")
