"""Cache of a partition, bounded by its capacity."""

from stream_processors.runtime.state.store import LruCache


def test_the_oldest_is_forgotten_first_and_a_note_makes_young() -> None:
    cache = LruCache(capacity=2)
    assert [cache.remember(key, n) for n, key in enumerate((b"a", b"b", b"a", b"c"))] == [
        None,
        None,
        0,
        None,
    ]
    assert [cache.remember(key, "again") for key in (b"a", b"b")] == [2, None]
    cache.clear()
    assert cache.remember(b"a", 1) is None


def test_a_note_can_be_undone() -> None:
    cache = LruCache()
    cache.remember(b"a", 1)
    cache.undo(b"a", cache.remember(b"a", 2))
    cache.undo(b"b", cache.remember(b"b", 2))
    assert (cache.remember(b"a", 3), cache.remember(b"b", 3)) == (1, None)
