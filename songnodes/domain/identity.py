"""Identity: ids computed from a line alone, without the network and without a year.

A track is artists, title, version with its artists, and stem. Variants (extended, radio), featured artists,
labels and spelling do not count. Unidentified lines have no track id.
"""

import hashlib
from functools import lru_cache
from uuid import UUID, uuid5

from songnodes.domain.lines import Line
from songnodes.domain.part_numbers import with_part_numbers, without_total
from songnodes.domain.text import norm_v1, shorten

#: The namespace of claims, permanently fixed: uuid5(ids.NAMESPACE, "claim/v1").
CLAIMS = UUID("90f191b7-2fbe-5fe8-9fb6-2e435aabd8e8")

_HASH_DIGITS = 8


def claim_key(line: Line) -> str:
    """Return the claim of a line in normal form: artists|title|family|version|stem, names sorted.

    Lines with equal keys are the same track. Subtitles belong to the title, brackets or not.
    """
    return "|".join(
        (
            ",".join(line.key_artists),
            with_part_numbers(norm_v1(without_total(line.title))),
            line.version_family or "",
            ",".join(line.version_keys),
            "" if line.stem == "regular" else line.stem,
        )
    )


def track_id(line: Line) -> str | None:
    """Return a slug and 8 hex digits of the claim key's sha256; None unless the line is identified."""
    return _track_id(claim_key(line)) if line.status == "identified" else None


def _track_id(key: str) -> str:
    artists, title, family, version, stem = key.split("|")
    parts = (artists, title, version, family, stem)
    readable = shorten("-".join(filter(None, parts)).replace(",", "-").replace(" ", "-"))
    return f"{readable}-{_digest(key)}"


@lru_cache(maxsize=1 << 13)
def artist_id(name: str) -> str:
    """Return the id of an artist by name: accents, case and punctuation do not count. DJs are artists.

    A tag counts, other than in the key of a track: sites use it to distinguish artists of one name, as with
    "Fisher (OZ)", and without a title nothing else would.
    """
    key = norm_v1(name)
    return f"{shorten(key.replace(' ', '-'))}-{_digest(key)}"


def claim_uuid(key: str) -> str:
    """Return the UUID of a claim key."""
    return str(uuid5(CLAIMS, key))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_HASH_DIGITS]
