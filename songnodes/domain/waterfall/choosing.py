"""Choice of values: per field the first acceptable one in provider order.

A pure function of the set of answers, the overrides and the configuration: the order of the answers does not
matter, so the same archive yields the same silver row, offline too.
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from songnodes.domain.waterfall.agreement import combined, compare
from songnodes.domain.waterfall.answers import (
    EVERY_FIELD,
    OVERRIDE,
    PAGE,
    Answer,
    AttemptStatus,
    Enriched,
    Tried,
    count_responses,
    page_fields,
    recorded,
    united,
)
from songnodes.domain.waterfall.config import DEFAULT, Config
from songnodes.domain.waterfall.fields import columns, read_value, shown

#: Statuses of answers that carry a value.
_WITH_VALUE = frozenset({"hit", "stale_cache"})
#: One for all calls: `json.dumps` with settings creates one per call.
_ENCODER = json.JSONEncoder(default=str, sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A provider's best answer for a field. `value` is None where it is not acceptable."""

    provider: str
    answer: Answer
    value: Any
    confidence: float
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """All candidates of one field, in order of preference."""

    name: str
    candidates: tuple[_Candidate, ...]
    acceptable: tuple[_Candidate, ...]
    missing: tuple[str, ...]  # enabled providers that answered without this field


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The winner of a field. `octave` is the other reading of its tempo."""

    field: str
    provider: str
    value: Any
    confidence: float
    octave: float | None = None
    contradicted: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that have a confidence of their own."""
        return ("key", "key_mode") if self.field == "key" else (self.field,)


class _Attempts(NamedTuple):
    """Attempts, and what `waterfall_attempts` has of each."""

    tried: tuple[Tried, ...]
    recorded: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, tried: Sequence[Tried]) -> "_Attempts":
        """Return attempts with their recorded form."""
        return cls(tuple(tried), tuple(map(recorded, tried)))


class _Decided(NamedTuple):
    """The winner of a field, if it has one, and its attempts."""

    chosen: _Chosen | None
    attempts: _Attempts


def choose(
    answers: Iterable[Answer], overrides: Mapping[str, Any] | None = None, config: Config = DEFAULT
) -> Enriched:
    """Return the chosen values with confidence, provenance and every provider considered.

    `overrides` (column -> value, texts understood) beat every provider. Answers of providers that the
    configuration does not know, or of unknown fields, are not considered.
    """
    ordered = sorted(answers, key=_order)
    by_source: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in ordered:
        by_source[answer.provider, answer.field].append(answer)
    queried = {answer.provider for answer in ordered}
    decided = united(overrides or {})
    # a queried provider has no value for the fields that it does not mention
    names = config.fields if queried - {PAGE} else {answer.field for answer in ordered} | decided.keys()
    fields = [_field(name, by_source, queried, decided, config) for name in config.fields if name in names]
    return _enriched(
        [_decided(field, config) for field in fields],
        _Attempts.of(_whole_providers(by_source, queried, config)),
        config,
        responses=count_responses(ordered),
        last_enriched=max(
            (answer.observed for answer in ordered if answer.response and answer.observed), default=None
        ),
    )


def choose_of_pages(
    values: Mapping[str, Any], notes: Mapping[str, str], config: Config = DEFAULT
) -> Enriched:
    """Return what `choose` returns for the answers of these values and notes of pages alone.

    Most tracks have no others. Fields do not depend on each other then, and most values are those of other
    tracks, too. Only genres are a list, and have a note.
    """
    by_name = page_fields(values, notes)
    decided = [
        _of_page(name, tuple(value) if isinstance(value, list) else value, notes.get(name), config)
        for name in config.fields
        if name in by_name
        for value in (by_name[name],)
    ]
    return _enriched(decided, _without_providers(bool(by_name), config), config)


@lru_cache(maxsize=1 << 12, typed=True)
def _of_page(name: str, value: Hashable, note: str | None, config: Config) -> _Decided:
    answer = Answer(provider=PAGE, field=name, value=value, note=note)
    return _decided(_field(name, {(PAGE, name): [answer]}, {PAGE}, {}, config), config)


@lru_cache(maxsize=16)
def _without_providers(has_page: bool, config: Config) -> _Attempts:
    return _Attempts.of(_whole_providers({}, {PAGE} if has_page else set(), config))


def _decided(field: _Field, config: Config) -> _Decided:
    attempts = _Attempts.of(_attempts(field, config))
    return _Decided(_chosen(field, config) if field.acceptable else None, attempts)


def _enriched(
    decided: Sequence[_Decided],
    whole_providers: _Attempts,
    config: Config,
    *,
    responses: tuple[int, int, int] = (0, 0, 0),
    last_enriched: datetime | None = None,
) -> Enriched:
    chosen = [pick for pick, _ in decided if pick is not None]
    attempts = [*(attempts for _, attempts in decided), whole_providers]
    values = {column: value for pick in chosen for column, value in columns(pick.field, pick.value).items()}
    calls, cached, waited = responses
    return Enriched(
        values=values,
        confidences={column: pick.confidence for pick in chosen for column in pick.columns},
        provenance={column: pick.provider for pick in chosen for column in pick.columns},
        attempts=tuple(chain.from_iterable([part.tried for part in attempts])),
        recorded=tuple(chain.from_iterable([part.recorded for part in attempts])),
        conflicts=tuple(pick.field for pick in chosen if pick.contradicted),
        alternatives={pick.field: pick.octave for pick in chosen if pick.octave is not None},
        unobtainable=tuple(sorted(config.columns - config.obtainable - values.keys())),
        config_version=config.version,
        api_calls=calls,
        cache_hits=cached,
        duration_ms=waited,
        last_enriched=last_enriched,
    )


def _order(answer: Answer) -> tuple[str, ...]:
    """Return the sort key of an answer: a fixed order, so that the result is independent of arrival."""
    when = answer.observed.isoformat() if answer.observed else ""
    text = _ENCODER.encode(shown(answer.field, answer.value))
    flags = f"{answer.match_confidence}{answer.cached}{answer.status}"
    return answer.provider, answer.field, when, answer.response or "", text, flags, answer.note or ""


def _field(
    name: str,
    by_source: Mapping[tuple[str, str], Sequence[Answer]],
    queried: set[str],
    decided: Mapping[str, Any],
    config: Config,
) -> _Field:
    candidates: list[_Candidate] = []
    missing: list[str] = []
    if name in decided:
        override = Answer(provider=OVERRIDE, field=name, value=decided[name])
        candidates.append(_candidate(name, override, 1.0, 0.0))
    for provider, weight in config.fields[name].items():
        if not config.providers[provider].enabled:
            continue
        answered = [
            _candidate(name, answer, weight, config.minimum)
            for answer in by_source.get((provider, name), ())
            if answer.status in _WITH_VALUE and answer.value is not None
        ]
        if answered:
            candidates.append(answered[0] if len(answered) == 1 else max(answered, key=_preference))
        elif provider != PAGE and provider in queried and _whole_status(by_source, provider) == "hit":
            missing.append(provider)
    return _Field(
        name=name,
        candidates=tuple(candidates),
        acceptable=tuple(candidate for candidate in candidates if candidate.refused is None),
        missing=tuple(missing),
    )


def _candidate(name: str, answer: Answer, weight: float, minimum: float) -> _Candidate:
    value = read_value(name, answer.value)
    confidence = round(weight * answer.match_confidence, 6)
    refused = None
    if value is None:
        refused = "not acceptable as a value"
    elif confidence < minimum:
        refused = f"confidence below {minimum}"
    return _Candidate(
        provider=answer.provider, answer=answer, value=value, confidence=confidence, refused=refused
    )


def _preference(candidate: _Candidate) -> tuple[bool, float, tuple[str, ...]]:
    """Return the preference within one provider: acceptable, then higher confidence, then newer."""
    _, _, when, *rest = _order(candidate.answer)
    return candidate.refused is None, candidate.confidence, (when, *rest)


def _chosen(field: _Field, config: Config) -> _Chosen:
    """Return the first acceptable value, its confidence adjusted by values of other origins."""
    winner, *rest = field.acceptable
    if winner.provider == OVERRIDE:
        return _Chosen(field=field.name, provider=OVERRIDE, value=winner.value, confidence=1.0)
    origin = config.providers[winner.provider].origin
    witnesses: dict[str, float] = {}
    octave, contradicted = None, False
    for candidate in rest:
        candidate_origin = config.providers[candidate.provider].origin
        verdict = compare(field.name, winner.value, candidate.value)
        if verdict == "octave" and octave is None:
            octave = candidate.value
        if candidate_origin == origin:
            continue
        if verdict == "agree":
            witnesses[candidate_origin] = max(candidate.confidence, witnesses.get(candidate_origin, 0.0))
        contradicted |= verdict == "contradict"
    return _Chosen(
        field=field.name,
        provider=winner.provider,
        value=winner.value,
        confidence=round(combined(winner.confidence, (witnesses[key] for key in sorted(witnesses))), 6),
        octave=octave,
        contradicted=contradicted and not witnesses,
    )


def _attempts(field: _Field, config: Config) -> list[Tried]:
    """Return the attempts of a field in order of preference: answers, refused ones included, and misses."""
    winner = field.acceptable[0].provider if field.acceptable else None
    by_provider = {candidate.provider: candidate for candidate in field.candidates}
    tried: list[Tried] = []
    for provider in (OVERRIDE, *config.fields[field.name]):
        if provider in by_provider:
            tried.append(_answered(field.name, by_provider[provider], provider == winner, config.version))
        elif provider in field.missing:
            tried.append(_tried(field.name, provider, "miss", config.version))
    return tried


def _answered(name: str, candidate: _Candidate, chosen: bool, version: str) -> Tried:
    answer = candidate.answer
    status: AttemptStatus = "rejected" if candidate.refused else answer.status
    tried = _tried(name, candidate.provider, status, version)
    tried["value"] = shown(name, answer.value if candidate.value is None else candidate.value)
    tried["confidence"] = candidate.confidence
    tried["timestamp"] = answer.observed.isoformat() if answer.observed else None
    tried["cached"] = answer.cached
    tried["chosen"] = chosen
    tried["note"] = "; ".join(note for note in (candidate.refused, answer.note) if note) or None
    tried["response_time_ms"] = answer.response_time_ms
    return tried


def _tried(name: str, provider: str, status: AttemptStatus, version: str) -> Tried:
    return {
        "field": name,
        "provider": provider,
        "value": None,
        "confidence": None,
        "timestamp": None,
        "cached": False,
        "chosen": False,
        "status": status,
        "note": None,
        "response_time_ms": None,
        "config_version": version,
    }


def _whole_providers(
    by_source: Mapping[tuple[str, str], Sequence[Answer]], queried: set[str], config: Config
) -> list[Tried]:
    """Return one attempt per provider without any value: disabled, not queried, or its final status."""
    tried: list[Tried] = []
    for provider, entry in config.providers.items():
        if not entry.enabled:
            tried.append(_tried(EVERY_FIELD, provider, "disabled", config.version))
        elif provider not in queried:
            status: AttemptStatus = "miss" if provider == PAGE else "skipped"
            tried.append(_tried(EVERY_FIELD, provider, status, config.version))
        elif (ended := _whole_status(by_source, provider)) != "hit":
            last = by_source[provider, EVERY_FIELD][-1]
            attempt = _tried(EVERY_FIELD, provider, ended, config.version)
            attempt["timestamp"] = last.observed.isoformat() if last.observed else None
            attempt["note"] = last.note
            tried.append(attempt)
    return tried


def _whole_status(by_source: Mapping[tuple[str, str], Sequence[Answer]], provider: str) -> AttemptStatus:
    """Return the final status of a provider: its newest answer for `EVERY_FIELD`, otherwise a hit."""
    ended = by_source.get((provider, EVERY_FIELD), ())
    return ended[-1].status if ended else "hit"
