"""Track data of all sets together: spellings with their counts, the first appearance, decisions.

These are sums over entries, one entry per set or decision, that can be retracted: the same set of entries
yields the same sums, in any order.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NotRequired, TypedDict

from songnodes.domain import answers, artist_answers, ids
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.records import Claim, ClaimCount, Decision, TrackFact

UNDATED = "9999-12-31"
#: Names that canonical JSON leaves out; those of ids and values are the page's.
_NOT_AS_IT_IS = ids.NOT_CONTENT | ids.LEFT_OUT_WHEN_EMPTY


class CountedClaim(TypedDict):
    """A distinct claim and the number of its sets."""

    claim: Claim
    count: int


class FirstAppearance(TypedDict):
    """Position of a track in one set; the smallest of these is its first appearance."""

    day: str  # ISO; UNDATED sorts last
    playlist_id: str
    position: int
    cue_text: str | None
    mix_name: str | None
    bronze_id: str


class SetEntry(TypedDict):
    """Data of one set about the track; `claim_hash` and `place` are None after its retraction.

    The claim itself is stored once, in the total: an entry that was read from the state has none.
    """

    version: int
    claim_hash: str | None
    claim: NotRequired[Claim]
    place: FirstAppearance | None
    observed_at: datetime


class DecisionEntry(TypedDict):
    """One override; `value` is None after its withdrawal."""

    version: datetime
    field: str
    value: str | None
    decision_id: str
    reason: str


class TrackTotal(TypedDict):
    """The sums of one track."""

    claims: dict[str, CountedClaim]
    first: FirstAppearance | None
    overrides: dict[str, DecisionEntry]
    last_observed_at: datetime | None
    answers: dict[str, AnswerEntry]
    artists_ever: list[str]  # that the answers name, or named


def empty() -> TrackTotal:
    """Return the total of a track without sets, decisions and answers."""
    return {
        "claims": {},
        "first": None,
        "overrides": {},
        "last_observed_at": None,
        "answers": {},
        "artists_ever": [],
    }


def set_entry(fact: TrackFact) -> SetEntry:
    """Return the entry of a fact."""
    claim = fact["claim"]
    if fact["gone"] or claim is None or not fact["appearances"]:
        return {
            "version": fact["version"],
            "claim_hash": None,
            "place": None,
            "observed_at": fact["observed_at"],
        }
    first = min(fact["appearances"], key=lambda place: place["position"])
    return {
        "version": fact["version"],
        "claim_hash": hashlib.sha256(canonical_claim(claim)).hexdigest()[:16],
        "claim": claim,
        "place": {
            "day": _iso(fact["set_date"]),
            "playlist_id": fact["playlist_id"],
            "position": first["position"],
            "cue_text": first["cue_text"],
            "mix_name": fact["mix_name"],
            "bronze_id": first["bronze_id"],
        },
        "observed_at": fact["observed_at"],
    }


def canonical_claim(claim: Claim) -> bytes:
    """Return the canonical JSON of a claim: texts, integers, and lists or mappings of texts."""
    if _NOT_AS_IT_IS.isdisjoint(claim["ids"]) and _NOT_AS_IT_IS.isdisjoint(claim["values"]):
        return ids.canonical_bytes(claim)
    return ids.canonical_json(claim).encode()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else UNDATED


def newer_set(old: SetEntry | None, new: SetEntry) -> SetEntry:
    """Return the newer of two entries; an equal version replaces."""
    return new if old is None or new["version"] >= old["version"] else old


def decision_entry(decision: Decision) -> DecisionEntry:
    """Return the entry of an override."""
    return {
        "version": decision["decided_at"],
        "field": decision["field"] or "",
        "value": None if decision["withdrawn"] else decision["value"],
        "decision_id": decision["decision_id"],
        "reason": decision["reason"],
    }


def newer_decision(old: DecisionEntry | None, new: DecisionEntry) -> DecisionEntry:
    """Return the later decision; of two at one time the greater text, so that order does not matter."""
    if old is None:
        return new
    return max(old, new, key=lambda entry: (entry["version"], entry["value"] or "", entry["reason"]))


def apply_set(
    total: TrackTotal,
    old: SetEntry | None,
    new: SetEntry,
    all_sets: Callable[[], Iterable[SetEntry]],
) -> TrackTotal:
    """Return the total after one set's entry changed.

    `all_sets` returns the entries of all sets after this change; it is called only when the first appearance
    was retracted or moved to a later place.
    """
    return {
        **total,
        "claims": _recounted(total["claims"], old, new),
        "first": _first(total["first"], old, new, all_sets),
        "last_observed_at": latest(total["last_observed_at"], new["observed_at"]),
    }


def _recounted(
    claims: dict[str, CountedClaim], old: SetEntry | None, new: SetEntry
) -> dict[str, CountedClaim]:
    before, after = (old["claim_hash"] if old else None), new["claim_hash"]
    if before == after:
        return claims
    recounted = dict(claims)
    if before is not None:
        count = recounted[before]["count"] - 1
        if count:
            recounted[before] = {**recounted[before], "count": count}
        else:
            del recounted[before]
    if after is not None:
        claim = recounted[after]["claim"] if after in recounted else new["claim"]
        count = recounted[after]["count"] if after in recounted else 0
        recounted[after] = {"claim": claim, "count": count + 1}
    return recounted


def _first(
    first: FirstAppearance | None,
    old: SetEntry | None,
    new: SetEntry,
    all_sets: Callable[[], Iterable[SetEntry]],
) -> FirstAppearance | None:
    before, after = (old["place"] if old else None), new["place"]
    if before is not None and first is not None and before["playlist_id"] == first["playlist_id"]:
        if after is not None and place_order(after) <= place_order(first):
            return after  # all others come after the first
        places = [place for entry in all_sets() if (place := entry["place"]) is not None]
        return min(places, key=place_order, default=None)
    if after is not None and (first is None or place_order(after) < place_order(first)):
        return after
    return first


def latest(stored: datetime | None, observed_at: datetime) -> datetime:
    """Return the later of two times."""
    return observed_at if stored is None else max(stored, observed_at)


def place_order(place: FirstAppearance) -> tuple[str, str, int]:
    """Return the sort key: the lowest (set date, playlist, position) is first (docs/guarantees.md)."""
    return place["day"], place["playlist_id"], place["position"]


def apply_decision(total: TrackTotal, old: DecisionEntry | None, new: DecisionEntry) -> TrackTotal:
    """Return the total after a decision."""
    overrides = dict(total["overrides"])
    if old is not None and old["value"] is not None:
        overrides.pop(old["field"], None)
    if new["value"] is not None:
        overrides[new["field"]] = new
    return {**total, "overrides": overrides}


def apply_answer(
    total: TrackTotal,
    old: AnswerEntry | None,
    new: AnswerEntry | None,
    all_answers: Callable[[], Iterable[AnswerEntry]],
) -> TrackTotal:
    """Return the total after one archived answer was added, or changed, or withdrawn (`new` None).

    `all_answers` returns all answers after this change; it is called only when one was changed or withdrawn.
    """
    if old is None and new is not None:
        kept = answers.with_answer(total["answers"], new)
    else:
        kept = answers.of_entries(all_answers())
    ever = artist_answers.artists_ever(total["artists_ever"], kept.values(), new)
    return {**total, "answers": kept, "artists_ever": ever}


def spelling(claims: Iterable[CountedClaim]) -> Claim:
    """Return the claim whose spelling is shown: most sets, then a credit split by the page, then the text.

    Of equal ones that of most sets, then the smaller JSON, so that the order of claims does not matter.
    """
    counted = list(claims)
    if len(counted) == 1:
        return counted[0]["claim"]
    counts: dict[tuple[str, str], int] = {}
    for entry in counted:
        text = _text(entry["claim"])
        counts[text] = counts.get(text, 0) + entry["count"]
    ranks = [
        (-counts[text], not entry["claim"]["artists_certain"], text, -entry["count"])
        for entry in counted
        for text in (_text(entry["claim"]),)
    ]
    first = min(ranks)
    tied = [entry["claim"] for entry, rank in zip(counted, ranks, strict=True) if rank == first]
    return tied[0] if len(tied) == 1 else min(tied, key=canonical_claim)


def spellings(claims: Iterable[CountedClaim]) -> list[ClaimCount]:
    """Return every spelling with its count, the most frequent first."""
    counts: dict[str, int] = {}
    for entry in claims:
        text = " - ".join(_text(entry["claim"]))
        counts[text] = counts.get(text, 0) + entry["count"]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"text": text, "count": count} for text, count in ordered]


def _text(claim: Claim) -> tuple[str, str]:
    return claim["artist_credit"], claim["track_name"]
