"""What is fed to pipelines that are to be compared: pages that change, values by hand, merges and splits."""

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
class Given:
    """One record of bronze, or a resolution where the resolver would send it."""

    topic: str
    key: str
    value: Mapping[str, Any]


Script = Sequence[Given]


def write(seed: int, *, pages: int, savings: int) -> Script:
    """All savings of a world's pages, with overrides and resolutions among them.

    Some of those are withdrawn later in the script, some stand at its end.
    """
    made = changing_pages.make(seed, pages=pages, savings=savings)
    random = Random(seed)
    saved = [Given(topic="bronze.pages", key=page["page_id"], value=page) for page in made.pages]
    others = [*_overrides(random, made), *_resolutions(random, made)]
    places = sorted(random.sample(range(len(saved) + len(others)), len(others)))
    rest, more = iter(saved), iter(others)
    chosen = set(places)
    return [next(more) if place in chosen else next(rest) for place in range(len(saved) + len(others))]


def shuffled(script: Script, random: Random) -> Script:
    """The same pages in another order; decisions and resolutions keep theirs, for it has a meaning."""
    places = [place for place, given in enumerate(script) if given.topic == "bronze.pages"]
    pages = iter(random.sample([script[place] for place in places], len(places)))
    return [next(pages) if given.topic == "bronze.pages" else given for given in script]


def parts(script: Script, count: int) -> list[Script]:
    """The script in so many parts of about one size, in order."""
    size, more = divmod(len(script), count)
    starts = [part * size + min(part, more) for part in range(count + 1)]
    return [script[begin:end] for begin, end in pairwise(starts)]


def _tracks(made: World) -> list[tuple[str, str]]:
    """(playlist, track) of the first saving of each page, in the order of pages and rows."""
    found = []
    for history in made.histories:
        tracklist = changing_pages.tracklist_of(history[0])
        rows = read_rows(tracklist["playlist_id"], tracklist["rows"], {})
        found += [(tracklist["playlist_id"], row["track_id"]) for row in rows if row["track_id"]]
    return found


def _overrides(random: Random, made: World) -> Iterator[Given]:
    tracks = sorted({track for _, track in _tracks(made)})
    for number, track in enumerate(random.sample(tracks, min(8, len(tracks)))):
        at = FIRST + timedelta(minutes=number)
        values: list[tuple[str, str | None]] = [("bpm", f"{random.randint(90, 150)}.5")]
        values += [("bpm", None)] if number % 4 == 0 else [("energy", "0.7")]
        for later, (field, value) in enumerate(values):
            decision = changing_pages.override(track, field, value, at + timedelta(hours=later))
            yield Given(topic="bronze.decisions", key=track, value=decision)


def _resolutions(random: Random, made: World) -> Iterator[Given]:
    """Merges of two tracks wherever one stands; every second one is taken back; one set does not count."""
    places = _tracks(made)
    tracks = sorted({track for _, track in places})
    merges = [random.sample(tracks, 2) for _ in range(6)]
    per_set: dict[str, dict[str, str]] = {}
    for merged, canonical in merges:
        for playlist in sorted({playlist for playlist, track in places if track == merged}):
            per_set.setdefault(playlist, {})[merged] = canonical
    for playlist, mapping in per_set.items():
        yield _given(playlist, mapping)
    for playlist in list(per_set)[::2]:
        yield _given(playlist, {})
    yield _given(places[0][0], {}, counted=False)


def _given(playlist: str, mapping: dict[str, str], *, counted: bool = True) -> Given:
    value = changing_pages.resolution(playlist, mapping, counted=counted)
    return Given(topic="silver.resolutions", key=playlist, value=value)
