"""Evaluated answers of providers: what each one has for a track, how sure, and which of them count.

An evaluated answer is a function of its archived record alone, so the order of arrival has no effect. A track
keeps the newest of each call, at most MAX_ANSWERS. Answers about an id, without artist or title of their own,
count only while a page or another answer that counts has that id for the track: a match that is withdrawn
takes along what was looked up through it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from songnodes.domain.waterfall import EVERY_FIELD, Answer, AttemptStatus

#: Calls of one track whose answers are kept; a track has about ten.
MAX_ANSWERS = 64
#: Statuses that carry values.
WITH_VALUES = frozenset({"hit", "stale_cache"})
#: Statuses of a provider that responded: a later failure of the same call does not replace them.
CONCLUSIVE = frozenset({"hit", "stale_cache", "miss", "rejected"})
#: Scope of an answer without artist and title.
BY_ID = "id"
RECORDING = "recording"
VARIANT = "variant"
#: Scope of an answer that lists ids only (comma-separated): for the next call, no evidence.
REFERENCE = "reference"
#: Scope of an answer about artists only.
ARTISTS = "artists"
#: Ids of a release: values about one are the track's while an answer that counts has it.
_OF_RELEASE = ("release_id", "album_id")


class AnswerEntry(TypedDict):
    """One evaluated answer. `values` is JSON, field -> value; `call` is equal for equal calls.

    `scope`: recording, variant, id (about the id only), reference, artists or empty; `confidence` is that of
    the match, 0 to 1, 1 for scope id. `ids` are those of the recording. `merged_from` is an id that the
    provider has replaced. `artists` is JSON, see `artist_answers.LentValues`.
    """

    attempt_id: str
    call: str
    provider: str
    operation: str
    lookup: str
    status: str
    note: str | None
    match_class: str
    scope: str
    confidence: float
    values: str
    ids: dict[str, str]
    merged_from: str | None
    observed_at: datetime
    cached: bool
    latency_ms: int | None
    artists: str


def with_answer(answers: Mapping[str, AnswerEntry], new: AnswerEntry) -> dict[str, AnswerEntry]:
    """Return the answers of a track, by call, after a new one."""
    stored = answers.get(new["call"])
    if stored is not None and _rank(stored) >= _rank(new):
        return dict(answers)
    return _bounded({**answers, new["call"]: new})


def of_entries(entries: Iterable[AnswerEntry]) -> dict[str, AnswerEntry]:
    """Return the answers of a track, by call, from all that it has."""
    answers: dict[str, AnswerEntry] = {}
    for entry in entries:
        stored = answers.get(entry["call"])
        if stored is None or _rank(entry) > _rank(stored):
            answers[entry["call"]] = entry
    return _bounded(answers)


def _bounded(answers: dict[str, AnswerEntry]) -> dict[str, AnswerEntry]:
    if len(answers) <= MAX_ANSWERS:
        return answers
    newest = sorted(answers.values(), key=_rank, reverse=True)[:MAX_ANSWERS]
    return {entry["call"]: entry for entry in newest}


def _rank(entry: AnswerEntry) -> tuple[bool, datetime, str]:
    return entry["status"] in CONCLUSIVE, entry["observed_at"], entry["attempt_id"]


def counting(
    entries: Iterable[AnswerEntry], page_ids: Mapping[str, str]
) -> list[tuple[AnswerEntry, float | None]]:
    """Return all answers, each with the confidence that it is about the track; None for those that are not.

    `page_ids`: the ids that pages or an operator have for the track, by column.
    """
    ordered = sorted(entries, key=lambda entry: (entry["call"], entry["attempt_id"]))
    trusted = dict.fromkeys(page_ids.items(), 1.0)
    for entry in ordered:
        if entry["scope"] == RECORDING and entry["status"] in WITH_VALUES:
            _trust(trusted, entry, entry["confidence"])
    by_id = [entry for entry in ordered if entry["scope"] == BY_ID and entry["status"] in WITH_VALUES]
    growing = True
    while growing:  # ends: a confidence only rises, to one of the values that are there
        growing = any([_trust(trusted, entry, _confidence(trusted, entry)) for entry in by_id])
    return [(entry, _counts_for(trusted, entry)) for entry in ordered]


def _counts_for(trusted: Mapping[tuple[str, str], float], entry: AnswerEntry) -> float | None:
    if entry["status"] not in WITH_VALUES:
        return None
    if entry["scope"] == BY_ID:
        return _confidence(trusted, entry)
    return entry["confidence"] if entry["scope"] in (RECORDING, VARIANT) else None


@lru_cache(maxsize=1 << 12)
def value_names(values: str) -> frozenset[str]:
    """Return the fields of an answer's values."""
    return frozenset(json.loads(values))


def _evidence(entry: AnswerEntry) -> list[tuple[str, str]]:
    """Return the ids that an answer by id is about: of the recording, otherwise of the release."""
    pairs = list(entry["ids"].items())
    return [pair for pair in pairs if not pair[0].endswith(_OF_RELEASE)] or pairs


def _trust(trusted: dict[tuple[str, str], float], entry: AnswerEntry, confidence: float | None) -> bool:
    """Raise the confidence of an answer's ids; return True if one was raised."""
    if confidence is None:
        return False
    raised = [pair for pair in entry["ids"].items() if trusted.get(pair, 0.0) < confidence]
    trusted.update(dict.fromkeys(raised, confidence))
    return bool(raised)


def _confidence(trusted: Mapping[tuple[str, str], float], entry: AnswerEntry) -> float | None:
    return max((trusted[pair] for pair in _evidence(entry) if pair in trusted), default=None)


def waterfall_answers(entries: Iterable[AnswerEntry], page_ids: Mapping[str, str]) -> tuple[Answer, ...]:
    """Return the answers by field, and one per answer for the outcome of its provider."""
    weighed = counting(entries, page_ids)
    outcomes = _outcomes(weighed)
    answers: list[Answer] = []
    for entry, confidence in weighed:
        if confidence is not None:
            answers += _values(entry, confidence)
        status, note = outcomes[entry["provider"]]
        answers.append(_answer(entry, EVERY_FIELD, None, 0.0, status, note))
    return tuple(answers)


def _values(entry: AnswerEntry, confidence: float) -> list[Answer]:
    note = entry["note"] or _match_note(entry)
    status: AttemptStatus = "stale_cache" if entry["status"] == "stale_cache" else "hit"
    return [
        _answer(entry, field, value, confidence, status, note)
        for field, value in json.loads(entry["values"]).items()
    ]


def _match_note(entry: AnswerEntry) -> str:
    if entry["scope"] == BY_ID:
        return "by id"
    return f"{entry['match_class']} match by {entry['lookup'] or 'search'}, scope {entry['scope']}"


def _answer(
    entry: AnswerEntry, field: str, value: Any, confidence: float, status: AttemptStatus, note: str | None
) -> Answer:
    return Answer(
        provider=entry["provider"],
        field=field,
        value=value,
        match_confidence=confidence,
        observed=entry["observed_at"],
        cached=entry["cached"],
        note=note,
        status=status,
        response=entry["attempt_id"] if entry["status"] in CONCLUSIVE else None,
        response_time_ms=entry["latency_ms"],
    )


def _outcomes(
    weighed: Sequence[tuple[AnswerEntry, float | None]],
) -> dict[str, tuple[AttemptStatus, str | None]]:
    """Return the outcome of each provider: a hit if one of its answers counts, otherwise that of its newest
    conclusive answer, otherwise of its newest."""
    by_provider: dict[str, list[tuple[AnswerEntry, float | None]]] = defaultdict(list)
    for entry, confidence in weighed:
        by_provider[entry["provider"]].append((entry, confidence))
    for (
        provider,
        answered,
    ) in by_provider.items():  # answers about artists decide only where there are no others
        by_provider[provider] = [pair for pair in answered if pair[0]["scope"] != ARTISTS] or answered
    outcomes: dict[str, tuple[AttemptStatus, str | None]] = {}
    for provider, answered in by_provider.items():
        if any(confidence is not None for _, confidence in answered):
            outcomes[provider] = ("hit", None)
            continue
        last = max((entry for entry, _ in answered), key=_rank)
        without_id = last["status"] in WITH_VALUES and last["scope"] != ARTISTS
        note = "no other source has its id for this track" if without_id else last["note"]
        outcomes[provider] = ("rejected" if without_id else _status(last["status"]), note)
    return outcomes


_STATUSES: Mapping[str, AttemptStatus] = {
    "hit": "hit",
    "miss": "miss",
    "skipped": "skipped",
    "rejected": "rejected",
    "rate_limited": "rate_limited",
    "quota_exhausted": "quota_exhausted",
    "breaker_open": "breaker_open",
    "disabled": "disabled",
    "stale_cache": "stale_cache",
}


def _status(status: str) -> AttemptStatus:
    """Return a status of the waterfall; one of a later version is an error."""
    return _STATUSES.get(status, "error")


def replaced_ids(entries: Iterable[AnswerEntry]) -> dict[str, str]:
    """Return the MusicBrainz ids that were merged into others: the old one -> the one that replaced it."""
    replaced: dict[str, str] = {}
    for entry in sorted((entry for entry in entries if entry["merged_from"]), key=_rank):
        current = entry["ids"].get("musicbrainz_id")
        if entry["merged_from"] and current and entry["merged_from"] != current:
            replaced[entry["merged_from"]] = current
    return replaced


def follow(replaced: Mapping[str, str], identity: str) -> str:
    """Return the id that is current, however often it was replaced."""
    passed = {identity}
    while (current := replaced.get(identity)) is not None and current not in passed:
        passed.add(current)
        identity = current
    return identity
