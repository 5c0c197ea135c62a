"""Scenarios for pipelines that are compared: changing pages, overrides, merges and splits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from songnodes.domain.rows import read_rows
from tests.support import changing_pages
from tests.support.changing_pages import World

FIRST = datetime(2026, 2, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRecord:
    """One record of bronze, or a resolution in place of the resolver's."""

    topic: str
    key: str
    value: Mapping[str, Any]


Scenario = Sequence[ScenarioRecord]


def write(seed: int, *, pages: int, savings: int) -> Scenario:
    """Return all savings of a world's pages, mixed with overrides and resolutions.

    Some of these are withdrawn later in the scenario, others are in effect at its end.
    """
    world = changing_pages.make(seed, pages=pages, savings=savings)
    random = Random(seed)
    saved = [ScenarioRecord(topic="bronze.pages", key=page["page_id"], value=page) for page in world.pages]
    decisions = [*_overrides(random, world), *_resolutions(random, world)]
    decision_places = set(random.sample(range(len(saved) + len(decisions)), len(decisions)))
    remaining_pages, remaining_decisions = iter(saved), iter(decisions)
    return [
        next(remaining_decisions) if place in decision_places else next(remaining_pages)
        for place in range(len(saved) + len(decisions))
    ]


def shuffled(scenario: Scenario, random: Random) -> Scenario:
    """Return the same pages in another order; decisions and resolutions keep theirs, which is significant."""
    places = [place for place, record in enumerate(scenario) if record.topic == "bronze.pages"]
    pages = iter(random.sample([scenario[place] for place in places], len(places)))
    return [next(pages) if record.topic == "bronze.pages" else record for record in scenario]


def parts(scenario: Scenario, count: int) -> list[Scenario]:
    """Split a scenario into `count` parts of similar size, in order."""
    size, more = divmod(len(scenario), count)
    starts = [part * size + min(part, more) for part in range(count + 1)]
    return [scenario[begin:end] for begin, end in pairwise(starts)]


def _tracks(world: World) -> list[tuple[str, str]]:
    """Return (playlist, track) of the first saving of each page, in the order of pages and rows."""
    result = []
    for history in world.histories:
        tracklist = changing_pages.tracklist_of(history[0])
        rows = read_rows(tracklist["playlist_id"], tracklist["rows"], {})
        result += [(tracklist["playlist_id"], row["track_id"]) for row in rows if row["track_id"]]
    return result


def _overrides(random: Random, world: World) -> Iterator[ScenarioRecord]:
    tracks = sorted({track for _, track in _tracks(world)})
    for number, track in enumerate(random.sample(tracks, min(8, len(tracks)))):
        at = FIRST + timedelta(minutes=number)
        values: list[tuple[str, str | None]] = [("bpm", f"{random.randint(90, 150)}.5")]
        values += [("bpm", None)] if number % 4 == 0 else [("energy", "0.7")]
        for later, (field, value) in enumerate(values):
            decision = changing_pages.override(track, field, value, at + timedelta(hours=later))
            yield ScenarioRecord(topic="bronze.decisions", key=track, value=decision)


def _resolutions(random: Random, world: World) -> Iterator[ScenarioRecord]:
    """Yield merges of two tracks; every second one is withdrawn, and one set is not counted."""
    places = _tracks(world)
    tracks = sorted({track for _, track in places})
    merges = [random.sample(tracks, 2) for _ in range(6)]
    per_set: dict[str, dict[str, str]] = {}
    for merged, canonical in merges:
        for playlist in sorted({playlist for playlist, track in places if track == merged}):
            per_set.setdefault(playlist, {})[merged] = canonical
    for playlist, mapping in per_set.items():
        yield _resolution_record(playlist, mapping)
    for playlist in list(per_set)[::2]:
        yield _resolution_record(playlist, {})
    yield _resolution_record(places[0][0], {}, counted=False)


def _resolution_record(playlist: str, mapping: dict[str, str], *, counted: bool = True) -> ScenarioRecord:
    value = changing_pages.resolution(playlist, mapping, counted=counted)
    return ScenarioRecord(topic="silver.resolutions", key=playlist, value=value)
