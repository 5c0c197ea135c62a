"""Entries of DJs with many playlists: the records of gold are those of an entry that is never split.

Histories of facts with retractions, moved dates and late versions; then the same with crashes that keep any
prefix of the changelog. Variants without one rule of `entity.py` go wrong: the model can find what it is for.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from songnodes.domain import facts
from songnodes.domain.records import Claim, CreditFact, Playlist, TrackFact
from songnodes.settings import Settings
from stream_processors.gold import artists, build, plays
from stream_processors.runtime import EntityState, Table
from stream_processors.runtime.state.entity import entry_key
from stream_processors.runtime.testing import MemoryDatabase, StageTestDriver
from tests.support import codecs
from tests.support.unsplit_gold import UnsplitGold
from tests.unit.domain.test_counting import DJS, TRACKS, claim, playlist

HISTORIES = 80
CODEC = codecs.offline()
count = EntityState._count  # the rule that a variant breaks
MONDAY = date(2026, 9, 7)
Feed = list[tuple[str, TrackFact | CreditFact]]


@pytest.fixture(autouse=True)
def small_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plays, "MAX_PLAYLISTS", 2)


def versions(random: Random, playlist_id: str, *, own: bool) -> Iterator[Playlist]:
    """Yield some versions of a playlist; with `own`, a DJ made some of the tracks."""
    tracks: set[str] = set()
    djs: set[str] = set()
    artists_before: set[str] = set()
    for version in range(1, random.randint(2, 5)):
        rows = [
            (random.choice(TRACKS[:2]), random.choice(["main", "layered", "component"]))
            for _ in range(random.randrange(4))
        ]
        line_up = random.sample(DJS[:2], random.choice([0, 1, 1, 1, 2]))
        day = random.choice([None, *(MONDAY + timedelta(days=days) for days in (0, 2, 6, 7, 14))])
        counted = random.random() < 0.85
        record = playlist(playlist_id, version, rows, line_up, day, (set(tracks), set(djs)), counted)
        if own:
            credit_dj(random, record, artists_before)
        yield record
        tracks |= {track for track, _ in rows}
        djs |= set(line_up) or {facts.NO_DJ}


def credit_dj(random: Random, record: Playlist, artists_before: set[str]) -> None:
    """Credit a DJ in some rows, and add the artists to those of earlier versions."""
    for row in record["rows"]:
        if random.random() < 0.3:
            row["claim"] = cast(Claim, claim(str(row["track_id"]), DJS[0]))
    credited = {artist for row in record["rows"] if row["claim"] for artist in row["claim"]["artist_ids"]}
    record["gone"]["artists"] = sorted(artists_before - credited)
    artists_before |= credited


def feed(random: Random, *, own: bool = False) -> Feed:
    """Return the facts of some playlists in an order that no playlist decides."""
    playlists = [record for number in range(6) for record in versions(random, f"set-{number}", own=own)]
    random.shuffle(playlists)
    return [
        (topic, fact)
        for record in playlists
        for topic, facts_of in (
            ("silver.appearances", facts.PlaylistFacts(record, "0").of_tracks()),
            ("silver.credits", facts.PlaylistFacts(record, "0").of_artists()),
        )
        for fact in facts_of
    ]


def subject(topic: str, fact: Any) -> str:
    return str(fact["track_id" if topic == "silver.appearances" else "artist_id"])


def expected_records(records: Feed) -> list[tuple[str, bytes]]:
    """Return key and bytes of the record that each fact leads to."""
    gold, encoded = UnsplitGold(), []
    offsets = {"silver.appearances": -1, "silver.credits": -1}
    for topic, fact in records:
        offset = offsets[topic] = offsets[topic] + 1
        if topic == "silver.appearances":
            value, output = gold.track(fact, offset), "gold.tracks"  # type: ignore[arg-type]
        else:
            value, output = gold.artist(fact, offset), "gold.artists"  # type: ignore[arg-type]
        encoded.append((subject(topic, fact), CODEC.encode(output, value)))
    return encoded


def start() -> StageTestDriver:
    return StageTestDriver(build(Settings(), CODEC), CODEC)


def outputs(driver: StageTestDriver) -> list[tuple[str, bytes]]:
    return [(output.key, CODEC.encode(output.topic, output.value)) for output in driver.outputs]


@pytest.mark.parametrize("seed", range(8))
def test_records_are_equal_byte_for_byte(seed: int) -> None:
    random = Random(seed)
    records = feed(random, own=seed > 3)
    driver = start()
    for topic, fact in records:
        driver.feed(topic, subject(topic, fact), fact)
        if random.random() < 0.2:
            driver.commit()
    assert outputs(driver) == expected_records(records)


@pytest.mark.parametrize("seed", range(4))
def test_entries_that_were_stored_before_they_could_be_split(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = feed(Random(seed))
    driver = start()
    monkeypatch.setattr(plays, "MAX_PLAYLISTS", 1_000)
    for number, (topic, fact) in enumerate(records):
        if number == len(records) // 2:
            driver.commit()
            monkeypatch.setattr(plays, "MAX_PLAYLISTS", 1)
        driver.feed(topic, subject(topic, fact), fact)
    assert outputs(driver) == expected_records(records)


def plan_of_all_sets(plan: Any, fact: Any, read: plays.Read) -> dict[bytes, Any]:
    """Return the plan of earlier code: an artist has an entry for each set, played as a DJ or not."""
    part = artists.SET + fact["playlist_id"].encode()
    live = fact["as_dj"] and fact["counted"]
    return {**plan(fact, read), part: artists._replace_set(fact, live, read(part))}


@pytest.mark.parametrize("seed", range(4))
def test_entries_of_sets_that_the_artist_never_played(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Earlier code stored them. They are read as before, and no new ones are stored."""
    records = feed(Random(seed), own=True)
    driver = start()
    with monkeypatch.context() as earlier:
        earlier.setattr(artists, "_plan", partial(plan_of_all_sets, artists._plan))
        for topic, fact in records[: len(records) // 2]:
            driver.feed(topic, subject(topic, fact), fact)
        driver.commit()
    stored = sets_of(driver, "maker-9")
    assert stored
    for topic, fact in records[len(records) // 2 :]:
        driver.feed(topic, subject(topic, fact), fact)
    assert outputs(driver) == expected_records(records)
    assert sets_of(driver, "maker-9") == stored
    assert sets_of(driver, DJS[0])


def sets_of(driver: StageTestDriver, artist_id: str) -> list[bytes]:
    """Return the keys of the entries of sets that the artist played as a DJ."""
    stage = driver._stage
    store = next(table for table in stage.tables.values() if table.name == "artists").stores[0]
    return [key for key, _ in store.scan(entry_key(artist_id.encode(), artists.SET))]


def test_late_facts_that_find_no_newer_ones_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artists, "_is_older", lambda fact, djs, read: False)
    assert some_history_is_wrong()


def some_history_is_wrong(count: int = HISTORIES, *, own: bool = False) -> bool:
    """Return True if a history with crashes ends with other records than an undisturbed one."""
    return any(is_wrong(Random(seed), own=own) for seed in range(count))


def is_wrong(random: Random, *, own: bool = False) -> bool:
    records = feed(random, own=own)
    driver = start()
    for topic, fact in records:
        driver.feed(topic, subject(topic, fact), fact)
        chance = random.random()
        if chance < 0.06:
            driver.commit()
        elif chance < 0.15:
            driver.crash(keep=random.randrange(60))
            if random.random() < 0.7:
                driver.redeliver(random.choice)
    driver.redeliver(random.choice)
    driver.commit()
    newest = dict(outputs(driver))
    return newest != dict(expected_records(records))


def test_records_are_equal_after_crashes() -> None:
    assert not some_history_is_wrong()
    assert not some_history_is_wrong(HISTORIES // 2, own=True)


@pytest.mark.soak
def test_records_are_equal_after_crashes_in_very_many_histories() -> None:
    assert not some_history_is_wrong(10_000)
    assert not some_history_is_wrong(10_000, own=True)


def test_entries_in_the_order_of_first_writes_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Table, "move_to_end", lambda table, key: None)
    assert some_history_is_wrong()


def test_a_split_that_is_written_before_its_playlists_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plays.plan
    monkeypatch.setattr(plays, "plan", lambda *arguments: dict(reversed(plan(*arguments).items())))
    assert some_history_is_wrong()


def test_subtotals_without_offsets_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntityState, "_count", count_redeliveries_again)
    assert some_history_is_wrong()


def count_redeliveries_again(state: Any, name: bytes, record: Any, pending: Any, differences: Any) -> None:
    new = SimpleNamespace(source=record.source, offset=1 << 40)
    count(state, name, new, pending, differences)  # type: ignore[arg-type]


def test_facts_of_another_version_of_the_topic_are_counted() -> None:
    """The offsets of a new version of the application of facts begin again at 0, with gold's state kept."""
    before = start()
    for number in range(20):
        before.feed("silver.appearances", TRACKS[0], fact_of(number, version=1, track=TRACKS[0]))
    before.commit()
    stage = build(Settings(silver_version=2), CODEC)
    after = StageTestDriver(stage, CODEC)
    for name, table in stage.tables.items():
        stored = before._stage.tables[name].stores[0].database
        assert isinstance(stored, MemoryDatabase)
        table.stores[0].database.write(stored.content.items())
    for number in range(20):
        after.feed("silver.appearances", TRACKS[0], fact_of(number, version=2, track=None))
    counts = after.outputs[-1].value
    assert (counts["play_count"], counts["support_days"]) == (0, [])


def fact_of(number: int, *, version: int, track: str | None) -> TrackFact:
    """Return the fact about the first track in a version of a set that contains `track`, or no track."""
    rows, gone = ([(track, "main")], set()) if track else ([], {TRACKS[0]})
    day = MONDAY + timedelta(days=7 * number)
    record = playlist(f"set-{number}", version, rows, [DJS[0]], day, (gone, set()), True)
    return next(
        fact for fact in facts.PlaylistFacts(record, "0").of_tracks() if fact["track_id"] == TRACKS[0]
    )
