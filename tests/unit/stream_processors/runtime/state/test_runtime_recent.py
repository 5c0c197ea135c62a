"""What a worker remembers of a partition."""

from stream_processors.runtime.state.recent import Recent


def test_the_oldest_is_forgotten_first_and_a_note_makes_young() -> None:
    recent = Recent(room=2)
    assert [recent.note(key, n) for n, key in enumerate((b"a", b"b", b"a", b"c"))] == [None, None, 0, None]
    assert [recent.note(key, "again") for key in (b"a", b"b")] == [2, None]
    recent.clear()
    assert recent.note(b"a", 1) is None


def test_a_note_can_be_undone() -> None:
    recent = Recent()
    recent.note(b"a", 1)
    recent.put_back(b"a", recent.note(b"a", 2))
    recent.put_back(b"b", recent.note(b"b", 2))
    assert (recent.note(b"a", 3), recent.note(b"b", 3)) == (1, None)
