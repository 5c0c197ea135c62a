"""A record or a mark that the resolver cannot process costs itself and no other, whatever the error is."""

import os
import random
import string
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from songnodes.attempts import KILL_LIMIT
from songnodes.messaging.log_offsets import Partition
from stream_processors.resolver import inputs, tracks, worker
from stream_processors.resolver.dead_letters import DeadLetter
from stream_processors.resolver.ingest import DECISIONS, PLAYLISTS, InputRecord
from stream_processors.resolver.reading import Batch
from stream_processors.resolver.store import Store
from stream_processors.resolver.worker import Resolver
from tests.support import sample_records
from tests.support.set_builders import T0, Validate, build_tracklist, track

PLACE = Partition("silver.playlists", 0)
LINES = [f"Artist {letter} - Song {letter}" for letter in "abcdef"]
POISON = 3


class UnknownError(Exception):
    """An error that no rule knows"""


class Killed(BaseException):
    """SIGKILL: nothing in the process can act on it"""


class Log:
    """In place of `Reading` and a partition: batches from the stored position on."""

    began = True

    def __init__(self, store: Store, records: Sequence[InputRecord], size: int = 100) -> None:
        self._records = records
        self._size = size
        self._store = store
        store.put("offsets", "begin", [{"topic": PLACE[0], "part": 0, "next_offset": 0, "topic_id": "t"}])
        (row,) = store.rows("offsets", "known")
        self.position = int(row["next_offset"])

    @property
    def caught_up(self) -> bool:
        return self.position == len(self._records)

    def next(self) -> Batch:
        if self.caught_up:
            return Batch(records=(), ends={})
        end = min(len(self._records), self.position + self._size)
        return Batch(
            records=self._records[self.position : end], ends={PLACE: end}, begins={PLACE: self.position}
        )

    def advance(self, batch: Batch) -> None:
        rows = [
            {"topic": PLACE[0], "part": 0, "expected": self.position, "next_offset": end}
            for end in batch.ends.values()
        ]
        assert len(self._store.put("offsets", "advance", rows)) == len(rows)

    def note_committed(self, batch: Batch) -> None:
        self.position = batch.ends[PLACE]

    def commit_async(self) -> None: ...


class Letters:
    """Keeps dead letters."""

    def __init__(self) -> None:
        self.dead: list[DeadLetter] = []

    def send(self, dead: Sequence[DeadLetter]) -> None:
        self.dead += dead


class Topics:
    """In place of `Outputs`."""

    def send(self, outputs: Sequence[Any]) -> None: ...


def playlists() -> list[InputRecord]:
    """One set per line, in a partition of their own."""
    validate = Validate()
    pages = [validate.take(build_tracklist(f"1001tracklists:{n}", [line])) for n, line in enumerate(LINES)]
    return [
        InputRecord(topic=PLAYLISTS, value=cast(dict[str, Any], page), partition=PLACE, offset=offset)
        for offset, page in enumerate(pages)
    ]


def process(
    store: Store,
    records: Sequence[InputRecord],
    letters: Letters,
    *,
    size: int = 100,
    own: set[object] | None = None,
) -> None:
    """Run a process from its start until it has nothing to do, or ends by an error."""
    reading = Log(store, records, size)
    resolver = Resolver(store, cast(Any, Topics()), cast(Any, letters), own)
    worker.run_cycle(cast(Any, reading), resolver)
    while not reading.caught_up:
        worker.run_cycle(cast(Any, reading), resolver)


def known(store: Store) -> list[str]:
    rows = store.rows("facts", "held_sightings", playlists=[f"1001tracklists:{n}" for n in range(len(LINES))])
    return sorted(row["playlist_id"].partition(":")[2] for row in rows)


OTHERS = [str(n) for n in range(len(LINES)) if n != POISON]


def aside(store: Store) -> list[dict[str, Any]]:
    return store._connection.execute(
        "SELECT kind, id, attempts, is_set_aside, error FROM set_aside WHERE process = 'resolver'"
    ).fetchall()


@pytest.mark.parametrize("size", [1, 2, 100])
def test_an_id_too_long_for_an_index_is_a_dead_letter(store: Store, size: int) -> None:
    records = playlists()
    chance = random.Random(1)
    row = records[POISON].value["rows"][0]
    row["claim_id"] = "".join(chance.choices(string.ascii_letters, k=20_000))
    letters = Letters()
    process(store, records, letters, size=size)
    assert [letter.poison.reason for letter in letters.dead] == ["row_refused"]
    assert letters.dead[0].record is records[POISON]
    assert known(store) == OTHERS


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_record_that_ended_the_process_twice_is_set_aside(
    store: Store, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    row = inputs.playlist_row

    def broken(playlist: Any) -> Any:
        if playlist["playlist_id"] == f"1001tracklists:{POISON}":
            raise UnknownError("no rule")
        return row(playlist)

    monkeypatch.setattr(inputs, "playlist_row", broken)
    letters, ends = Letters(), 0
    for _ in range(5):
        try:
            process(store, playlists(), letters, size=size)
            break
        except UnknownError:
            ends += 1
    assert 1 <= ends <= 2
    assert [letter.poison.reason for letter in letters.dead] == ["unforeseen"]
    assert "UnknownError" in str(letters.dead[0].poison)
    assert known(store) == OTHERS
    (entry,) = aside(store)
    assert (entry["kind"], entry["id"], entry["is_set_aside"]) == ("record", f"{PLACE[0]}[0]@{POISON}", True)


def test_a_failing_record_is_set_aside_while_processes_are_killed_and_converges_when_reinserted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, chance, pid = inputs.playlist_row, random.Random(8), os.getpid()

    def unlucky(playlist: Any) -> Any:
        if os.getpid() == pid and chance.random() < 0.3:
            raise Killed
        if playlist["playlist_id"] == f"1001tracklists:{POISON}":
            raise UnknownError("no rule")
        return row(playlist)

    monkeypatch.setattr(inputs, "playlist_row", unlucky)
    letters, records = Letters(), playlists()
    for _ in range(60):
        with suppress(UnknownError, Killed):
            process(store, records, letters, size=3)
            break
    assert known(store) == OTHERS
    assert {letter.record.offset for letter in letters.dead} == {POISON}
    monkeypatch.setattr(inputs, "playlist_row", row)
    process(store, [*records, replace(records[POISON], offset=len(records))], letters)
    assert len(known(store)) == len(LINES)


def test_a_record_that_kills_the_process_again_and_again_is_set_aside(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = inputs.playlist_row

    def deadly(playlist: Any) -> Any:
        if playlist["playlist_id"] == f"1001tracklists:{POISON}":
            raise Killed
        return row(playlist)

    monkeypatch.setattr(inputs, "playlist_row", deadly)
    letters, kills = Letters(), 0
    for _ in range(20):
        try:
            process(store, playlists(), letters)
            break
        except Killed:
            kills += 1
    assert kills <= KILL_LIMIT + 2
    assert [letter.poison.reason for letter in letters.dead] == ["unforeseen"]
    assert known(store) == OTHERS


def test_kills_of_a_sound_log_lose_and_set_aside_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, chance = inputs.playlist_row, random.Random(5)

    def unlucky(playlist: Any) -> Any:
        if chance.random() < 0.3:
            raise Killed
        return row(playlist)

    monkeypatch.setattr(inputs, "playlist_row", unlucky)
    letters = Letters()
    for _ in range(60):
        try:
            process(store, playlists(), letters, size=2)
            break
        except Killed:
            continue
    assert not letters.dead
    assert len(known(store)) == len(LINES)


def test_kills_from_outside_blame_no_record_and_no_mark_however_many(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every process is killed while it takes the first record, later while it computes the first mark."""
    row, facts, pid = inputs.playlist_row, tracks._facts, os.getpid()
    kills = {"row": 12, "facts": 12}

    def unlucky(name: str) -> None:
        if os.getpid() == pid and kills[name]:
            kills[name] -= 1
            raise Killed

    def unlucky_row(playlist: Any) -> Any:
        unlucky("row")
        return row(playlist)

    def unlucky_facts(store: Store, claims: Any) -> Any:
        unlucky("facts")
        return facts(store, claims)

    monkeypatch.setattr(inputs, "playlist_row", unlucky_row)
    monkeypatch.setattr(tracks, "_facts", unlucky_facts)
    letters = Letters()
    for _ in range(60):
        try:
            process(store, playlists(), letters)
            break
        except Killed:
            continue
    assert kills == {"row": 0, "facts": 0}
    assert not letters.dead
    assert len(known(store)) == len(LINES)
    assert [entry for entry in aside(store) if entry["is_set_aside"]] == []


@pytest.mark.parametrize("error", [UnknownError, Killed])
def test_a_mark_that_cannot_be_computed_is_set_aside_and_the_rest_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    facts = tracks._facts
    bad = track(LINES[POISON])

    def broken(store: Store, claims: Any) -> Any:
        if bad in claims:
            raise error("no rule")
        return facts(store, claims)

    monkeypatch.setattr(tracks, "_facts", broken)
    letters = Letters()
    for _ in range(20):
        try:
            process(store, playlists(), letters)
            break
        except (UnknownError, Killed):
            continue
    assert store._connection.execute("SELECT count(*) AS n FROM resolver_marks").fetchall() == [{"n": 0}]
    assert not letters.dead
    entries = [entry for entry in aside(store) if entry["is_set_aside"]]
    assert ("claim", bad) in {(entry["kind"], entry["id"]) for entry in entries}
    assert all(entry["kind"] in ("claim", "id") for entry in entries)
    monkeypatch.setattr(tracks, "_facts", facts)
    newer = playlists()[POISON]
    newer.value["version"] += 1
    newer.value["rows"][0]["claim"]["duration_ms"] = 1_000
    process(store, [*playlists(), newer], letters)
    assert ("claim", bad) not in {(entry["kind"], entry["id"]) for entry in aside(store)}


def test_a_failing_server_is_never_a_dead_letter(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row, failures = inputs.playlist_row, [OSError("gone")] * 7

    def flaky(playlist: Any) -> Any:
        if failures:
            raise failures.pop()
        return row(playlist)

    monkeypatch.setattr(inputs, "playlist_row", flaky)
    letters, own = Letters(), set[object]()
    for _ in range(20):
        try:
            process(store, playlists(), letters, own=own)
            break
        except OSError:
            continue
    assert not failures
    assert not letters.dead
    assert len(known(store)) == len(LINES)
    assert aside(store) == []


def test_a_decision_that_becomes_one_about_other_claims_replaces_the_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (track(line) for line in LINES[:3])
    base = sample_records.decision(first)
    override = {**base, "kind": "override", "other_id": None}
    merge = {
        **base,
        "kind": "merge",
        "other_id": second,
        "value": None,
        "decided_at": T0 + timedelta(days=90),
    }
    another = {**merge, "subject_id": third, "decided_at": T0 + timedelta(days=91)}
    letters = Letters()
    records = [
        InputRecord(topic=DECISIONS, value=value, partition=PLACE, offset=at)
        for at, value in enumerate((override, merge, another))
    ]
    sent: list[Any] = []
    monkeypatch.setattr(Topics, "send", lambda self, outputs: sent.extend(outputs))
    reading = Log(store, records, 1)
    resolver = Resolver(store, cast(Any, Topics()), cast(Any, letters))
    for _ in records:
        worker.run_cycle(cast(Any, reading), resolver)
        resolver.process_marks()
    assert not letters.dead
    assert aside(store) == []
    moved = {output[2]["observed_at"] for output in sent if output[0] == "silver.redirects"}
    assert moved == {merge["decided_at"], another["decided_at"]}, "no set names these tracks"
    (row,) = store._connection.execute("SELECT kind, claim_a, claim_b FROM resolver_decisions").fetchall()
    assert (row["kind"], {row["claim_a"], row["claim_b"]}) == ("merge", {second, third})


def test_decisions_about_nothing_are_left_out(store: Store) -> None:
    decision = {
        "kind": "merge",
        "subject_id": "a",
        "other_id": "a" * 4000 + "b",
        "decision_id": "d",
        "withdrawn": False,
        "value": None,
        "reason": "",
        "author": "",
        "decided_at": T0,
    }
    chance = random.Random(2)
    decision["other_id"] = "".join(chance.choices(string.ascii_letters, k=9_000))
    letters = Letters()
    process(store, [InputRecord(topic=DECISIONS, value=decision, partition=PLACE, offset=0)], letters)
    assert [letter.poison.reason for letter in letters.dead] == ["row_refused"]
