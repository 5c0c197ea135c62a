"""Ids made of content: the same facts get the same id in every run, on every machine.

No random ids, no wall clock. All are uuid5 in namespaces of ours, or sha256 of canonical JSON.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f8c3c1e-5b1f-5d0a-9d55-2f6f0c7b9a11")
#: Joins the parts of a name. A control character, so that no part can contain it after text repair.
SEPARATOR = "\x1f"

#: Parts of a parsed row that may change while its meaning stays: markup carries counters.
NOT_CONTENT = frozenset({"fragment"})
#: Fields that later versions of the schemas added: left out while empty, so that ids of older records stay.
LEFT_OUT_WHEN_EMPTY = frozenset({"versions", "identical_to"})
#: Types that JSON encodes as they are; a test of the type saves a call for most values of a record.
SCALARS = frozenset({str, int, float, bool, type(None)})
#: One for all calls: `json.dumps` with settings creates one per call.
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def event_id(*parts: str) -> str:
    """Return the id of a record made of these parts, in their order."""
    return str(uuid5(NAMESPACE, SEPARATOR.join(parts)))


def page_event_id(page_id: str, sha256: str) -> str:
    """Return the id of one body of a page; several fetches may have returned it."""
    return event_id("page", page_id, sha256)


def fetch_id(page_id: str, sha256: str, fetched_at: datetime) -> str:
    """Return the id of one fetch."""
    return event_id("fetch", page_id, sha256, fetched_at.isoformat())


def bronze_row_id(playlist_id: str, row: Mapping[str, Any]) -> str:
    """Return the id of a row in `bronze_scraped_tracks`: equal while its parsed fields are equal."""
    return event_id("row", playlist_id, row["row_key"], content_hash(row))


def content_hash(value: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) of a record's canonical JSON, raw fragments left out at every depth."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """Return the one text of a value: sorted keys, no blanks, dates in ISO form.

    Raw fragments are left out, and so are empty fields of `LEFT_OUT_WHEN_EMPTY`.
    """
    return ENCODER.encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: item if type(item) in SCALARS else _plain(item)
            for key, item in value.items()
            if key not in NOT_CONTENT and (item or key not in LEFT_OUT_WHEN_EMPTY)
        }
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
