"""Silence in drawn histories: outputs left out because they show nothing new are missed by no consumer.

Each history runs twice, once with every output produced. Records arrive while a stage is down, topics
interleave in another way after each crash, and records of other keys make offsets, and with them versions,
advance unevenly. A consumer that keeps the highest version per key must end with the same content.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from songnodes.domain import facts
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime.stage import Stage
from stream_processors.runtime.testing import Emitted, StageTestDriver
from tests.support import changing_pages, codecs, sample_records
from tests.support.set_builders import build_tracklist, track

SEEDS = st.integers(0, 2**32 - 1)
SET, OTHER_SET = "mixcloud:ada/cellar", "mixcloud:bo/roof"
STROBE, RAJ, OPUS = "Deadmau5 - Strobe", "Deadmau5 - Raj", "Eric Prydz - Opus"
TRACK, OTHER_TRACK = "ada-one", "bo-two"
EXAMPLES = 30  # histories per law
STEPS = 25  # per history
MAX_FILLERS = 30  # records of another key in a row
#: Fields that name the record an output was made of, or the record itself.
IDENTITY = {"version", "event_id", "origin", "pipeline_version", "playlist_version"}

#: Fields that may differ between two correct runs: retracted names, and the time of an observation with equal
#: content, which is stored and emitted with the next change.
MAY_DIFFER = {"gone", "djs_gone", "observed_at"}

Input = tuple[str, str, Mapping[str, Any]]
"""Topic, key and value of a record."""
Identity = tuple[str, str, str | None]
"""Topic, key and, of a fact, its playlist."""
Draw = Callable[[Random, int], Input]
"""Draws the next record of a history; the number of records drawn before it orders observations."""


class Paused(Exception):
    """The history continues before all records are handled"""


class PausingDriver(StageTestDriver):
    """Handles records only when `advance` is called."""

    is_paused = True

    def redeliver(self, *arguments: Any, **options: Any) -> list[Emitted]:
        return [] if self.is_paused else super().redeliver(*arguments, **options)

    def advance(self, random: Random, count: int | None = None) -> None:
        """Handle so many records, or all, of topics chosen at random."""
        left = count

        def choose(waiting: Sequence[str]) -> str:
            nonlocal left
            if left == 0:
                raise Paused
            left = None if left is None else left - 1
            return random.choice(waiting)

        self.is_paused = False
        try:
            self.redeliver(choose)
        except Paused:
            pass
        finally:
            self.is_paused = True


def playlist_input(random: Random, number: int) -> Input:
    """Draw a page of a set, or a resolution of its tracks."""
    if random.random() < 0.5:
        rows = random.choice([[STROBE], [STROBE, RAJ], [RAJ, OPUS]])
        return (
            "bronze.tracklists",
            SET,
            build_tracklist(SET, rows, djs=random.choice([["Ada"], ["Bo"]]), hours=number),
        )
    tracks: dict[str, str] = random.choice([{}, {track(OPUS): track(RAJ)}, {track(STROBE): track(RAJ)}])
    return "silver.resolutions", SET, changing_pages.resolution(SET, tracks)


def playlist_filler(random: Random, number: int) -> Input:
    """Draw a record of another set, which has no playlist."""
    return "silver.resolutions", OTHER_SET, changing_pages.resolution(OTHER_SET, {})


def fact_of(playlist: Any) -> Input:
    """Return the fact about the only track of a playlist."""
    (fact,) = facts.PlaylistFacts(playlist, "0").of_tracks()
    return "silver.appearances", TRACK, fact


def track_input(random: Random, number: int) -> Input:
    """Draw a fact of one of two sets about a track, or its silver record."""
    if random.random() < 0.5:
        rows = [sample_records.playlist_row(1, TRACK)] * random.randint(0, 1)
        gone = {"tracks": [TRACK], "artists": [], "djs": []}
        playlist: Any = sample_records.playlist(f"m:{random.randint(1, 2)}", number + 1, *rows, gone=gone)
        return fact_of(playlist)
    return "silver.tracks", TRACK, sample_records.track(TRACK, number + 1, label=random.choice(["a", "b"]))


def track_filler(random: Random, number: int) -> Input:
    """Draw the silver record of another track."""
    return "silver.tracks", OTHER_TRACK, sample_records.track(OTHER_TRACK, number + 1)


@cache
def codec() -> Codec:
    return codecs.offline()


def build(name: str, *, always_emits: bool) -> PausingDriver:
    """Return the driver of a stage; with `always_emits` of one that is never silent."""
    stage: Stage = import_module(f"stream_processors.{name}").build(Settings(), codec())
    if always_emits:
        emit = stage.emit

        def emit_always(topic: str, key: str, value: Any, *, part: str = "", **_: Any) -> None:
            emit(topic, key, value, part=part)

        stage.emit = emit_always  # type: ignore[method-assign]
    return PausingDriver(stage, codec())


def run(name: str, seed: int, record: Draw, filler: Draw, *, always_emits: bool = False) -> PausingDriver:
    """Run a history of a stage and return its driver, with all outputs in their order."""
    random = Random(seed)
    driver = build(name, always_emits=always_emits)
    drawn = 0
    for _ in range(STEPS):
        action = random.random()
        if action < 0.45:
            driver.feed(*record(random, drawn))
            drawn += 1
        elif action < 0.6:
            for _ in range(random.randint(1, MAX_FILLERS)):
                driver.feed(*filler(random, drawn))
                drawn += 1
        elif action < 0.8:
            driver.advance(random, random.randint(1, 6))
        elif action < 0.87:
            driver.commit()
        else:
            driver.crash(random.choice([0, 0, 1, 2, 5]))
    driver.advance(random)
    driver.commit()
    assert not driver.dead_letters
    return driver


def kept(driver: StageTestDriver) -> dict[Identity, dict[str, Any]]:
    """Return what a consumer keeps: per key the content of the highest version, of equal ones the last."""
    newest: dict[Identity, tuple[int, dict[str, Any]]] = {}
    for output in driver.outputs:
        value = output.value
        identity = (output.topic, output.key, value.get("playlist_id"))
        version = value.get("version", 0)
        if identity not in newest or version >= newest[identity][0]:
            newest[identity] = version, {name: value[name] for name in value.keys() - IDENTITY}
    return {identity: content for identity, (_, content) in newest.items()}


def live(driver: StageTestDriver) -> dict[Identity, dict[str, Any]]:
    """Return what a consumer keeps, without retractions: crashes may retract names that were not emitted."""
    return {
        identity: {name: value for name, value in content.items() if name not in MAY_DIFFER}
        for identity, content in kept(driver).items()
        if content.get("gone") is not True
    }


def check(name: str, seed: int, record: Draw, filler: Draw) -> None:
    """Compare a history with one that emits everything, and with a state that is emitted once at its end."""
    driver = run(name, seed, record, filler)
    assert kept(driver) == kept(run(name, seed, record, filler, always_emits=True))
    before = live(driver)
    driver.rewind()  # each entity is emitted from its state
    driver.advance(Random(seed))
    assert live(driver) == before


@hypothesis_settings(max_examples=EXAMPLES, deadline=None)
@given(seed=SEEDS)
def test_no_consumer_misses_facts_left_out(seed: int) -> None:
    check("silver", seed, playlist_input, playlist_filler)


@hypothesis_settings(max_examples=EXAMPLES, deadline=None)
@given(seed=SEEDS)
def test_no_consumer_misses_counts_left_out(seed: int) -> None:
    check("gold", seed, track_input, track_filler)


def test_something_is_left_out() -> None:
    """The histories have silence: otherwise they show nothing."""
    for name, record, filler in (
        ("silver", playlist_input, playlist_filler),
        ("gold", track_input, track_filler),
    ):
        silent = sum(len(run(name, seed, record, filler).outputs) for seed in range(5))
        everything = sum(len(run(name, seed, record, filler, always_emits=True).outputs) for seed in range(5))
        assert silent < everything


def test_an_output_with_a_lower_version_is_no_reason_for_silence() -> None:
    """A crashed owner emitted at a high offset of one topic; a record of the other topic is read first."""
    driver = build("gold", always_emits=False)

    def fact(playlist_id: str) -> Input:
        playlist: Any = sample_records.playlist(playlist_id, 1, sample_records.playlist_row(1, TRACK))
        return fact_of(playlist)

    driver.feed(*fact("m:1"))
    driver.feed("silver.tracks", TRACK, sample_records.track(TRACK, 1))
    for number in range(MAX_FILLERS):
        driver.feed(*track_filler(Random(0), number))
    driver.advance(Random(0))
    driver.commit()
    driver.crash()
    driver.feed("silver.tracks", TRACK, sample_records.track(TRACK, 2))
    driver.advance(Random(0))
    driver.crash()
    driver.feed(*fact("m:2"))
    driver.is_paused = False
    driver.redeliver(lambda waiting: min(waiting))  # silver.appearances before silver.tracks
    (counts,) = (content for (topic, key, _), content in kept(driver).items() if key == TRACK)
    assert counts["play_count"] == 2
