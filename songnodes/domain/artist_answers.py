"""Values of artists in the archived answers of providers.

A credit is the id that the provider has for an artist of a matched track; a profile is its description of an
artist. Both are lent to the artist of equal name only. State and records have the newest of each id.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, NotRequired, TypedDict

from songnodes.domain.answers import WITH_VALUES, AnswerEntry
from songnodes.domain.ids import canonical_json
from songnodes.domain.records import ArtistAnswer, ArtistAnswers

CREDIT = "credit"
PROFILE = "profile"
#: One for all calls: `json.dumps` with settings creates one per call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
#: Ids of one artist at one provider that are kept, by kind: the newest. More than one is a conflict.
MAX_IDS = 8
#: Artists that a track's answers named and do not name now, whose retraction is sent again.
MAX_GONE = 64


class LentValues(TypedDict):
    """Values for one artist in one answer, as JSON in the state of its track.

    State of earlier versions lacks the last ones.
    """

    artist_id: str
    kind: str
    native_id: str
    name: str
    ids: dict[str, str]
    aliases: list[str]
    genres: list[str]
    links: dict[str, str]
    country: str | None
    biography: str | None
    artist_type: NotRequired[str | None]
    life_begin: NotRequired[str | None]
    life_end: NotRequired[str | None]
    groups: NotRequired[list[str]]
    merged_from: NotRequired[str | None]


class AnswersEntry(TypedDict):
    """The answers of one track about the artist, none after their retraction; or that to a request for it."""

    version: int
    answers: list[ArtistAnswer]


Kept = dict[str, ArtistAnswer]


class Identity(NamedTuple):
    """An id of a provider, and the kind of the answers about it."""

    provider: str
    kind: str
    native_id: str


def lent(entry: AnswerEntry) -> list[LentValues]:
    """Return the values of an evaluated answer for artists."""
    values: list[LentValues] = json.loads(entry["artists"]) if entry["status"] in WITH_VALUES else []
    return values


def own_entry(entry: AnswerEntry) -> AnswersEntry:
    """Return the values of an answer to a request for the artist."""
    return {"version": 0, "answers": [_answer(entry, values) for values in lent(entry)]}


def by_artist(entries: Iterable[AnswerEntry]) -> dict[str, list[ArtistAnswer]]:
    """Return the values of a track's answers by artist: the newest of each id."""
    newest: dict[str, Kept] = {}
    for entry in entries:
        for values in lent(entry):
            add(newest.setdefault(values["artist_id"], {}), _answer(entry, values))
    return {artist_id: [kept[key] for key in sorted(kept)] for artist_id, kept in newest.items()}


def _answer(entry: AnswerEntry, values: LentValues) -> ArtistAnswer:
    return {
        "attempt_id": entry["attempt_id"],
        "provider": entry["provider"],
        "kind": values["kind"],
        "native_id": values["native_id"],
        "name": values["name"],
        "ids": values["ids"],
        "aliases": values["aliases"],
        "genres": values["genres"],
        "links": values["links"],
        "country": values["country"],
        "biography": values["biography"],
        "observed_at": entry["observed_at"],
        "artist_type": values.get("artist_type"),
        "life_begin": values.get("life_begin"),
        "life_end": values.get("life_end"),
        "groups": values.get("groups", []),
        "merged_from": values.get("merged_from"),
    }


def add(kept: Kept, answer: ArtistAnswer) -> None:
    """Add an answer where it is the newest of its id."""
    key = _key(answer)
    stored = kept.get(key)
    if stored is None or _rank(answer) > _rank(stored):
        kept[key] = answer


def identity(answer: ArtistAnswer) -> Identity:
    """Return the id that the answer is about."""
    return Identity(answer["provider"], answer["kind"], answer["native_id"])


def _key(answer: ArtistAnswer) -> str:
    return "|".join(identity(answer))


def _rank(answer: ArtistAnswer) -> tuple[datetime, str, str]:
    return answer["observed_at"], answer["attempt_id"], canonical_json(answer)


def newer(old: AnswersEntry | None, new: AnswersEntry) -> AnswersEntry:
    """Return the newer of two entries; an equal version replaces."""
    return new if old is None or new["version"] >= old["version"] else old


def answers_entry(fact: ArtistAnswers) -> AnswersEntry:
    """Return the entry of a fact."""
    return {"version": fact["version"], "answers": [] if fact["gone"] else fact["answers"]}


def is_removal(kept: Mapping[str, ArtistAnswer], old: AnswersEntry | None, new: AnswersEntry | None) -> bool:
    """Return True if an answer that is kept was removed without a newer one of its id in the same entry."""
    after: Kept = {}
    for answer in new["answers"] if new else []:
        add(after, answer)
    for answer in old["answers"] if old else []:
        key = _key(answer)
        if kept.get(key) != answer:
            continue
        if key not in after or _rank(after[key]) < _rank(answer):
            return True
    return False


def newest(kept: Mapping[str, ArtistAnswer], added: Iterable[ArtistAnswer]) -> Kept:
    """Return the newest answer of each id, of at most MAX_IDS ids by provider and kind."""
    all_kept = dict(kept)
    for answer in added:
        add(all_kept, answer)
    groups: dict[tuple[str, str], list[ArtistAnswer]] = {}
    for answer in all_kept.values():
        groups.setdefault((answer["provider"], answer["kind"]), []).append(answer)
    bounded = (
        answer
        for group in groups.values()
        for answer in (group if len(group) <= MAX_IDS else sorted(group, key=_rank, reverse=True)[:MAX_IDS])
    )
    return {_key(answer): answer for answer in bounded}


def artists_ever(ever: Iterable[str], answers: Iterable[AnswerEntry], new: AnswerEntry | None) -> list[str]:
    """Return the artists that the answers of a track name or named: all live ones, of others MAX_GONE."""
    named = {*ever, *(values["artist_id"] for values in lent(new))} if new else set(ever)
    if len(named) > MAX_GONE:
        live = by_artist(answers).keys()
        named = {*live, *sorted(named - live)[:MAX_GONE]}
    return sorted(named)


def signature(answers: Iterable[ArtistAnswer]) -> int:
    """Return a signature of a fact's answers. Valid within one process only."""
    return hash(canonical_json({"answers": list(answers)}))


def as_json(values: Iterable[LentValues]) -> str:
    """Return the form in which the state of a track has the values."""
    plain: list[Any] = list(values)
    return _ENCODER.encode(plain) if plain else "[]"
