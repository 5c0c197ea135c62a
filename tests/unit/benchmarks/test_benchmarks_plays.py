"""Facts of the benchmark of retraction: any order gives the counts of the batch."""

from collections.abc import Iterable
from random import Random

from benchmarks import plays
from benchmarks.jobs.task import ID_BYTES, read_fact
from benchmarks.plays import Fact
from benchmarks.retraction import COUNT_OF

EVENTS = 5_000


def counted(facts: Iterable[Fact]) -> dict[bytes, int]:
    """Count as the jobs do, from the bytes of the records."""
    entries: dict[bytes, tuple[int, int]] = {}
    counts: dict[bytes, int] = {}
    for fact in facts:
        version, number, dj, playlist = read_fact(fact.value)
        key = fact.track + dj
        old_version, old_number = entries.get(key + playlist, (0, 0))
        if version > old_version:
            entries[key + playlist] = version, number
            counts[key] = counts.get(key, 0) + number - old_number
    return {key: number for key, number in counts.items() if number}


def test_any_order_gives_the_counts_of_the_batch() -> None:
    facts = list(plays.facts(EVENTS))
    expected = plays.expected(EVENTS)
    assert len(facts) == EVENTS
    assert counted(facts) == expected
    assert counted(Random(1).sample(facts, EVENTS)) == expected


def test_facts_are_edited_retracted_and_repeated() -> None:
    facts = list(plays.facts(EVENTS))
    newest = {(fact.track, fact.playlist): fact.version for fact in facts}
    assert sum(fact.plays == 0 for fact in facts) > EVENTS / 100
    assert any(fact.version < newest[fact.track, fact.playlist] for fact in facts)
    assert {len(fact.track) for fact in facts} == {ID_BYTES}
    assert plays.expected(EVENTS) != counted(fact for fact in facts if fact.plays)


def test_counts_are_read_from_the_keys_of_each_changelog() -> None:
    track, dj, value = b"t00000000001", b"d00000000002", b"\0" * 7 + b"\3" + b"\0" * 7 + b"\5"
    assert COUNT_OF["quix"](track + b'|"' + dj + b'"', value) == (track + dj, 3)
    assert COUNT_OF["quix"](track + b'|"' + dj + b'p00000000003"', value) is None
    assert COUNT_OF["ours"](b"t|" + track + dj, value) == (track + dj, 5)
    assert COUNT_OF["ours"](b"e|" + track + dj + b"|p00000000003", value) is None
