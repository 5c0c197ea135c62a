"""The newest entry per key, whatever the order."""

from hypothesis import given
from hypothesis import strategies as st

from sinks.tables.writer import Entry, newest_per_key

ENTRIES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=12)


@given(ENTRIES)
def test_one_entry_per_key_the_later_of_the_highest_version(pairs: list[tuple[str, int]]) -> None:
    entries = [
        Entry(rows={}, key=key, version=version, pipeline_version=str(place))
        for place, (key, version) in enumerate(pairs)
    ]
    newest = newest_per_key(entries)
    assert [entry.key for entry in newest] == sorted({key for key, _ in pairs})
    for entry in newest:
        same = [candidate for candidate in entries if candidate.key == entry.key]
        highest = max(candidate.version for candidate in same)
        assert entry is [candidate for candidate in same if candidate.version == highest][-1]


@given(ENTRIES, st.integers(0, 12))
def test_two_batches_end_as_one(pairs: list[tuple[str, int]], cut: int) -> None:
    entries = [
        Entry(rows={}, key=key, version=version, pipeline_version=str(place))
        for place, (key, version) in enumerate(pairs)
    ]
    assert newest_per_key([*newest_per_key(entries[:cut]), *entries[cut:]]) == newest_per_key(entries)
