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
    Envelope,
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


class PlaylistFacts:
    """The facts of one playlist. What they have in common is in one fact of each kind, which is copied."""

    def __init__(self, playlist: Playlist, pipeline_version: str) -> None:
        self._playlist = playlist
        self._rows = _rows_by_track(playlist)
        self._djs = _Djs.of(playlist)
        self._envelope: Envelope = {
            "event_id": "",
            "source": playlist["source"],
            "observed_at": playlist["observed_at"],
            "origin": {
                "kind": "record",
                "id": playlist["event_id"],
                "parser_version": playlist["origin"]["parser_version"],
            },
            "pipeline_version": pipeline_version,
        }

    def of_tracks(self) -> Iterator[TrackFact]:
        """Yield those of tracks, in the order of ids."""
        common, event_id, own_djs = self._gone_track(), self._playlist["event_id"], self._djs.live
        for track_id in sorted(self._rows.keys() | set(self._playlist["gone"]["tracks"])):
            fact = common.copy()
            fact["event_id"] = ids.event_id("appearance", track_id, event_id)
            fact["track_id"] = track_id
            if rows := self._rows.get(track_id):
                makers = {maker for row in rows for maker in _makers(row["claim"])}
                fact["gone"] = False
                fact["djs_live"], fact["djs_gone"] = self._djs.live, self._djs.gone
                fact["own_djs"] = [dj for dj in own_djs if dj in makers]
                fact["claim_id"], fact["claim"] = rows[0]["claim_id"], rows[0]["claim"]
                fact["appearances"] = [_appearance(row) for row in rows]
            yield fact

    def of_artists(self) -> Iterator[CreditFact]:
        """Yield those of artists, in the order of ids."""
        common, event_id = self._gone_artist(), self._playlist["event_id"]
        tracks, names = _credits(self._rows)
        gone, djs = self._playlist["gone"], {dj["artist_id"]: dj for dj in self._playlist["djs"]}
        for artist_id in sorted(tracks.keys() | djs.keys() | set(gone["artists"]) | {*gone["djs"]} - {NO_DJ}):
            fact = common.copy()
            fact["event_id"] = ids.event_id("credit", artist_id, event_id)
            fact["artist_id"] = artist_id
            if credited_tracks := tracks.get(artist_id):
                fact["gone"], fact["name"], fact["tracks"] = False, names[artist_id], credited_tracks
                fact["djs_live"], fact["djs_gone"] = self._djs.live, self._djs.gone
            if dj := djs.get(artist_id):
                fact["gone"], fact["as_dj"] = False, True
                fact["name"], fact["native_id"] = dj["name"], dj["native_id"]
            yield fact

    def _gone_track(self) -> TrackFact:
        """Return the fact of a track that only earlier versions had, without its id."""
        playlist, (day, precision) = self._playlist, dated(self._playlist)
        return {
            **self._envelope,
            "track_id": "",
            "playlist_id": playlist["playlist_id"],
            "version": playlist["version"],
            "gone": True,
            "djs_live": [],
            "djs_gone": self._djs.ever,
            "own_djs": [],
            "set_date": day,
            "set_date_precision": precision,
            "set_id": playlist["set_id"],
            "counted": playlist["counted"],
            "mix_name": playlist["mix_name"] or playlist["title"],
            "claim_id": None,
            "claim": None,
            "appearances": [],
        }

    def _gone_artist(self) -> CreditFact:
        """Return the fact of an artist that only earlier versions had, without its id."""
        playlist, (day, precision) = self._playlist, dated(self._playlist)
        return {
            **self._envelope,
            "artist_id": "",
            "playlist_id": playlist["playlist_id"],
            "version": playlist["version"],
            "gone": True,
            "name": None,
            "native_id": None,
            "as_dj": False,
            "tracks": [],
            "djs_live": [],
            "djs_gone": self._djs.ever,
            "set_date": day,
            "set_date_precision": precision,
            "set_id": playlist["set_id"],
            "counted": playlist["counted"],
            "genres": playlist["genres"],
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
            for role, artist_ids, artist_names in _credited(row["claim"]):
                # not strict: a record that another program wrote can have more ids than names
                for artist_id, name in zip(artist_ids, artist_names, strict=False):
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


def _credited(claim: Claim | None) -> Iterable[tuple[str, list[str], list[str]]]:
    """Return ids and names of the artists of a claim by role, the first role of an artist first."""
    if claim is None:
        return ()
    return (
        ("main", claim["artist_ids"], claim["artist_names"]),
        ("remixer", claim["version_artist_ids"], claim["version_artists"]),
        ("featured", claim["featured_ids"], claim["featured"]),
    )
