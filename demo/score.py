"""Score against the truth: precision and recall of tracks, appearances, people and links."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from demo.sets import DemoRow
from demo.world import site_playlists
from demo.world.people import normalize
from demo.world.site_playlists import SitePlaylist
from demo.world.truth import TrueSet, recording
from demo.world.world import World

RowKey = tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinePlaylist:
    """A playlist in the pipeline's tables. `tracks` by index of the row; names as stored."""

    set_id: str
    event_id: str | None
    djs: Sequence[str]
    tracks: Mapping[int, str]
    artists: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Correct results of those that the pipeline returned and of those expected."""

    name: str
    correct: int
    returned: int
    expected: int

    @property
    def precision(self) -> float | None:
        """Share of correct among returned results; None where none was returned."""
        return self.correct / self.returned if self.returned else None

    @property
    def recall(self) -> float | None:
        """Share of correct among expected results; None where none is expected."""
        return self.correct / self.expected if self.expected else None


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
    return truth(
        (
            (site_playlist, world.set(site_playlist.number))
            for site_playlist in site_playlists.of_world(world)
        ),
        edition,
    )


def truth(pairs: Iterable[tuple[SitePlaylist, TrueSet]], edition: int) -> Truth:
    """Return the truth of some playlists, as they are in an edition of the world."""
    recordings: dict[RowKey, str] = {}
    artists: dict[RowKey, frozenset[str]] = {}
    djs: dict[str, frozenset[str]] = {}
    sets: dict[str, int] = {}
    events: dict[str, str] = {}
    for site_playlist, true in pairs:
        playlist = site_playlist.playlist_id
        rows = site_playlist.rows(edition)
        named = {place: name for place, name in enumerate(map(recording, rows)) if name}
        recordings |= {(playlist, place): name for place, name in named.items()}
        artists |= {(playlist, place): _artist_names(rows[place]) for place in named}
        djs[playlist] = frozenset(map(normalize, true.djs))
        sets[playlist] = true.number
        if true.event and true.event.listed:
            events[playlist] = f"ra:{true.event.native_id}"
    return Truth(recordings=recordings, artists=artists, djs=djs, sets=sets, events=events)


def _artist_names(row: DemoRow) -> frozenset[str]:
    tracks = [track for track in (row.track, *row.parts) if track]
    return frozenset(normalize(name) for track in tracks for name in track.artists)


def score(true: Truth, playlists: Mapping[str, PipelinePlaylist]) -> list[Measure]:
    """Return all measures. Playlists of other worlds are left out."""
    playlists = {playlist: facts for playlist, facts in playlists.items() if playlist in true.djs}
    track_of = _track_of_row(playlists)
    track_of_recording = match_recordings(true.recordings, track_of)
    return [
        Measure(
            name="tracks",
            correct=len(track_of_recording),
            returned=len(set(track_of.values())),
            expected=len(set(true.recordings.values())),
        ),
        Measure(
            name="appearances",
            correct=sum(
                row in track_of and track_of[row] == track_of_recording.get(named)
                for row, named in true.recordings.items()
            ),
            returned=len(track_of),
            expected=len(true.recordings),
        ),
        _overlap(
            "DJs",
            {(playlist, normalize(name)) for playlist, facts in playlists.items() for name in facts.djs},
            {(playlist, name) for playlist, names in true.djs.items() for name in names},
        ),
        _overlap(
            "artists",
            {
                (playlist, place, normalize(name))
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


def tracks_of_recordings(true: Truth, playlists: Mapping[str, PipelinePlaylist]) -> dict[str, str]:
    """Return the track id of every recording that has one of its own."""
    return match_recordings(true.recordings, _track_of_row(playlists))


def _track_of_row(playlists: Mapping[str, PipelinePlaylist]) -> dict[RowKey, str]:
    return {(p, place): track for p, facts in playlists.items() for place, track in facts.tracks.items()}


def match_recordings(true: Mapping[RowKey, str], track_of: Mapping[RowKey, str]) -> dict[str, str]:
    """Return the track id of every recording that has one of its own.

    A track belongs to the recording that most of its rows name, a recording to the track that has most of its
    rows: of a recording in two tracks only one is correct, of two recordings in one track only one. Ties go
    to the smaller id.
    """
    pair_counts = Counter((named, track_of[row]) for row, named in true.items() if row in track_of)
    ordered = sorted(pair_counts.items(), key=lambda item: (-item[1], item[0]))
    best_track: dict[str, str] = {}
    best_recording: dict[str, str] = {}
    for (named, track), _ in ordered:
        best_track.setdefault(named, track)
        best_recording.setdefault(track, named)
    return {named: track for named, track in best_track.items() if best_recording[track] == named}


def _overlap(name: str, returned: set[T], expected: set[T]) -> Measure:
    return Measure(
        name=name, correct=len(returned & expected), returned=len(returned), expected=len(expected)
    )


def _pairs(groups: Mapping[str, T]) -> set[tuple[str, str]]:
    """All pairs of playlists in one group, the smaller id first."""
    members: dict[T, list[str]] = {}
    for playlist, group in groups.items():
        members.setdefault(group, []).append(playlist)
    return {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}
