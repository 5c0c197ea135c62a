"""Gold: the counts of a track or an artist, folded from facts, as records."""

from datetime import date, datetime
from typing import TypedDict

from songnodes.domain import ids, support
from songnodes.domain.facts import COMPONENT
from songnodes.domain.gold_inputs import ArtistPlays, TrackPlays, TrackValues
from songnodes.domain.records import ArtistAnalytics, DaySum, Envelope, TrackAnalytics
from songnodes.domain.support import Counts, PlaylistEntry

#: The part of an entity with its silver record; no DJ's id begins so.
SILVER_PART = "@silver"
#: Before the id of a playlist that the entity played itself, as a DJ.
DJ_PART = "@dj|"


class TrackFacts(TypedDict):
    """Fields of a silver track that gold stores."""

    version: int
    gone: bool
    track_name: str
    base_title: str
    version_family: str | None
    version_text: str | None
    version_artists: list[str]
    stem: str
    primary_artist: str
    artist_names: list[str]
    bpm: float | None
    key: int | None
    key_mode: str | None
    energy: float | None
    genres: list[str]
    release_year: int | None
    data_completeness: float
    confidence_score: float
    validation_score: float
    last_enriched: datetime | None


def track_facts(track: TrackValues) -> TrackFacts:
    """Return the fields of a silver track that gold repeats."""
    released = track["release_date"]
    return {
        "version": track["version"],
        "gone": track["gone"],
        "track_name": track["track_name"],
        "base_title": track["base_title"],
        "version_family": track["version_family"],
        "version_text": track["version_text"],
        "version_artists": track["version_artists"],
        "stem": track["stem"],
        "primary_artist": track["primary_artist"],
        "artist_names": track["artist_names"],
        "bpm": track["bpm"],
        "key": track["key"],
        "key_mode": track["key_mode"],
        "energy": track["energy"],
        "genres": track["genres"],
        "release_year": released.year if released else None,
        "data_completeness": track["data_completeness"],
        "confidence_score": track["confidence_score"],
        "validation_score": track["validation_score"],
        "last_enriched": track["last_enriched"],
    }


def track_entry(fact: TrackPlays, dj: str) -> PlaylistEntry:
    """Return the entry of this fact for one DJ's playlist; not live for DJs that it does not name as live."""
    plays, layered_only = 0, True
    for place in fact["appearances"]:
        if place["role"] != COMPONENT:
            plays += 1
            layered_only = layered_only and place["role"] != "main"
    djs, day = fact["djs_live"], fact["set_date"]
    return {
        "version": fact["version"],
        "live": fact["counted"] and dj in djs,
        "lead": bool(djs) and dj == min(djs),
        "day": support.iso_day(day) if day else None,
        "precision": fact["set_date_precision"],
        "plays": plays,
        "component_plays": len(fact["appearances"]) - plays,
        "layered_only": layered_only,
        "own": bool(fact["own_djs"]),
    }


def credit_entry(fact: ArtistPlays, dj: str) -> PlaylistEntry:
    """Return the entry of this fact for one DJ's playlist with tracks of the artist."""
    plays = component_plays = 0
    for track in fact["tracks"]:
        plays += track["plays"]
        component_plays += track["component_plays"]
    djs, day = fact["djs_live"], fact["set_date"]
    return {
        "version": fact["version"],
        "live": fact["counted"] and dj in djs,
        "lead": bool(djs) and dj == min(djs),
        "day": support.iso_day(day) if day else None,
        "precision": fact["set_date_precision"],
        "plays": plays,
        "component_plays": component_plays,
        "layered_only": False,
        "own": fact["artist_id"] in djs,
    }


def support_days(counts: Counts) -> list[DaySum]:
    """Return the evidence of trending, in the order of days."""
    return [
        {"day": date.fromisoformat(day), "weight": halves / support.HALVES}
        for day, halves in sorted(counts["support_halves"].items())
    ]


def track_analytics(
    track_id: str, version: int, counts: Counts, track: TrackFacts | None, observed_at: datetime, code: str
) -> TrackAnalytics:
    """Return the gold record. A track is gone when its silver record is; its counts are 0 then, or soon."""
    return {
        **_envelope("gold-track", track_id, version, observed_at, code),
        "track_id": track_id,
        "version": version,
        "gone": track is not None and track["gone"],
        "track_name": track["track_name"] if track else None,
        "base_title": track["base_title"] if track else None,
        "version_family": track["version_family"] if track else None,
        "version_text": track["version_text"] if track else None,
        "version_artists": track["version_artists"] if track else [],
        "stem": track["stem"] if track else None,
        "primary_artist": track["primary_artist"] if track else None,
        "all_artists": track["artist_names"] if track else [],
        "bpm": track["bpm"] if track else None,
        "key": track["key"] if track else None,
        "key_mode": track["key_mode"] if track else None,
        "energy": track["energy"] if track else None,
        "genres": track["genres"] if track else [],
        "release_year": track["release_year"] if track else None,
        "data_completeness": track["data_completeness"] if track else None,
        "confidence_score": track["confidence_score"] if track else None,
        "validation_score": track["validation_score"] if track else None,
        "last_enriched": track["last_enriched"] if track else None,
        "play_count": counts["play_count"],
        "component_plays": counts["component_plays"],
        "self_plays": counts["self_plays"],
        "playlist_appearances": counts["playlists"],
        "dj_support": counts["djs"],
        "first_seen_date": support.first_day(counts["dates"]),
        "last_seen_date": support.last_day(counts["dates"]),
        "support_days": support_days(counts),
        "last_observed_at": observed_at,
    }


def artist_analytics(
    artist_id: str,
    version: int,
    counts: Counts,
    sets: dict[str, int],
    artist: tuple[str, bool] | None,
    observed_at: datetime,
    code: str,
) -> ArtistAnalytics:
    """Return the gold record of an artist.

    `sets` counts the sets played as a DJ per ISO day ("" for undated), `artist` is the name, and True if the
    silver artist is gone.
    """
    days = {day: count for day, count in sets.items() if day}
    return {
        **_envelope("gold-artist", artist_id, version, observed_at, code),
        "artist_id": artist_id,
        "version": version,
        "gone": artist is not None and artist[1],
        "name": artist[0] if artist else None,
        "play_count": counts["play_count"],
        "component_plays": counts["component_plays"],
        "playlist_appearances": counts["playlists"],
        "dj_support": counts["djs"],
        "sets_played": sum(sets.values()),
        "first_seen_date": support.first_day(counts["dates"]),
        "last_seen_date": support.last_day(counts["dates"]),
        "first_set_date": support.first_day(days),
        "last_set_date": support.last_day(days),
        "support_days": support_days(counts),
        "last_observed_at": observed_at,
    }


def _envelope(kind: str, subject: str, version: int, observed_at: datetime, code: str) -> Envelope:
    return {
        "event_id": ids.event_id(kind, subject, str(version)),
        "source": "gold",
        "observed_at": observed_at,
        "origin": {"kind": "record", "id": subject, "parser_version": None},
        "pipeline_version": code,
    }
