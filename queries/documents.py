"""Members of stored documents (`jsonb` columns), with defaults: rows of earlier versions lack later members.

A shape is the default of a value, or of the members of an object: `{"member": shape}`; `Each(shape)` is an
object whose names are data, `Entries(shape)` an array; a tuple has the shapes of an object and of an array,
for tables that use one name for both. Every reader gets documents with all members.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Each:
    """An object with any names, and values of one shape."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Entries:
    """An array of objects of one shape. One without the `required` member says nothing and is left out."""

    shape: Mapping[str, Any]
    required: str | None = None


ANY: Mapping[str, Any] = {}
_ATTEMPT: Mapping[str, Any] = {
    "field": "*", "provider": "unknown", "status": "unknown", "value": None, "confidence": None,
    "chosen": False, "timestamp": None, "cached": False, "note": None,
}  # fmt: skip
_SPELLINGS = Entries({"text": "", "count": 0}, required="text")
_SUPPORTERS = Entries({"dj_id": None, "sets": 0}, required="dj_id")
_PRODUCER: Mapping[str, Any] = {
    "track_count": 0,
    "play_count": 0,
    "supporter_count": 0,
    "top_supporters": _SUPPORTERS,
    "top_tracks": Entries({"track_id": None, "plays": 0}, required="track_id"),
    "years": Each({"plays": 0, "tracks": 0, "supporters": 0}),
    "key_profile": Each(0),
    "key_coverage": None,
    "bpm_profile": Each(0),
    "bpm_median": None,
    "bpm_coverage": None,
}
_DJ: Mapping[str, Any] = {
    "set_count": 0,
    "track_count": 0,
    "play_count": 0,
    "exclusive_tracks": 0,
    "unidentified_share": None,
    "unreleased_share": None,
    "release_coverage": None,
    "median_age_days": None,
    "residencies": Entries(
        {"kind": "venue", "name": "", "sets": 0, "most": 0, "first_date": None, "last_date": None},
        required="name",
    ),
    "favourite_artists": Entries({"artist_id": None, "sets": 0}, required="artist_id"),
    "genres_by_year": Each(Each(0)),
}
#: Shapes of columns, by the names that statements give them.
COLUMNS: Mapping[str, Any] = {
    "enrichment_metadata": {"waterfall_attempts": Entries(_ATTEMPT)},
    "enrichment_details": {"provenance": ANY, "conflicts": [], "unobtainable": []},
    "spellings": (Each(0), _SPELLINGS),  # of a label by name, of a track in order
    "aliases": _SPELLINGS,
    "links": ANY,
    "value_sources": Each(""),
    "id_conflicts": Each([]),
    "as_producer": _PRODUCER,
    "as_dj": _DJ,
    "top_supporters": _SUPPORTERS,
    "top_artists": Entries({"artist_id": None, "tracks": 0}, required="artist_id"),
    "recordings": Entries({"kind": None, "url": None, "duration_seconds": None}),
}


def completed(value: Any, shape: Any) -> Any:
    """Return a value with the members of its shape; the default for one that is null or of another kind."""
    match shape:
        case tuple():
            of_object, of_array = shape
            return completed(value, of_object if isinstance(value, dict) else of_array)
        case Each():
            return {name: completed(entry, shape.shape) for name, entry in _object(value).items()}
        case Entries():
            return [_entry(entry, shape) for entry in _array(value) if not _is_empty(entry, shape)]
        case Mapping():
            return {
                **_object(value),
                **{name: completed(_object(value).get(name), shape[name]) for name in shape},
            }
        case list():
            return _array(value)
    return shape if value is None else value


def shares(value: Any) -> dict[str, float]:
    """Return the shares of a document by name, those with a number."""
    return {name: share for name, share in _object(value).items() if isinstance(share, int | float)}


def blank(column: str) -> dict[str, Any]:
    """Return the document of a column without values."""
    document: dict[str, Any] = completed({}, COLUMNS[column])
    return document


def complete(rows: Sequence[dict[str, Any]]) -> None:
    """Complete the documents of rows of one statement in place. NULL stays: there is none."""
    columns = COLUMNS.keys() & rows[0].keys() if rows else ()
    for name in columns:
        for row in rows:
            if row[name] is not None:
                row[name] = completed(row[name], COLUMNS[name])


def _entry(entry: Any, shape: Entries) -> Any:
    return completed(entry, shape.shape) if isinstance(entry, dict) else entry


def _is_empty(entry: Any, shape: Entries) -> bool:
    if isinstance(entry, dict):
        return shape.required is not None and entry.get(shape.required) is None
    return entry is None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
