"""Rows of the resolver's tables, from the records it reads.

Content of pages, answers of providers and decisions of people are evidence. An answer is matched with the
track as it was requested. The ids that a playlist shows are stored for comparison only, and `silver.tracks`
is never read: a merge would withdraw its own evidence.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from enrichment.answers import evaluate
from songnodes.domain import enrichments, links
from songnodes.domain.answers import RECORDING, WITH_VALUES
from songnodes.domain.credits import over_split
from songnodes.domain.records import Attempt, Decision, Playlist, SilverEvent
from songnodes.domain.text import norm_v1

Row = dict[str, Any]

#: Addition to the name of a billed act: "Name (Live)", "Name (DE)".
_BILLING = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
MERGE, SPLIT, OVERRIDE = "merge", "split", "override"
#: Confidence of a match whose ids link claims: exact or strong. A medium one is right less often.
MIN_LINKING_CONFIDENCE = 0.95


def playlist_row(playlist: Playlist) -> Row:
    """Return the row of a tracklist; its day only where it is exact."""
    names = [dj["name"] for dj in playlist["djs"]]
    day = playlist["set_date"] if playlist["set_date_precision"] == "day" else None
    return {
        "playlist_id": playlist["playlist_id"],
        "version": playlist["version"],
        "source": playlist["source"],
        "set_day": day and day.isoformat(),
        "dj_key": sorted({key for name in names for key in over_split(name)}) or None,
        "djs": sorted({norm_v1(name) for name in names}),
        "title": playlist["title"],
        "event_name": playlist["event_name"],
        "venue": playlist["venue"],
        "city": playlist["city"],
        "country": playlist["country"],
        "claims": [claim for row in playlist["rows"] if (claim := row["claim_id"]) is not None],
        "row_count": len(playlist["rows"]),
        "identical_to": playlist["identical_to"],
        "observed_at": playlist["observed_at"].isoformat(),
        "shown": shown(playlist),
    }


def shown(playlist: Playlist) -> Row:
    """Return the resolution that this record was built with, in the form of `wanted`."""
    tracks = {
        row["claim_id"]: row["track_id"]
        for row in playlist["rows"]
        if row["claim_id"] is not None and row["track_id"] not in (None, row["claim_id"])
    }
    return wanted(
        playlist["playlist_id"],
        tracks=tracks,
        set_id=playlist["set_id"],
        counted=playlist["counted"],
        ra_event_id=playlist["ra_event_id"],
    )


def wanted(
    playlist_id: str, *, tracks: Row, set_id: str | None, counted: bool, ra_event_id: str | None
) -> Row:
    """Return the content of a resolution in its only form. A set named after the playlist itself is None."""
    return {
        "tracks": tracks,
        "set_id": None if set_id == playlist_id else set_id,
        "counted": counted,
        "ra_event_id": ra_event_id,
    }


def sighting_rows(playlist: Playlist) -> list[Row]:
    """Return the distinct sightings of claims in the identified rows."""
    sightings: dict[tuple[Any, ...], Row] = {}
    for row in playlist["rows"]:
        if row["claim_id"] is None or row["claim"] is None:
            continue
        ids = links.linking(row["claim"]["ids"], row["native_track_id"], playlist["source"])
        sighting = {
            "playlist_id": playlist["playlist_id"],
            "claim_id": row["claim_id"],
            "ids": [f"{name}={value}" for name, value in ids],
            "duration_ms": row["claim"]["duration_ms"],
        }
        sightings[sighting_key(sighting)] = sighting
    return list(sightings.values())


def sighting_key(sighting: Row) -> tuple[Any, ...]:
    """Return the values that are equal in two equal sightings of one set."""
    return sighting["claim_id"], tuple(sighting["ids"]), sighting["duration_ms"]


def claim_rows(playlist: Playlist) -> Iterable[Row]:
    """Yield the profiles of the claims that a set names."""
    for row in playlist["rows"]:
        if row["claim_id"] is not None and row["claim"] is not None:
            profile = links.profile(row["claim"])
            yield {
                "claim_id": row["claim_id"],
                "artists": list(profile.artists),
                "title": profile.title,
                "version_artists": list(profile.version_artists),
                "stem": profile.stem,
                "text": profile.text,
            }


def answer_row(attempt: Attempt) -> Row | None:
    """Return the ids of the recording in an answer; None without ids, or where the match is not sure."""
    if attempt["artist_id"] is not None:
        return None
    entry = evaluate(attempt)
    sure = entry["scope"] == RECORDING and entry["confidence"] >= MIN_LINKING_CONFIDENCE
    ids = links.linking(entry["ids"], None, attempt["provider"])
    if entry["status"] not in WITH_VALUES or not sure or not ids:
        return None
    return {
        "answer_key": enrichments.answer_key(attempt["track_id"], entry["attempt_id"]),
        "claim_id": attempt["track_id"],
        "ids": [f"{name}={value}" for name, value in ids],
        "duration_ms": json.loads(entry["values"]).get("duration_ms"),
    }


def decision_row(decision: Decision) -> Row | None:
    """Return the row of a decision on a pair of claims, or of an override; None for any other decision."""
    kind, subject, partner = decision["kind"], decision["subject_id"], decision["other_id"]
    if kind not in (MERGE, SPLIT, OVERRIDE) or (kind != OVERRIDE and partner in (None, subject)):
        return None
    claim_a, claim_b = (subject, None) if partner is None else links.pair(subject, partner)
    at = decision["decided_at"].isoformat(timespec="microseconds")
    return {
        "decision_id": decision["decision_id"],
        "rank": "|".join((at, kind, str(decision["withdrawn"]), decision["value"] or "", decision["reason"])),
        "kind": kind,
        "claim_a": claim_a,
        "claim_b": claim_b,
        "forced": kind == MERGE and decision["value"] is not None,
        "withdrawn": decision["withdrawn"],
        "reason": decision["reason"],
        "author": decision["author"],
        "decided_at": decision["decided_at"].isoformat(),
    }


def event_row(event: SilverEvent) -> Row:
    """Return the row of an announced event; one that is gone has no acts, so that no set is played at it."""
    acts = [] if event["gone"] else [act["name"] for act in event["lineup"]]
    return {
        "ra_event_id": event["ra_event_id"],
        "version": event["version"],
        "event_day": event["date"].isoformat(),
        "acts": sorted({name for act in acts for name in _names(act)}),
        "title": event["title"],
        "venue": event["venue"]["name"] if event["venue"] else None,
        "city": event["city"],
        "country": event["country"],
    }


def _names(act: str) -> set[str]:
    """Return the names of an act: as billed, without a final addition in brackets, and A and B of "A & B"."""
    plain = _BILLING.sub("", act)
    return {norm_v1(act), norm_v1(plain), *over_split(plain)} - {""}
