"""Evaluation of an archived answer: extraction, matching with the track as requested, genres. Pure.

The result depends on the record and the code alone: `songnodes.domain.answers` decides over all answers of a
track which of them count.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from enrichment.artist_answers import artists_of, lent_by_profile, of_profiles, of_request, of_track
from enrichment.plan.routes import requested_id
from enrichment.providers import ALL
from enrichment.types import Call, Genre, Provider, ProviderTrack
from songnodes.attempts import describe
from songnodes.domain import artist_answers
from songnodes.domain.answers import (
    ARTISTS,
    BY_ID,
    RECORDING,
    REFERENCE,
    VARIANT,
    WITH_VALUES,
    AnswerEntry,
)
from songnodes.domain.artist_answers import LentValues
from songnodes.domain.genres import map_genres
from songnodes.domain.lines import read_line
from songnodes.domain.matching import Decision, RequestedTrack, decide
from songnodes.domain.matching.decision import LENT_BY_VARIANT
from songnodes.domain.records import Attempt, AttemptClaim
from songnodes.domain.waterfall import as_json, read_value

#: One for all calls: `json.dumps` with settings creates one per call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
#: Ids at providers that are columns of a track.
ID_FIELDS = ("spotify_id", "isrc", "musicbrainz_id", "beatport_id")
#: All that a part of a DJ mix may lend: it is another recording.
LENT_BY_MIX_PART = frozenset({"genres"})
#: Results of a search without names that the next calls may look up.
MAX_REFERENCES = 5
NO_PROVIDER = "this version has no provider of this name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The track of an answer that is the requested one, or why there is none."""

    track: ProviderTrack | None = None
    decision: Decision | None = None
    status: str = "hit"
    note: str | None = None
    scope: str = ""
    lends: frozenset[str] | None = field(default=None)  # None: everything
    ids: Mapping[str, str] = field(default_factory=dict)  # that the match lends

    @property
    def confidence(self) -> float:
        """Return the confidence of the match; 1 for values about an id."""
        return self.decision.confidence if self.decision else 1.0


def evaluate(
    attempt: Attempt, providers: Mapping[str, Provider] = ALL, *, call: Call | None = None
) -> AnswerEntry:
    """Return the evaluated answer of an attempt; `call` is `call_of(attempt)` where the caller has it.

    Where the code fails, or a text of the answer cannot be stored, its status is `error` with the reason: an
    answer must not end a process, and the track keeps its other values.
    """
    try:
        entry = _evaluated(attempt, providers, call)
        _check_storable(entry)
    except Exception as error:
        failed = Attempt(**{**attempt, "status": "error", "note": describe(error), "body": None})
        return _evaluated(failed, providers, call)
    return entry


def _evaluated(attempt: Attempt, providers: Mapping[str, Provider], call: Call | None) -> AnswerEntry:
    provider = providers.get(attempt["provider"])
    match = Match(status=attempt["status"], note=attempt["note"])
    if attempt["artist_id"] is not None:
        match, artists = _about_artist(attempt, provider, match)
        return _entry(attempt, match, artists, call)
    if attempt["status"] in WITH_VALUES:
        match = _match(attempt, provider)
    return _entry(attempt, match, _artists(attempt, provider, match), call)


def _about_artist(
    attempt: Attempt, provider: Provider | None, match: Match
) -> tuple[Match, list[LentValues]]:
    """Return the outcome of an answer to a request for an artist, and what it lends."""
    if match.status not in WITH_VALUES:
        return match, []
    if provider is None:
        return Match(status="error", note=NO_PROVIDER), []
    artist, reason = of_request(attempt, provider)
    if artist is None:
        return Match(status="rejected", note=reason), []
    return Match(status=match.status, scope=ARTISTS), [lent_by_profile(artist, attempt["artist_id"] or "")]


def _entry(attempt: Attempt, match: Match, artists: list[LentValues], call: Call | None) -> AnswerEntry:
    track = match.track
    ids = dict(match.ids)
    has_track = track is not None and match.scope != REFERENCE
    return {
        "attempt_id": attempt["attempt_id"] or attempt["event_id"],
        "call": (call or call_of(attempt)).key,
        "provider": attempt["provider"],
        "operation": attempt["operation"],
        "lookup": attempt["lookup"],
        "status": match.status,
        "note": match.note,
        "match_class": match.decision.match_class if match.decision and has_track else "",
        "scope": match.scope,
        "confidence": match.confidence if has_track else 0.0,
        "values": _ENCODER.encode(_values(match)),
        "ids": ids,
        "merged_from": track.merged_from if track is not None and ids else None,
        "observed_at": attempt["attempted_at"],
        "cached": attempt["cached"],
        "latency_ms": attempt["latency_ms"],
        "artists": artist_answers.as_json(artists),
    }


def _artists(attempt: Attempt, provider: Provider | None, match: Match) -> list[LentValues]:
    """Return what the answer lends to the artists of the track: ids of a match by name, or descriptions."""
    if provider is None or attempt["claim"] is None:
        return []
    named = match.decision is not None and match.track is not None and not match.track.mix_part
    if not named and match.scope != ARTISTS:
        return []
    artists = artists_of(requested_track(attempt["claim"]).line)
    if match.track is not None:
        return list(of_track(match.track, artists))
    return list(of_profiles(attempt, provider, artists))


def _check_storable(entry: AnswerEntry) -> None:
    """Raise ValueError for a lone surrogate in a text, which no encoder writes, and for NUL in an id."""
    ids = [*entry["ids"], *entry["ids"].values(), entry["merged_from"] or ""]
    for text in (*ids, entry["values"], entry["artists"], entry["note"] or ""):
        text.encode()
    if any("\0" in text for text in ids):
        raise ValueError("NUL in an id")


def call_of(attempt: Attempt) -> Call:
    """Return the call of an attempt; of a batch, that of the track's part."""
    return Call(
        provider=attempt["provider"], operation=attempt["operation"], parameters=attempt["parameters"]
    )


def requested_track(claim: AttemptClaim) -> RequestedTrack:
    """Return the requested track in the form that matching takes."""
    return _requested_track(claim["text"], claim["duration_ms"], tuple(sorted(claim["ids"].items())))


@lru_cache(maxsize=1 << 11)  # a track has about ten answers
def _requested_track(text: str, duration_ms: int | None, ids: tuple[tuple[str, str], ...]) -> RequestedTrack:
    return RequestedTrack(
        line=read_line(text),
        duration_ms=duration_ms,
        isrc=read_value("isrc", dict(ids).get("isrc")),
        ids={name: value for name, value in ids if name != "isrc"},
    )


def _match(attempt: Attempt, provider: Provider | None) -> Match:
    if provider is None:
        return Match(status="error", note=NO_PROVIDER)
    body = attempt["body"] or b""
    tracks = provider.extract(attempt["operation"], attempt["parameters"], body)
    if not tracks:
        is_about_artists = bool(provider.extract_artists(attempt["operation"], attempt["parameters"], body))
        if is_about_artists:
            return Match(status=attempt["status"], scope=ARTISTS)
        return Match(status="miss", note="no track in the answer")
    named = [track for track in tracks if track.candidate is not None]
    if not named:
        return _by_id(attempt, tracks)
    if attempt["claim"] is None:
        return Match(status="rejected", note="the track as requested is not recorded")
    return _decided(requested_track(attempt["claim"]), named, attempt["status"])


def _by_id(attempt: Attempt, tracks: Sequence[ProviderTrack]) -> Match:
    """Return the match of values about an id, or of a list of references."""
    with_values = [track for track in tracks if track.values or track.genres]
    if not with_values:
        listed: dict[str, list[str]] = {}
        for track in tracks[:MAX_REFERENCES]:
            for name, value in track.ids.items():
                listed.setdefault(name, []).append(value)
        references = {name: ",".join(values) for name, values in listed.items()}
        return Match(status=attempt["status"], scope=REFERENCE, ids=references)
    track = with_values[0]
    requested = requested_id(attempt["provider"], attempt["operation"], attempt["parameters"])
    return Match(track=track, status=attempt["status"], scope=BY_ID, ids=track.ids or requested)


def _decided(requested: RequestedTrack, tracks: Sequence[ProviderTrack], status: str) -> Match:
    """Return the match among tracks with names; parts of DJ mixes only where no other track matches."""
    own = [track for track in tracks if not track.mix_part]
    mixed = [track for track in tracks if track.mix_part]
    decision = _decide(requested, own)
    if decision.chosen is not None:
        scope = decision.scope or ""
        lends = None if scope == RECORDING else LENT_BY_VARIANT
        track = _track_of(decision, own)
        ids = track.ids if scope == RECORDING else {}
        return Match(track=track, decision=decision, status=status, scope=scope, lends=lends, ids=ids)
    of_mix = _decide(requested, mixed)
    if of_mix.chosen is not None:
        track = _track_of(of_mix, mixed)
        note = "part of a DJ mix: genres only"
        return Match(
            track=track, decision=of_mix, status=status, note=note, scope=VARIANT, lends=LENT_BY_MIX_PART
        )
    return Match(decision=decision, status="rejected", note=_why(decision if own else of_mix))


def _decide(requested: RequestedTrack, tracks: Sequence[ProviderTrack]) -> Decision:
    return decide(requested, [track.candidate for track in tracks if track.candidate is not None])


def _track_of(decision: Decision, tracks: Sequence[ProviderTrack]) -> ProviderTrack:
    """Return the track of the chosen candidate; of equal candidates that with more values, then by ids."""
    equal = [track for track in tracks if track.candidate == decision.match]
    return min(equal, key=lambda track: (-len(track.values), sorted(track.ids.items())))


def _why(decision: Decision) -> str:
    """Return the reason of a rejection, with the gate that the nearest candidate fails."""
    reason = decision.outcome.replace("_", " ")
    nearest = next((judgement for judgement in decision.judgements if judgement.rejected_by), None)
    if decision.outcome != "rejected" or nearest is None:
        return reason
    gate = next(gate for gate in nearest.gates if not gate.passed)
    return f"{nearest.candidate.name[:80]}: {gate.name}, {gate.why}"[:200]


def _values(match: Match) -> dict[str, Any]:
    """Return the values that the match may lend, in the form of JSON."""
    track = match.track
    if track is None or match.scope == REFERENCE:
        return {}
    values = {name: match.ids[name] for name in ID_FIELDS if name in match.ids} | dict(track.values)
    values["genres"] = _genres(track)
    lent: dict[str, Any] = {}
    for name, value in values.items():
        acceptable = read_value(name, value)
        if acceptable is not None and (match.lends is None or name in match.lends):
            lent[name] = as_json(name, acceptable)
    return lent


def _genres(track: ProviderTrack) -> tuple[str, ...]:
    """Return the genres of the recording, otherwise those of its release; an artist's are no evidence."""
    for level in ("recording", "release"):
        named = [(genre.name, genre.weight) for genre in _of_level(track.genres, level)]
        if genres := map_genres(named, drop_wide=level == "release"):
            return genres
    if track.genres:
        return ()
    return map_genres((str(name), None) for name in track.values.get("genres") or ())


def _of_level(genres: Sequence[Genre], level: str) -> list[Genre]:
    return [genre for genre in genres if genre.level == level]
