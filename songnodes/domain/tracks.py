"""The silver record of a track, from its total: the spelling, the first appearance, the waterfall."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

import msgspec

from songnodes.domain import answers, claim_values, claims, ids, quality
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.claim_values import PageValues, page_values
from songnodes.domain.claims import UNDATED, CountedClaim, TrackTotal
from songnodes.domain.lines import read_line
from songnodes.domain.records import Claim, EnrichmentRequest, Envelope, Track
from songnodes.domain.signatures import signature
from songnodes.domain.waterfall import (
    DEFAULT,
    Config,
    Enriched,
    choose,
    choose_of_pages,
    completeness_ceiling,
    page_answers,
)

#: Columns requested from enrichment, in their order.
WANTED = (
    *("spotify_id", "isrc", "musicbrainz_id", "beatport_id", "bpm", "key", "key_mode"),
    *("energy", "danceability", "valence", "acousticness", "instrumentalness", "liveness", "speechiness"),
    *("loudness", "genres", "release_date", "release_name", "label", "duration_ms"),
)
_UNSET: Mapping[str, Any] = dict.fromkeys((*WANTED, "release_date_precision"))
#: Claim of a track that no set names any more.
NAMELESS: Claim = {
    "text": None,
    "track_name": "",
    "base_title": "",
    "artist_credit": "",
    "artist_names": [],
    "artist_ids": [],
    "artists_certain": False,
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
}


#: The content of a request: all fields but its envelope.
REQUEST_FIELDS = tuple(
    name for name in EnrichmentRequest.__annotations__ if name not in Envelope.__annotations__
)
#: In a fifth of the time of `json.dumps`.
_encode = msgspec.json.Encoder(order="sorted", enc_hook=str).encode


class Claimed(NamedTuple):
    """Claims of all sets about a track, of which its record and its request are made."""

    counted: list[CountedClaim]
    claim: Claim  # whose spelling is shown
    pages: PageValues


def read_claims(total: TrackTotal) -> Claimed:
    """Return what the sets of a track claim."""
    counted = list(total["claims"].values())
    return Claimed(counted, claims.spelling(counted) if counted else NAMELESS, page_values(counted))


def track_record(
    track_id: str,
    version: int,
    total: TrackTotal,
    observed_at: datetime,
    code: str,
    config: Config = DEFAULT,
    claimed: Claimed | None = None,
) -> Track:
    """Return the record of the track; `gone` when no set names it any more.

    `claimed` is `read_claims(total)`, for a caller that needs it for the request too.
    """
    counted, claim, pages = claimed or read_claims(total)
    enriched = _enriched(total, pages, config)
    values = _values(claim, total, enriched)
    judged = quality.track_quality(
        values,
        confidences=enriched.confidences,
        first_played=_first_day(total),
        as_of=observed_at.date(),
        conflicts=enriched.conflicts,
    )
    scores = {name: judged.quality[name] for name in ("completeness", "confidence", "validation")}
    metadata = enriched.metadata(scores)
    first = total["first"]
    record = {
        "event_id": ids.event_id("track", track_id, str(version)),
        "source": "silver",
        "observed_at": observed_at,
        "origin": {"kind": "record", "id": first["bronze_id"] if first else track_id, "parser_version": None},
        "pipeline_version": code,
        "track_id": track_id,
        "version": version,
        "gone": not counted,
        "bronze_id": first["bronze_id"] if first else None,
        "first_playlist_id": first["playlist_id"] if first else None,
        "first_set_date": _first_day(total),
        **values,
        "bpm_ambiguous": enriched.bpm_ambiguous,
        "spellings": claims.spellings(counted),
        "data_completeness": judged.quality["completeness"],
        "completeness_ceiling": completeness_ceiling(values, config),
        "confidence_score": judged.quality["confidence"],
        "validation_score": judged.quality["validation"],
        "data_quality_score": judged.quality["score"],
        "validation_status": judged.status,
        "checks": [check for check in judged.checks if not check["passed"]],
        "enrichment_metadata": _text(metadata),
        "enrichment_details": _text(enriched.details()),
        "config_version": enriched.config_version,
        "last_enriched": enriched.last_enriched,
        "last_observed_at": observed_at,
    }
    return cast(Track, record)  # `values` has the other columns by name


def _enriched(total: TrackTotal, pages: PageValues, config: Config) -> Enriched:
    overrides = _overrides(total)
    entries = list(total["answers"].values())
    if not entries and not overrides:
        return choose_of_pages(pages.values, pages.notes, config)
    values = dict(pages.values)
    page_ids = _known_ids(total, overrides) if entries else {}
    if entries and "musicbrainz_id" in values:
        replaced = answers.replaced_ids(entries)
        values["musicbrainz_id"] = answers.follow(replaced, values["musicbrainz_id"])
        page_ids["musicbrainz_id"] = answers.follow(replaced, page_ids["musicbrainz_id"])
    return _chosen(*(_text(value) for value in (values, pages.notes, overrides, entries, page_ids)), config)


def _text(value: Any) -> str:
    """Return JSON without blanks, keys sorted."""
    return _encode(value).decode() if value else "{}"


def _overrides(total: TrackTotal) -> dict[str, Any]:
    return {
        field: json.loads(decision["value"])
        for field, decision in total["overrides"].items()
        if decision["value"] is not None
    }


def _known_ids(total: TrackTotal, overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids that pages or an operator have for the track; the operator's precede."""
    decided = {field: str(overrides[field]) for field in claim_values.IDS if field in overrides}
    return claim_values.page_ids(total["claims"].values()) | decided


@lru_cache(maxsize=1 << 12)  # most facts repeat the values of a track: two thirds of the waterfall's work
def _chosen(
    page_values: str, notes: str, overrides: str, entries: str, page_ids: str, config: Config
) -> Enriched:
    archived = [
        {**entry, "observed_at": datetime.fromisoformat(entry["observed_at"])}
        for entry in json.loads(entries)
    ]
    provided = answers.waterfall_answers(cast(list[AnswerEntry], archived), json.loads(page_ids))
    paged = page_answers(json.loads(page_values), notes=json.loads(notes))
    return choose((*paged, *provided), json.loads(overrides), config)


def _values(claim: Claim, total: TrackTotal, enriched: Enriched) -> dict[str, Any]:
    """Return all descriptive columns of the track, by name."""
    first = total["first"]
    return {
        **_UNSET,
        "genres": [],
        **enriched.values,
        "track_name": claim["track_name"],
        "base_title": claim["base_title"],
        "version_family": claim["version_family"],
        "version_text": claim["version_text"],
        "version_artists": claim["version_artists"],
        "stem": claim["stem"],
        "primary_artist": claim["artist_names"][0] if claim["artist_names"] else "",
        "artist_names": claim["artist_names"],
        "artist_ids": claim["artist_ids"],
        "featured": claim["featured"],
        "mix_name": first["mix_name"] if first else None,
        "position_in_mix": first["position"] if first else None,
        "timestamp_in_mix": first["cue_text"] if first else None,
    }


def _first_day(total: TrackTotal) -> date | None:
    first = total["first"]
    return None if first is None or first["day"] == UNDATED else date.fromisoformat(first["day"])


def request(
    track: Track, total: TrackTotal, recheck: int = 0, claimed: Claimed | None = None
) -> EnrichmentRequest | None:
    """Return the request to providers, None if nothing is missing or no set names the track.

    Its id derives from content that answers of providers do not change: an equal request is handled once.
    `claimed` is `read_claims(total)` where the caller has it.
    """
    columns: Mapping[str, Any] = track
    if track["gone"] or all(columns[field] not in (None, []) for field in WANTED):
        return None
    counted, claim, (values, _) = claimed or read_claims(total)
    overrides = _overrides(total)
    known_ids = _known_ids(total, overrides)
    duration_ms = overrides.get("duration_ms") or values.get("duration_ms")
    artist = " & ".join(track["artist_names"])
    content = ids.canonical_json([track["track_id"], artist, track["track_name"], known_ids, recheck])
    request_id = ids.event_id("request", content)
    return {
        "event_id": request_id,
        "source": "silver",
        "observed_at": track["observed_at"],
        "origin": {"kind": "record", "id": track["event_id"], "parser_version": None},
        "pipeline_version": track["pipeline_version"],
        "track_id": track["track_id"],
        "request_id": request_id,
        "artist_name": artist,
        "track_title": track["track_name"],
        "base_title": track["base_title"],
        "version_text": track["version_text"],
        "version_artists": track["version_artists"],
        "duration_ms": None if duration_ms is None else int(duration_ms),  # by pages or an operator
        "known_ids": known_ids,
        "missing": [name for name in WANTED if name not in values and name not in overrides],
        "recheck": recheck,
        "text": requested_text(claim),
        "plays": rounded_plays(sum(entry["count"] for entry in counted)),
        "first_set_date": track["first_set_date"],
        "artist_id": None,
    }


def rounded_plays(sets: int) -> int:
    """Return the number of sets, rounded down to a power of four: most sets must not change a request."""
    plays = 1
    while plays * 4 <= sets:
        plays *= 4
    return plays


#: Words for a variant and a stem in the line of a request.
_VARIANTS = {
    "extended": "Extended Mix",
    "radio": "Radio Edit",
    "album": "Album Version",
    "short": "Short Edit",
    "edit": "Edit",
    "clean": "Clean",
    "remaster": "Remastered",
}
_STEMS = {"acapella": "Acapella", "instrumental": "Instrumental"}


def requested_text(claim: Claim) -> str:
    """Return a line that is read as this claim, with the stem and, where words for it exist, the variant."""
    featured = f" feat. {', '.join(claim['featured'])}" if claim["featured"] else ""
    text = f"{claim['artist_credit']}{featured} - {claim['track_name']}"
    if (stem := _STEMS.get(claim["stem"])) and read_line(text).stem != claim["stem"]:
        text = f"{text} ({stem})"
    variant = _VARIANTS.get(claim["variant"])
    if variant is None:
        return text
    with_variant = f"{text} ({variant})"
    line = read_line(with_variant)
    as_claimed = (line.track_name, line.variant) == (claim["track_name"], claim["variant"])
    return with_variant if as_claimed else text


def request_signature(request: EnrichmentRequest | None) -> int:
    """Return a signature of a request's content. Valid within one process only."""
    if request is None:
        return 0
    columns: Mapping[str, Any] = request
    return signature([columns[field] for field in REQUEST_FIELDS])
