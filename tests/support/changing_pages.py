"""Changing pages: invented sets whose pages are saved several times, with all kinds of changes.

Between two savings of a page a track is revealed or hidden, a row is removed or repeated, the line-up or the
date is corrected, an older state returns, or nothing changes but the view counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from demo import markup, names, sets
from demo.sets import DemoRow, DemoSet
from producers import saved, sources
from producers.saved import Saved
from producers.sources.page import Material
from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.records import Decision, Page, Resolution, Tracklist

AS_OF = date(2026, 3, 1)
"""WorldState day of the invented world: fixed, so that a seed always gives the same world."""
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`histories` has the savings of each page, oldest first."""

    histories: tuple[tuple[Page, ...], ...]

    @property
    def pages(self) -> list[Page]:
        """All savings, round by round: the first of every page, then the second, ..."""
        longest = max(map(len, self.histories))
        return [history[i] for i in range(longest) for history in self.histories if i < len(history)]


def make(seed: int, *, pages: int, savings: int) -> World:
    """Build a world of `pages` pages saved `savings` times each. The same seed yields the same bytes."""
    random = Random(seed)
    first = {
        page.native_id: page for page in sets.build_sets(AS_OF, seed)
    }  # of a page saved twice the second
    chosen = random.sample(sorted(first), pages)
    return World(
        histories=tuple(
            tuple(page_record(state) for state in _history(random, first[native], savings))
            for native in chosen
        )
    )


def page_record(state: DemoSet) -> Page:
    """Return the record of `bronze.pages` that `ingest` would publish for this page."""
    return page_of(markup.render(state).encode(), state.fetched_at)


def page_of(body: bytes, fetched_at: datetime) -> Page:
    """Return the record that `ingest` would publish for a page that contains its address."""
    material = Material(body, content_type=HTML)
    page_ref = sources.recognise(material)
    assert page_ref is not None
    saved_page = Saved(
        path=Path("page.html"),
        body=body,
        url=page_ref.url,
        fetched_at=fetched_at,
        explicit=True,
        status=200,
        headers={"content-type": HTML},
    )
    return saved.page(saved_page, material, page_ref)


def override(track_id: str, field: str, value: str | None, decided_at: datetime) -> Decision:
    """Return an override, or its withdrawal if `value` is None."""
    decision_id = ids.event_id("override", track_id, field)
    return {
        "event_id": ids.event_id(decision_id, decided_at.isoformat(), value or ""),
        "source": "operator",
        "observed_at": decided_at,
        "origin": {"kind": "decision", "id": decision_id, "parser_version": None},
        "pipeline_version": __version__,
        "decision_id": decision_id,
        "subject_id": track_id,
        "kind": "override",
        "field": field,
        "value": value,
        "other_id": None,
        "reason": "a test",
        "author": "tests",
        "decided_at": decided_at,
        "withdrawn": value is None,
    }


def resolution(playlist_id: str, tracks: dict[str, str], *, counted: bool = True) -> Resolution:
    """Return a resolution as the resolver would send it."""
    return {
        "event_id": ids.event_id("resolution", playlist_id, ids.canonical_json(tracks), str(counted)),
        "source": "resolver",
        "observed_at": datetime(2026, 2, 1, tzinfo=UTC),
        "origin": {"kind": "record", "id": playlist_id, "parser_version": None},
        "pipeline_version": __version__,
        "playlist_id": playlist_id,
        "tracks": tracks,
        "set_id": None,
        "counted": counted,
        "ra_event_id": None,
    }


def tracklist_of(page: Page) -> Tracklist:
    """Parse a page."""
    (output,) = sources.parse(page)
    return output.record  # type: ignore[return-value]


def _history(random: Random, first: DemoSet, savings: int) -> list[DemoSet]:
    states = [replace(first, version=1)]
    for version in range(2, savings + 1):
        change = random.choice(CHANGES)
        later = states[-1].fetched_at + timedelta(hours=random.randint(1, 90))
        states.append(replace(change(random, states), version=version, fetched_at=later))
    return states


def _nothing(_random: Random, states: Sequence[DemoSet]) -> DemoSet:
    """View counts move with the version."""
    return states[-1]


def _back(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    return random.choice(states)


def _hide_or_reveal(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    def other(row: DemoRow) -> DemoRow:
        return replace(row, state="identified" if row.state == "unidentified" else "unidentified")

    return _one_row(random, states[-1], lambda row: [other(row)])


def _drop(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    return _one_row(random, states[-1], lambda row: [])


def _play_again(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    def twice(row: DemoRow) -> list[DemoRow]:
        return [row, replace(row, row_id=row.row_id + 1_000_000 * random.randint(1, 900), cue=None)]

    return _one_row(random, states[-1], twice)


def _other_line_up(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    djs = random.sample(names.DJS, random.choice((0, 1, 1, 2, 3)))
    return replace(states[-1], djs=tuple(djs))


def _other_day(random: Random, states: Sequence[DemoSet]) -> DemoSet:
    return replace(states[-1], day=states[-1].day - timedelta(days=random.randint(1, 40)))


CHANGES: tuple[Callable[[Random, Sequence[DemoSet]], DemoSet], ...] = (
    _nothing,
    _back,
    _hide_or_reveal,
    _hide_or_reveal,
    _drop,
    _play_again,
    _other_line_up,
    _other_day,
)


def _one_row(random: Random, state: DemoSet, change: Callable[[DemoRow], list[DemoRow]]) -> DemoSet:
    """Return the set with one of its plain rows changed; at least one row is left."""
    plain = [
        place
        for place, row in enumerate(state.rows)
        if row.number is not None and not row.parts and row.track is not None
    ]
    if len(plain) < 3:
        return state
    place = random.choice(plain)
    rows = [*state.rows[:place], *change(state.rows[place]), *state.rows[place + 1 :]]
    return replace(state, rows=tuple(rows))
