"""Score against the truth: precision and recall of tracks, appearances, people and links."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from demo.sets import DemoRow
from demo.world import tellings
from demo.world.people import plain
from demo.world.tellings import Telling
from demo.world.truth import TrueSet, recording
from demo.world.world import World

RowKey = tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A playlist of the pipeline. `tracks` by place of the row; names as it shows them."""

    set_id: str
    event_id: str | None
    djs: Sequence[str]
    tracks: Mapping[int, str]
    artists: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """So many right of so many given by the pipeline and so many that are true."""

    name: str
    right: int
    given: int
    true: int

    @property
    def precision(self) -> float | None:
        """Right of those given; None where none was given."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """Right of those that are true; None where there are none."""
        return self.right / self.true if self.true else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Expected results: the recording of every row that names one, by playlist and place; who played and
    who made it; which playlists are one set; which belongs to which listed event."""

    recordings: Mapping[RowKey, str]
    artists: Mapping[RowKey, frozenset[str]]
    djs: Mapping[str, frozenset[str]]
    sets: Mapping[str, int]
    events: Mapping[str, str]


def of_world(world: World, edition: int) -> Truth:
    """Return the truth of a whole world, as its sites are in an edition."""
    return truth(((telling, world.set(telling.number)) for telling in tellings.all_of(world)), edition)


def truth(told: Iterable[tuple[Telling, TrueSet]], edition: int) -> Truth:
    """Return the truth of some tellings, as they are in an edition of the world."""
    recordings: dict[RowKey, str] = {}
    artists: dict[RowKey, frozenset[str]] = {}
    djs: dict[str, frozenset[str]] = {}
    sets: dict[str, int] = {}
    events: dict[str, str] = {}
    for telling, true in told:
        playlist = telling.playlist_id
        rows = telling.rows(edition)
        named = {place: name for place, name in enumerate(map(recording, rows)) if name}
        recordings |= {(playlist, place): name for place, name in named.items()}
        artists |= {(playlist, place): _makers(rows[place]) for place in named}
        djs[playlist] = frozenset(map(plain, true.djs))
        sets[playlist] = true.number
        if true.happening and true.happening.listed:
            events[playlist] = f"ra:{true.happening.native_id}"
    return Truth(recordings=recordings, artists=artists, djs=djs, sets=sets, events=events)


def _makers(row: DemoRow) -> frozenset[str]:
    tracks = [track for track in (row.track, *row.parts) if track]
    return frozenset(plain(name) for track in tracks for name in track.artists)


def score(true: Truth, playlists: Mapping[str, Told]) -> list[Measure]:
    """Return all measures. Playlists of other worlds are left out."""
    playlists = {playlist: facts for playlist, facts in playlists.items() if playlist in true.djs}
    track_of = {(p, place): track for p, facts in playlists.items() for place, track in facts.tracks.items()}
    of_recording = matched(true.recordings, track_of)
    return [
        Measure(
            name="tracks",
            right=len(of_recording),
            given=len(set(track_of.values())),
            true=len(set(true.recordings.values())),
        ),
        Measure(
            name="appearances",
            right=sum(
                row in track_of and track_of[row] == of_recording.get(named)
                for row, named in true.recordings.items()
            ),
            given=len(track_of),
            true=len(true.recordings),
        ),
        _overlap(
            "DJs",
            {(playlist, plain(name)) for playlist, facts in playlists.items() for name in facts.djs},
            {(playlist, name) for playlist, names in true.djs.items() for name in names},
        ),
        _overlap(
            "artists",
            {
                (playlist, place, plain(name))
                for playlist, facts in playlists.items()
                for place, names in facts.artists.items()
                for name in names
            },
            {(*row, name) for row, names in true.artists.items() for name in names},
        ),
        _overlap(
            "same sets",
            _pairs({playlist: facts.set_id for playlist, facts in playlists.items()}),
            _pairs(true.sets),
        ),
        _overlap(
            "events",
            {(playlist, facts.event_id) for playlist, facts in playlists.items() if facts.event_id},
            set(true.events.items()),
        ),
    ]


def matched(true: Mapping[RowKey, str], given: Mapping[RowKey, str]) -> dict[str, str]:
    """Return the track id of every recording that has one of its own.

    A track belongs to the recording that most of its rows name, a recording to the track that has most of its
    rows: so of a recording in two tracks only one is right, and of two recordings in one track only one. Ties
    go to the smaller id.
    """
    together = Counter((named, given[row]) for row, named in true.items() if row in given)
    ordered = sorted(together.items(), key=lambda each: (-each[1], each[0]))
    best_track: dict[str, str] = {}
    best_recording: dict[str, str] = {}
    for (named, track), _ in ordered:
        best_track.setdefault(named, track)
        best_recording.setdefault(track, named)
    return {named: track for named, track in best_track.items() if best_recording[track] == named}


def _overlap(name: str, given: set[T], true: set[T]) -> Measure:
    return Measure(name=name, right=len(given & true), given=len(given), true=len(true))


def _pairs(groups: Mapping[str, T]) -> set[tuple[str, str]]:
    """All pairs of playlists in one group, the smaller id first."""
    members: dict[T, list[str]] = {}
    for playlist, group in groups.items():
        members.setdefault(group, []).append(playlist)
    return {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}
