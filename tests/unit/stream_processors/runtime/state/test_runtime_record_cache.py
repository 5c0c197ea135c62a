"""Record cache: one output per identity and flush, in order, bounded, suppressing only unchanged outputs."""

from collections.abc import Callable
from typing import Any

import pytest

from stream_processors.runtime.state import record_cache
from stream_processors.runtime.state.record_cache import Entry, LruCache, RecordCache
from stream_processors.runtime.state.transaction import Output


class Cache(RecordCache):
    """A cache with short calls; values are texts."""

    def remember(
        self,
        key: str,
        value: str,
        *,
        part: str = "",
        only_changes: bool = False,
        size: int = 1,
        can_wait: bool = False,
        **shown: Any,
    ) -> Callable[[], None]:
        """Remember an output; return the function that undoes it."""
        identity = ("t", key, part)
        show = (lambda: shown["shown"]) if shown else None
        previous = self.put(identity, Entry(lambda: output(key, value), show, only_changes, size, can_wait))
        return lambda: self.undo_put(identity, previous)

    def flush(self) -> list[str]:
        return [text(output) for output in self.take(lambda: True)]

    def flush_urgent(self) -> list[str]:
        return [text(output) for output in self.take(lambda: self.has_urgent)] if self.has_urgent else []


def output(key: str, value: str) -> Output:
    return Output("t", key.encode(), value.encode(), None)


def text(output: Output) -> str:
    return f"{(output.key or b'').decode()}={(output.value or b'').decode()}"


@pytest.fixture
def cache() -> Cache:
    return Cache()


def test_the_last_output_of_an_identity_replaces_earlier_ones(cache: Cache) -> None:
    for value in "123":
        cache.remember("a", value)
        cache.remember("b", value, part=value)
    assert cache.flush() == ["b=1", "b=2", "a=3", "b=3"]
    assert (len(cache), cache.flush()) == (0, [])


def test_outputs_of_the_commit_in_progress_come_before_later_ones_of_their_identity(cache: Cache) -> None:
    cache.remember("a", "1")
    cache.remember("b", "1")
    cache.begin_commit()
    cache.remember("a", "2")
    assert [text(output) for output in cache.take(lambda: cache.has_committing)] == ["a=1", "b=1"]
    assert not cache.has_committing
    assert cache.flush() == ["a=2"]


def test_a_flush_may_end_after_any_output(cache: Cache) -> None:
    for key in "abc":
        cache.remember(key, "1")
    flushed = cache.take(lambda: True)
    assert text(next(flushed)) == "a=1"
    flushed.close()  # type: ignore[attr-defined]
    assert cache.flush() == ["b=1", "c=1"]


def test_capacity_counts_entries_and_bytes_including_those_of_a_commit(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_cache, "MAX_ENTRIES", 2)
    monkeypatch.setattr(record_cache, "MAX_BYTES", 100)
    cache.remember("a", "1")
    cache.begin_commit()
    cache.remember("a", "2")
    assert not cache.is_full
    cache.remember("b", "1")
    assert cache.is_full
    assert [text(output) for output in cache.take(lambda: cache.is_full)] == ["a=1"]
    cache.remember("a", "3", size=99)
    assert not cache.is_full
    undo = cache.remember("a", "4", size=100)
    assert cache.is_full
    undo()
    assert not cache.is_full
    cache.flush()
    cache.remember("a", "5", size=100)
    assert not cache.is_full, "flushed outputs are not counted"
    cache.discard()
    cache.remember("a", "5", size=100)
    assert not cache.is_full, "discarded outputs are not counted"


def test_an_undone_output_restores_the_previous_one(cache: Cache) -> None:
    cache.remember("a", "1")
    undo = [cache.remember("a", "2"), cache.remember("a", "3"), cache.remember("b", "1")]
    for step in reversed(undo):
        step()
    assert cache.flush() == ["a=1"]


# outputs that can wait


def test_an_output_that_can_wait_is_left_to_the_commit(cache: Cache) -> None:
    cache.remember("a", "1", can_wait=True)
    cache.remember("b", "1")
    assert cache.flush_urgent() == ["b=1"]
    assert (cache.has_urgent, len(cache)) == (False, 1)
    cache.begin_commit()
    assert cache.has_committing
    assert cache.flush() == ["a=1"]


def test_an_output_that_cannot_wait_takes_along_an_earlier_one_of_its_identity(cache: Cache) -> None:
    cache.remember("a", "1", can_wait=True)
    cache.remember("a", "2")
    cache.remember("b", "1")
    cache.remember("b", "2", can_wait=True)
    assert cache.flush_urgent() == ["a=2", "b=2"]
    assert len(cache) == 0


def test_an_undone_output_restores_one_that_can_wait(cache: Cache) -> None:
    cache.remember("a", "1", can_wait=True)
    cache.remember("a", "2")()
    cache.remember("b", "1", can_wait=True)()
    assert cache.flush_urgent() == []
    assert cache.flush() == ["a=1"]


def test_outputs_that_can_wait_fill_the_cache_and_are_dropped_like_all(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_cache, "MAX_ENTRIES", 1)
    cache.remember("a", "1", can_wait=True)
    cache.remember("b", "1", can_wait=True)
    assert [text(output) for output in cache.take(lambda: cache.is_full)] == ["a=1"]
    cache.discard()
    assert cache.flush() == []


# silence


def test_suppression_compares_with_the_last_produced_version(cache: Cache) -> None:
    for value, shown, produced in (
        (("1",), "A", ["a=1"]),
        (("2",), "A", []),
        (("3", "4"), "BA", []),
        (("5", "6"), "BB", ["a=6"]),
        (("7", "8", "9"), "ABB", []),
    ):
        for number, shows in zip(value, shown, strict=True):
            cache.remember("a", number, shown=shows, only_changes=True)
        assert cache.flush() == produced


def test_an_unconditional_output_is_always_produced(cache: Cache) -> None:
    cache.remember("a", "1", shown="A")
    cache.flush()
    cache.remember("a", "2", shown="A")
    undo = cache.remember("a", "3", shown="A", only_changes=True)
    assert cache.flush() == ["a=3"]
    cache.remember("a", "4", shown="A", only_changes=True)
    undo = cache.remember("a", "5", shown="A")
    undo()
    assert cache.flush() == []


def test_foreign_evicted_and_missing_outputs_are_unknown() -> None:
    cache = Cache(shown_capacity=1)

    def is_silent() -> bool:
        cache.remember("a", "1", shown="A", only_changes=True)
        return not cache.flush()

    assert not is_silent()
    assert is_silent()
    cache.discard()
    assert not is_silent()
    cache.remember("b", "1", shown="A")
    cache.flush()
    assert not is_silent()
    cache.remember("a", "2")
    cache.flush()
    assert not is_silent()


def test_nothing_shown_is_not_the_same_as_nothing_produced(cache: Cache) -> None:
    cache.remember("a", "1", shown=None, only_changes=True)
    assert cache.flush() == ["a=1"]
    cache.remember("a", "2", shown=None, only_changes=True)
    assert cache.flush() == []


def test_an_output_is_current_once_it_is_produced_and_until_another_is_remembered(cache: Cache) -> None:
    identity = ("t", "a", "")
    assert not cache.is_current(identity, "A")
    cache.remember("a", "1", shown="A")
    assert not cache.is_current(identity, "A")
    cache.begin_commit()
    assert not cache.is_current(identity, "A")
    cache.flush()
    assert cache.is_current(identity, "A")
    assert not cache.is_current(identity, "B")
    cache.remember("a", "2", shown="A", only_changes=True)
    assert not cache.is_current(identity, "A")
    cache.flush()
    cache.remember("a", "3", shown="A", only_changes=True, can_wait=True)
    assert not cache.is_current(identity, "A")


def test_an_output_that_failed_to_encode_does_not_count_as_produced(cache: Cache) -> None:
    def fail() -> Output:
        raise ValueError

    cache.put(("t", "a", ""), Entry(fail, lambda: "A", True, 1))
    with pytest.raises(ValueError):
        cache.flush()
    cache.remember("a", "1", shown="A", only_changes=True)
    assert cache.flush() == ["a=1"]


def test_the_least_recently_stored_value_is_evicted() -> None:
    values = LruCache(capacity=2)
    for number, key in enumerate("abac"):
        values.put(key, number)
    assert [values.holds(key, number) for key, number in (("a", 2), ("b", 1), ("c", 3))] == [
        True,
        False,
        True,
    ]
    assert not values.holds("a", 0)
    values.remove("a")
    values.remove("b")
    assert not values.holds("a", 2)
    assert not values.holds("a", None)
