"""Values that the pages of all sets claim for a track: ids, tempo, key, genres, label, length."""

import json
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from songnodes.domain.claims import CountedClaim
from songnodes.domain.genres import genre_name, map_genres
from songnodes.domain.keys import read_key
from songnodes.domain.records import Claim

#: Ids that a page may carry for a row.
IDS = ("spotify_id", "isrc", "musicbrainz_id", "beatport_id")
#: The same with those that are no column of a track.
ALL_IDS = (*IDS, "tidal_id", "deezer_id", "apple_music_id")
#: Numbers that a page may have for a track.
NUMBERS = ("bpm", "energy")
#: Characters of the note that lists names that are no genre.
MAX_NOTE = 200


class PageValues(NamedTuple):
    """Values by enriched column, and a note per field with names that are no value."""

    values: dict[str, Any]
    notes: dict[str, str]


def page_values(claims: Iterable[CountedClaim]) -> PageValues:
    """Return per enriched column the value of most sets; of equal counts the smaller text.

    Genres are those of the tree, the most frequent first, and a note has the other names; key and mode are
    one unit.
    """
    counted = list(claims)
    votes: dict[str, dict[Any, int]] = {}
    for entry in counted:
        for field, value in _claimed_values(entry["claim"]):
            counts = votes.setdefault(field, {})
            counts[value] = counts.get(value, 0) + entry["count"]
    values: dict[str, Any] = {}
    for field, counts in votes.items():
        first = min(counts, key=partial(_rank, counts)) if len(counts) > 1 else next(iter(counts))
        if field == "key":
            values["key"], values["key_mode"] = first
        else:
            values[field] = first
    genre_names, unknown = genre_counts(counted)
    if genre_names and (genres := map_genres(_weighted(genre_names))):
        values["genres"] = list(genres)
    notes = {"genres": f"not in the genre tree: {', '.join(unknown)}"[:MAX_NOTE]} if unknown else {}
    return PageValues(values, notes)


def _rank(counts: Mapping[Any, int], value: Any) -> tuple[int, str]:
    return -counts[value], json.dumps(value, ensure_ascii=False)


def genre_counts(claims: Iterable[CountedClaim]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the sets of each genre that pages claim, by name in the tree; and of each name that it lacks.

    Both are in order: most sets, then the text.
    """
    genres: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for entry in claims:
        if not (text := entry["claim"]["genre"]):
            continue
        for counts, names in zip((genres, unknown), _claimed_genres(text), strict=True):
            for name in names:
                counts[name] = counts.get(name, 0) + entry["count"]
    return _ranked(genres), _ranked(unknown)


@lru_cache(maxsize=1 << 12)  # rows of a page repeat them
def _claimed_genres(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the genres of one row, and its names that are none.

    The text as a whole counts if it is one, otherwise its parts between commas.
    """
    if (genre := genre_name(text)) is not None:
        return (genre,), ()
    parts = dict.fromkeys(name for part in text.split(",") if (name := part.strip()))
    genres = dict.fromkeys(genre for part in parts if (genre := genre_name(part)) is not None)
    return tuple(genres), tuple(part for part in parts if genre_name(part) is None)


def _ranked(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _weighted(counts: dict[str, int]) -> Iterable[tuple[str, float]]:
    most = max(counts.values(), default=0)
    return ((name, count / most) for name, count in counts.items())


def page_ids(claims: Iterable[CountedClaim]) -> dict[str, str]:
    """Return per kind of recording id the one of most sets; of equal counts the smaller text."""
    votes: dict[str, dict[str, int]] = {}
    for entry in claims:
        for name, value in entry["claim"]["ids"].items():
            if name in ALL_IDS:
                votes.setdefault(name, {})
                votes[name][value] = votes[name].get(value, 0) + entry["count"]
    return {name: min(counts, key=lambda value: (-counts[value], value)) for name, counts in votes.items()}


def _claimed_values(claim: Claim) -> Iterable[tuple[str, Any]]:
    if claim["label"]:
        yield "label", claim["label"]
    if claim["duration_ms"]:
        yield "duration_ms", claim["duration_ms"]
    if claim["ids"]:
        yield from ((field, claim["ids"][field]) for field in IDS if field in claim["ids"])
    if not (values := claim["values"]):
        return
    for field in NUMBERS:
        if (number := _number(values.get(field))) is not None:
            yield field, number
    if (text := values.get("key")) and (key := read_key(text)):
        yield "key", (key.number, key.mode)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # not -0.0, which is equal to 0.0
