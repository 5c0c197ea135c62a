"""A playlist as facts: one per track and one per artist, absolute and versioned.

A playlist record is complete in itself, so this needs no state: retracted names are in the record. A fact has
all data of the playlist about its subject; its newest version replaces all earlier ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from songnodes.domain import ids
from songnodes.domain.dates import shift
from songnodes.domain.records import (
    Appearance,
    Claim,
    CreditFact,
    CreditTrack,
    Origin,
    Playlist,
    PlaylistRow,
    TrackFact,
)

#: Placeholder of a set without a DJ: its plays are counted under it, and it supports nothing.
NO_DJ = "-"
#: A set dated further ahead of its page than this is undated for counts (docs/domain.md, section 1).
FUTURE = timedelta(days=30)

COMPONENT = "component"


def live_djs(playlist: Playlist) -> list[str]:
    """Return the ids of the line-up, sorted; `NO_DJ` alone for a set without one."""
    return sorted({dj["artist_id"] for dj in playlist["djs"]}) or [NO_DJ]


def gone_djs(playlist: Playlist) -> list[str]:
    """Return the DJs of earlier versions of the line-up only."""
    return sorted(set(playlist["gone"]["djs"]) - set(live_djs(playlist)))


class _Djs(NamedTuple):
    """Ids of the line-up, of its earlier versions only, and of both. Shared by the facts of a playlist."""

    live: list[str]
    gone: list[str]
    ever: list[str]

    @classmethod
    def of(cls, playlist: Playlist) -> "_Djs":
        live = live_djs(playlist)
        return cls(live, gone_djs(playlist), sorted({*live, *playlist["gone"]["djs"]}))


def dated(playlist: Playlist) -> tuple[date | None, str | None]:
    """Return the set's date and precision for counts; None for a date too far in the future."""
    day = playlist["set_date"]
    if day is None or day > shift(playlist["observed_at"].date(), FUTURE):
        return None, None
    return day, playlist["set_date_precision"]


def track_facts(playlist: Playlist, pipeline_version: str) -> Iterator[TrackFact]:
    """Yield the facts for every track that any version of this playlist named, in the order of ids."""
    return PlaylistFacts(playlist, pipeline_version).of_tracks()


def credit_facts(playlist: Playlist, pipeline_version: str) -> Iterator[CreditFact]:
    """Yield the facts for every artist that any version of this playlist named, as producer or as DJ."""
    return PlaylistFacts(playlist, pipeline_version).of_artists()


class PlaylistFacts:
    """The facts of one playlist, with what they have in common computed once."""

    def __init__(self, playlist: Playlist, pipeline_version: str) -> None:
        self._playlist = playlist
        self._pipeline_version = pipeline_version
        self._rows = _rows_by_track(playlist)
        self._djs = _Djs.of(playlist)
        self._day, self._precision = dated(playlist)
        self._origin: Origin = {
            "kind": "record",
            "id": playlist["event_id"],
            "parser_version": playlist["origin"]["parser_version"],
        }

    def of_tracks(self) -> Iterator[TrackFact]:
        """Yield those of tracks, in the order of ids."""
        for track_id in sorted(self._rows.keys() | set(self._playlist["gone"]["tracks"])):
            yield self._track_fact(track_id, self._rows.get(track_id, []))

    def of_artists(self) -> Iterator[CreditFact]:
        """Yield those of artists, in the order of ids."""
        playlist, (tracks, names) = self._playlist, _credits(self._rows)
        djs = {dj["artist_id"]: dj for dj in playlist["djs"]}
        gone = set(playlist["gone"]["artists"]) | (set(playlist["gone"]["djs"]) - {NO_DJ})
        for artist_id in sorted(tracks.keys() | djs.keys() | gone):
            dj, credited_tracks = djs.get(artist_id), tracks.get(artist_id)
            yield {
                "event_id": ids.event_id("credit", artist_id, playlist["event_id"]),
                "source": playlist["source"],
                "observed_at": playlist["observed_at"],
                "origin": self._origin,
                "pipeline_version": self._pipeline_version,
                "artist_id": artist_id,
                "playlist_id": playlist["playlist_id"],
                "version": playlist["version"],
                "gone": credited_tracks is None and dj is None,
                "name": dj["name"] if dj else names.get(artist_id),
                "native_id": dj["native_id"] if dj else None,
                "as_dj": dj is not None,
                "tracks": credited_tracks or [],
                "djs_live": self._djs.live if credited_tracks else [],
                "djs_gone": self._djs.gone if credited_tracks else self._djs.ever,
                "set_date": self._day,
                "set_date_precision": self._precision,
                "set_id": playlist["set_id"],
                "counted": playlist["counted"],
                "genres": playlist["genres"],
            }

    def _track_fact(self, track_id: str, rows: list[PlaylistRow]) -> TrackFact:
        playlist, djs = self._playlist, self._djs
        first = rows[0] if rows else None
        makers = {maker for row in rows for maker in _makers(row["claim"])}
        return {
            "event_id": ids.event_id("appearance", track_id, playlist["event_id"]),
            "source": playlist["source"],
            "observed_at": playlist["observed_at"],
            "origin": self._origin,
            "pipeline_version": self._pipeline_version,
            "track_id": track_id,
            "playlist_id": playlist["playlist_id"],
            "version": playlist["version"],
            "gone": not rows,
            "djs_live": djs.live if rows else [],
            "djs_gone": djs.gone if rows else djs.ever,
            "own_djs": [dj for dj in djs.live if dj in makers] if rows else [],
            "set_date": self._day,
            "set_date_precision": self._precision,
            "set_id": playlist["set_id"],
            "counted": playlist["counted"],
            "mix_name": playlist["mix_name"] or playlist["title"],
            "claim_id": first["claim_id"] if first else None,
            "claim": first["claim"] if first else None,
            "appearances": [_appearance(row) for row in rows],
        }


def _appearance(row: PlaylistRow) -> Appearance:
    return {
        "position": row["position"],
        "role": row["role"],
        "cue_seconds": row["cue_seconds"],
        "cue_text": row["cue_text"],
        "row_key": row["row_key"],
        "bronze_id": row["bronze_id"],
    }


def _rows_by_track(playlist: Playlist) -> dict[str, list[PlaylistRow]]:
    rows_by_track: dict[str, list[PlaylistRow]] = defaultdict(list)
    for row in sorted(playlist["rows"], key=lambda row: row["position"]):
        if row["track_id"] is not None:
            rows_by_track[row["track_id"]].append(row)
    return rows_by_track


def _makers(claim: Claim | None) -> Iterable[str]:
    return (*claim["artist_ids"], *claim["version_artist_ids"]) if claim else ()


def _credits(
    rows_by_track: Mapping[str, list[PlaylistRow]],
) -> tuple[dict[str, list[CreditTrack]], dict[str, str]]:
    """Return per artist the credited tracks, each once with its first role, and the first spelling."""
    tracks_by_artist: dict[str, list[CreditTrack]] = defaultdict(list)
    names: dict[str, str] = {}
    for track_id in sorted(rows_by_track):
        rows = rows_by_track[track_id]
        components = sum(row["role"] == COMPONENT for row in rows)
        plays = len(rows) - components
        roles: dict[str, str] = {}
        for row in rows:
            for artist_id, name, role in credited(row["claim"]):
                names.setdefault(artist_id, name)
                roles.setdefault(artist_id, role)
        for artist_id, role in roles.items():
            tracks_by_artist[artist_id].append(
                {"track_id": track_id, "role": role, "plays": plays, "component_plays": components}
            )
    return tracks_by_artist, names


def artists_of(claim: Claim) -> Iterable[str]:
    """Return the ids of all artists of a claim that we wrote; one may be there twice."""
    return (*claim["artist_ids"], *claim["version_artist_ids"], *claim["featured_ids"])


def credited(claim: Claim | None) -> list[tuple[str, str, str]]:
    """Return artist id, name and role of all artists of a claim; an artist has its first role only."""
    if claim is None:
        return []
    credits: dict[str, tuple[str, str, str]] = {}
    for role, artist_ids, names in (
        ("main", claim["artist_ids"], claim["artist_names"]),
        ("remixer", claim["version_artist_ids"], claim["version_artists"]),
        ("featured", claim["featured_ids"], claim["featured"]),
    ):
        # not strict: a record that another program wrote can have more ids than names
        for artist_id, name in zip(artist_ids, names, strict=False) if artist_ids else ():
            credits.setdefault(artist_id, (artist_id, name, role))
    return list(credits.values())
