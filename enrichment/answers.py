"""Evaluation of an archived answer: extraction, matching with the track as requested, genres. Pure.

The result depends on the record and the code alone: `songnodes.domain.answers` decides over all answers of a
track which of them count.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from enrichment.providers import ALL
from enrichment.types import Call, Genre, Provider, ProviderTrack
from songnodes.domain.answers import BY_ID, RECORDING, WITH_VALUES, AnswerEntry
from songnodes.domain.genres import map_genres
from songnodes.domain.lines import read_line
from songnodes.domain.matching import Decision, RequestedTrack, decide
from songnodes.domain.matching.decision import LENT_BY_VARIANT
from songnodes.domain.records import Attempt, AttemptClaim
from songnodes.domain.waterfall import as_json, read_value

#: Ids at providers that are columns of a track.
ID_FIELDS = ("spotify_id", "isrc", "musicbrainz_id", "beatport_id")
#: All that a part of a DJ mix may lend: it is another recording.
LENT_BY_MIX_PART = frozenset({"genres"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The track of an answer that is the requested one, or why there is none."""

    track: ProviderTrack | None = None
    decision: Decision | None = None
    status: str = "hit"
    note: str | None = None
    scope: str = ""
    lends: frozenset[str] | None = field(default=None)  # None: everything

    @property
    def confidence(self) -> float:
        """Return the confidence of the match; 1 for values about an id."""
        return self.decision.confidence if self.decision else 1.0


def evaluate(attempt: Attempt, providers: Mapping[str, Provider] = ALL) -> AnswerEntry:
    """Return the evaluated answer of an attempt."""
    provider = providers.get(attempt["provider"])
    match = Match(status=attempt["status"], note=attempt["note"])
    if attempt["status"] in WITH_VALUES:
        match = _match(attempt, provider)
    track = match.track
    ids = dict(track.ids) if track is not None and match.scope in (RECORDING, BY_ID) else {}
    has_track = track is not None
    return {
        "attempt_id": attempt["attempt_id"] or attempt["event_id"],
        "call": call_of(attempt).key,
        "provider": attempt["provider"],
        "operation": attempt["operation"],
        "lookup": attempt["lookup"],
        "status": match.status,
        "note": match.note,
        "match_class": match.decision.match_class if match.decision and has_track else "",
        "scope": match.scope,
        "confidence": match.confidence if has_track else 0.0,
        "values": json.dumps(_values(match), ensure_ascii=False, sort_keys=True),
        "ids": ids,
        "merged_from": track.merged_from if track is not None and ids else None,
        "observed_at": attempt["attempted_at"],
        "cached": attempt["cached"],
        "latency_ms": attempt["latency_ms"],
    }


def call_of(attempt: Attempt) -> Call:
    """Return the call of an attempt; of a batch, that of the track's part."""
    return Call(
        provider=attempt["provider"], operation=attempt["operation"], parameters=attempt["parameters"]
    )


def requested_track(claim: AttemptClaim) -> RequestedTrack:
    """Return the requested track in the form that matching takes."""
    return RequestedTrack(
        line=read_line(claim["text"]),
        duration_ms=claim["duration_ms"],
        isrc=read_value("isrc", claim["ids"].get("isrc")),
        ids={name: value for name, value in claim["ids"].items() if name != "isrc"},
    )


def _match(attempt: Attempt, provider: Provider | None) -> Match:
    if provider is None:
        return Match(status="error", note="this version has no provider of this name")
    body = attempt["body"] or b""
    tracks = provider.extract(attempt["operation"], attempt["parameters"], body)
    if not tracks:
        is_about_artists = bool(provider.extract_artists(attempt["operation"], attempt["parameters"], body))
        return Match(status="hit" if is_about_artists else "miss", note="no track in the answer")
    named = [track for track in tracks if track.candidate is not None]
    if not named:
        return Match(track=tracks[0], status=attempt["status"], scope=BY_ID)
    if attempt["claim"] is None:
        return Match(status="rejected", note="the track as requested is not recorded")
    return _decided(requested_track(attempt["claim"]), named, attempt["status"])


def _decided(requested: RequestedTrack, tracks: Sequence[ProviderTrack], status: str) -> Match:
    """Return the match among tracks with names; parts of DJ mixes only where no other track matches."""
    own = [track for track in tracks if not track.mix_part]
    mixed = [track for track in tracks if track.mix_part]
    decision = _decide(requested, own)
    if decision.chosen is not None:
        scope = decision.scope or ""
        lends = None if scope == RECORDING else LENT_BY_VARIANT
        return Match(
            track=_track_of(decision, own), decision=decision, status=status, scope=scope, lends=lends
        )
    of_mix = _decide(requested, mixed)
    if of_mix.chosen is not None:
        track = _track_of(of_mix, mixed)
        note = "part of a DJ mix: genres only"
        return Match(
            track=track, decision=of_mix, status=status, note=note, scope="variant", lends=LENT_BY_MIX_PART
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
    if track is None:
        return {}
    values = {name: track.ids[name] for name in ID_FIELDS if name in track.ids} | dict(track.values)
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
