"""Records as the stages make them, complete and small: arguments replace what a test is about."""

from datetime import UTC, date, datetime
from typing import Any

from songnodes.domain import ids

SEEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def envelope(*parts: str) -> dict[str, Any]:
    return {
        "event_id": ids.event_id("sample", *parts),
        "source": "1001tracklists",
        "observed_at": SEEN,
        "origin": {"kind": "page", "id": "1001tracklists:tracklist:abc", "parser_version": 1},
        "pipeline_version": "0.1.0",
    }


def page(native_id: str = "abc", body: bytes = b"<html>one</html>", **changes: Any) -> dict[str, Any]:
    import hashlib

    sha256 = hashlib.sha256(body).hexdigest()
    return {
        **envelope("page", native_id, sha256),
        "page_id": f"1001tracklists:tracklist:{native_id}",
        "kind": "tracklist",
        "native_id": native_id,
        "url": f"https://www.1001tracklists.com/tracklist/{native_id}/",
        "status": 200,
        "headers": {"content-type": "text/html; charset=utf-8"},
        "content_type": "text/html",
        "body": body,
        "sha256": sha256,
        "fetched_at": SEEN,
        "fetcher": "saved",
        "robots": None,
        "scraper_version": "1",
        **changes,
    }


def tracklist_row(ordinal: int, text: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "row_key": str(1000 + ordinal),
        "ordinal": ordinal,
        "number": ordinal + 1,
        "text": text,
        "artist_text": None,
        "version_note": None,
        "label": None,
        "label_parent": None,
        "duration_seconds": None,
        "genre": None,
        "cue_text": None,
        "cue_seconds": None,
        "cue_grain": None,
        "joined": False,
        "mashup": False,
        "parent_row_key": None,
        "marked_identified": True,
        "native_track_id": None,
        "native_artist_names": [],
        "ids": {},
        "values": {},
        "part": None,
        "warnings": [],
        "fragment": "<div class='tlpItem'>one</div>",
        "gap": False,
        "versions": [],
        **changes,
    }


def tracklist(native_id: str = "abc", *lines: str, **changes: Any) -> dict[str, Any]:
    rows = [tracklist_row(place, line) for place, line in enumerate(lines or ("Deadmau5 - Strobe",))]
    header = {
        "title": "Pete Tong @ Essential Mix 2026-03-01",
        "mix_name": "Essential Mix",
        "date_text": "2026-03-01",
        "djs": [{"name": "Pete Tong", "native_id": "petetong", "url": None}],
        "event_name": None,
        "venue": None,
        "city": None,
        "country": None,
        "set_type": "radio",
        "styles": [],
        "declared_tracks": len(rows),
        "duration_seconds": 7200,
        "recordings": [],
    }
    content = ids.content_hash({"header": header, "rows": rows})
    return {
        **envelope("tracklist", native_id, content),
        "playlist_id": f"1001tracklists:{native_id}",
        "page_id": f"1001tracklists:tracklist:{native_id}",
        "page_kind": "tracklist",
        "page_sha256": "0" * 64,
        "url": f"https://www.1001tracklists.com/tracklist/{native_id}/",
        "parser_version": 1,
        "content_hash": content,
        "header": header,
        "rows": rows,
        "counters": {"views": 10},
        "warnings": [],
        "rows_from": "page",
        "completeness": None,
        "categories": [],
        "attribution": None,
        "media": [],
        "identical_to": [],
        **changes,
    }


def claim(artist: str, title: str, **changes: Any) -> dict[str, Any]:
    return {
        "text": f"{artist} - {title}",
        "track_name": title,
        "base_title": title,
        "artist_credit": artist,
        "artist_names": [artist],
        "artist_ids": [artist.lower()],
        "artists_certain": True,
        "featured": [],
        "featured_ids": [],
        "version_family": None,
        "version_text": None,
        "version_artists": [],
        "version_artist_ids": [],
        "stem": "regular",
        "variant": "regular",
        "label": None,
        "label_parent": None,
        "duration_ms": None,
        "genre": None,
        "ids": {},
        "values": {},
        "labels": [],
        "catalogue": None,
        **changes,
    }


def playlist_row(position: int, track_id: str | None, **changes: Any) -> dict[str, Any]:
    artist, _, title = (track_id or "").partition("-")
    return {
        "row_key": str(1000 + position),
        "bronze_id": ids.event_id("row", str(position), str(track_id)),
        "position": position,
        "number": position,
        "group_index": position,
        "role": "main",
        "status": "identified" if track_id else "unidentified",
        "track_id": track_id,
        "claim_id": track_id,
        "claim": claim(artist, title) if track_id else None,
        "raw_text": f"{artist} - {title}",
        "cue_text": None,
        "cue_seconds": None,
        "cue_grain": None,
        "part": None,
        "validation": 1.0,
        "validation_status": "validated",
        "checks": [],
        "native_track_id": None,
        **changes,
    }


QUALITY = {"completeness": 1.0, "confidence": 1.0, "validation": 1.0, "score": 1.0}


def playlist(
    playlist_id: str = "1001tracklists:abc",
    version: int = 1,
    *rows: dict[str, Any],
    djs: tuple[str, ...] = ("petetong",),
    **changes: Any,
) -> dict[str, Any]:
    return {
        **envelope("playlist", playlist_id, str(version)),
        "playlist_id": playlist_id,
        "version": version,
        "gone": {"tracks": [], "artists": [], "djs": []},
        "url": "https://www.1001tracklists.com/tracklist/abc/",
        "title": "Pete Tong @ Essential Mix",
        "mix_name": "Essential Mix",
        "set_date": date(2026, 3, 1),
        "set_date_precision": "day",
        "set_id": playlist_id,
        "counted": True,
        "ra_event_id": None,
        "djs": [{"artist_id": dj, "name": dj.title(), "native_id": None} for dj in djs],
        "event_name": None,
        "venue": None,
        "city": None,
        "country": None,
        "set_type": "radio",
        "styles": [],
        "genres": ["house"],
        "duration_seconds": 7200,
        "recordings": [],
        "declared_tracks": len(rows),
        "rows": list(rows),
        "identified_rows": sum(row["status"] == "identified" for row in rows),
        "checks": [],
        "quality": QUALITY,
        "validation_status": "validated",
        "page_ids": ["1001tracklists:tracklist:abc"],
        "parser_version": 1,
        "content_hash": "0" * 64,
        "identical_to": [],
        **changes,
    }


def track(track_id: str = "deadmau5-strobe", version: int = 1, **changes: Any) -> dict[str, Any]:
    artist, _, title = track_id.partition("-")
    return {
        **envelope("track", track_id, str(version)),
        "track_id": track_id,
        "version": version,
        "gone": False,
        "bronze_id": None,
        "track_name": title.title(),
        "base_title": title.title(),
        "version_family": None,
        "version_text": None,
        "version_artists": [],
        "stem": "regular",
        "primary_artist": artist.title(),
        "artist_names": [artist.title()],
        "artist_ids": [artist],
        "featured": [],
        "mix_name": "Essential Mix",
        "position_in_mix": 15,
        "timestamp_in_mix": "1:23:45",
        "first_playlist_id": "1001tracklists:abc",
        "first_set_date": date(2026, 3, 1),
        "spotify_id": None,
        "isrc": None,
        "musicbrainz_id": None,
        "beatport_id": None,
        "bpm": 128.04,
        "key": 8,
        "key_mode": "minor",
        **dict.fromkeys(
            (
                "energy",
                "danceability",
                "valence",
                "acousticness",
                "instrumentalness",
                "liveness",
                "speechiness",
                "loudness",
            )
        ),
        "genres": ["progressive house", "house"],
        "release_date": date(2009, 10, 26),
        "release_date_precision": "day",
        "release_name": None,
        "label": None,
        "duration_ms": 645000,
        "bpm_ambiguous": False,
        "spellings": [{"text": "Strobe", "count": 2}],
        "data_completeness": 0.5,
        "completeness_ceiling": 0.9,
        "confidence_score": 0.9,
        "validation_score": 1.0,
        "data_quality_score": 0.76,
        "validation_status": "validated",
        "checks": [],
        "enrichment_metadata": '{"providers_used":["beatport","spotify"],"waterfall_attempts":[]}',
        "enrichment_details": '{"provenance":{"bpm":"beatport"}}',
        "config_version": "1",
        "last_enriched": SEEN,
        "last_observed_at": SEEN,
        **changes,
    }


def artist(artist_id: str = "deadmau5", version: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        **envelope("artist", artist_id, str(version)),
        "artist_id": artist_id,
        "version": version,
        "gone": False,
        "name": artist_id.title(),
        "aliases": [],
        "native_ids": [],
        "links": {},
        "country": None,
        "biography": None,
        "genres": [],
        "value_sources": {},
        "id_conflicts": {},
        "is_dj": False,
        "is_producer": True,
        "data_completeness": 0.5,
        "confidence_score": 0.9,
        "validation_score": 1.0,
        "data_quality_score": 0.76,
        "validation_status": "validated",
        "checks": [],
        "last_observed_at": SEEN,
        "artist_type": None,
        "life_begin": None,
        "life_end": None,
        "groups": [],
        **changes,
    }


def artist_answers(artist_id: str = "deadmau5", version: int = 1, **changes: Any) -> dict[str, Any]:
    answer = {
        "attempt_id": "00000000-0000-4000-8000-000000000001",
        "provider": "musicbrainz",
        "kind": "profile",
        "native_id": "4a00ec9d-c635-463a-8cd4-eb61725f0c60",
        "name": artist_id.title(),
        "ids": {"musicbrainz": "4a00ec9d-c635-463a-8cd4-eb61725f0c60"},
        "aliases": ["Joel Zimmerman"],
        "genres": ["progressive house"],
        "links": {"discogs": "https://www.discogs.com/artist/289522"},
        "country": "CA",
        "biography": None,
        "observed_at": SEEN,
        "artist_type": "person",
        "life_begin": "1981-01-05",
        "life_end": None,
        "groups": [],
        "merged_from": None,
    }
    credit = {
        **answer,
        "kind": "credit",
        "ids": {},
        "aliases": [],
        "genres": [],
        "links": {},
        "country": None,
        "artist_type": None,
        "life_begin": None,
    }
    return {
        **envelope("artist answers", artist_id, str(version)),
        "artist_id": artist_id,
        "track_id": "deadmau5-strobe",
        "version": version,
        "gone": False,
        "answers": [credit, answer],
        **changes,
    }


def counts(track_id: str = "deadmau5-strobe", version: int = 1, **changes: Any) -> dict[str, Any]:
    artist_name, _, title = track_id.partition("-")
    return {
        **envelope("counts", track_id, str(version)),
        "track_id": track_id,
        "version": version,
        "gone": False,
        "track_name": title.title(),
        "base_title": title.title(),
        "version_family": None,
        "version_text": None,
        "version_artists": [],
        "stem": "regular",
        "primary_artist": artist_name.title(),
        "all_artists": [artist_name.title()],
        "bpm": 128.0,
        "key": 8,
        "key_mode": "minor",
        "energy": 0.7,
        "genres": ["progressive house", "house"],
        "release_year": 2026,
        "data_completeness": 0.5,
        "confidence_score": 0.9,
        "validation_score": 1.0,
        "last_enriched": SEEN,
        "play_count": 1,
        "component_plays": 0,
        "self_plays": 0,
        "playlist_appearances": 1,
        "dj_support": 1,
        "first_seen_date": date(2026, 3, 1),
        "last_seen_date": date(2026, 3, 1),
        "support_days": [{"day": date(2026, 3, 1), "weight": 1.0}],
        "last_observed_at": SEEN,
        **changes,
    }


def artist_counts(artist_id: str = "deadmau5", version: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        **envelope("artist counts", artist_id, str(version)),
        "artist_id": artist_id,
        "version": version,
        "gone": False,
        "name": artist_id.title(),
        "play_count": 1,
        "component_plays": 0,
        "playlist_appearances": 1,
        "dj_support": 1,
        "sets_played": 0,
        "first_seen_date": date(2026, 3, 1),
        "last_seen_date": date(2026, 3, 1),
        "first_set_date": None,
        "last_set_date": None,
        "support_days": [{"day": date(2026, 3, 1), "weight": 1.0}],
        "last_observed_at": SEEN,
        **changes,
    }


def profile(artist_id: str = "deadmau5", **changes: Any) -> dict[str, Any]:
    return {
        **envelope("profile", artist_id),
        "artist_id": artist_id,
        "page_id": f"1001tracklists:dj:{artist_id}",
        "name": artist_id.title(),
        "native_id": artist_id,
        "url": None,
        "aliases": [],
        "links": {"web": "https://example.org"},
        "country": "CA",
        "biography": None,
        "ids": {},
        "parser_version": 1,
        "content_hash": "0" * 64,
        **changes,
    }


def event(ra_event_id: str = "ra:1", **changes: Any) -> dict[str, Any]:
    return {
        **envelope("event", ra_event_id),
        "ra_event_id": ra_event_id,
        "page_id": f"{ra_event_id}:event",
        "title": "A night",
        "url": None,
        "date": date(2026, 3, 1),
        "start_time": SEEN,
        "end_time": None,
        "timezone": "Europe/Berlin",
        "venue": {"name": "Hall", "native_id": "7", "address": None, "latitude": 52.5, "longitude": 13.4},
        "city": "Berlin",
        "country": "DE",
        "promoters": [],
        "genres": ["techno"],
        "lineup": [
            {"name": "One", "native_id": "1", "artist_id": "one"},
            {"name": "Two", "native_id": None, "artist_id": None},
        ],
        "attending": 12,
        "cost": "10",
        "page_kind": "event",
        "area": None,
        "start_local": "2026-03-01T23:00:00",
        "end_local": None,
        "festival": False,
        "interested": 30,
        "lineup_text": "One, Two",
        "warnings": [],
        "parser_version": 1,
        "content_hash": "0" * 64,
        **changes,
    }


def silver_event(ra_event_id: str = "ra:1", version: int = 1, **changes: Any) -> dict[str, Any]:
    more = {"version": version, "gone": False, "checks": [], "quality": QUALITY}
    return {**event(ra_event_id), **more, "validation_status": "validated", **changes}


def attempt(
    track_id: str = "deadmau5-strobe", body: bytes | None = b'{"bpm":128}', **changes: Any
) -> dict[str, Any]:
    return {
        **envelope("attempt", track_id, repr(body)),
        "track_id": track_id,
        "request_id": "r1",
        "provider": "beatport",
        "operation": "track",
        "parameters": {"id": "1"},
        "status": "hit",
        "http_status": 200,
        "body": body,
        "latency_ms": 234,
        "cached": False,
        "attempted_at": SEEN,
        "note": None,
        "attempt_id": ids.event_id("attempt", track_id, repr(body), repr(changes)),
        "attempt": 1,
        "lookup": "search",
        "requested_by": "worker",
        "batch_id": None,
        "batch_size": 1,
        "is_slice": False,
        "claim": {"text": "Deadmau5 - Strobe", "duration_ms": None, "ids": {}},
        "artist_id": None,
        **changes,
    }


def decision(
    subject_id: str = "deadmau5-strobe", value: str | None = "128", **changes: Any
) -> dict[str, Any]:
    return {
        **envelope("decision", subject_id, str(value)),
        "decision_id": ids.event_id("decision", subject_id),
        "subject_id": subject_id,
        "kind": "override",
        "field": "bpm",
        "value": value,
        "other_id": None,
        "reason": "heard it",
        "author": "somebody",
        "decided_at": SEEN,
        "withdrawn": False,
        **changes,
    }


def redirect(track_id: str = "old", canonical_id: str | None = "new", version: int = 1) -> dict[str, Any]:
    return {
        **envelope("redirect", track_id, str(version)),
        "track_id": track_id,
        "canonical_id": canonical_id,
        "version": version,
    }


#: One record per topic that has a table, and the field that is its Kafka key.
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "bronze.pages": ("page_id", page()),
    "bronze.tracklists": ("playlist_id", tracklist()),
    "bronze.artists": ("artist_id", profile()),
    "bronze.events": ("ra_event_id", event()),
    "bronze.enrichments": ("track_id", attempt()),
    "bronze.decisions": ("subject_id", decision()),
    "silver.playlists": (
        "playlist_id",
        playlist("1001tracklists:abc", 1, playlist_row(1, "deadmau5-strobe")),
    ),
    "silver.tracks": ("track_id", track()),
    "silver.artists": ("artist_id", artist()),
    "silver.events": ("ra_event_id", silver_event()),
    "silver.redirects": ("track_id", redirect()),
    "gold.tracks": ("track_id", counts()),
    "gold.artists": ("artist_id", artist_counts()),
}
