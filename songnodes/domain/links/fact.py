"""Link facts: evidence that claims are one recording, and sightings of claims."""

from dataclasses import dataclass
from typing import Literal

ISRC = "isrc"
#: Ids of one recording. A release, a video or a player's address is none. 1001tracklists' own number of a
#: track is one: its pages spell one track in several ways.
RECORDING_IDS = (
    *("beatport_id", "musicbrainz_id", "spotify_id", "tidal_id", "deezer_id", "apple_music_id"),
    "1001tracklists",
)

Pair = tuple[str, str]
"""Two claims, the smaller id first."""


def pair(left: str, right: str) -> Pair:
    """Return two claims in order."""
    return (left, right) if left < right else (right, left)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Link:
    """Evidence for one recording: its kind (the name of an id, or an operator), and the id itself."""

    claims: Pair
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Doubt:
    """A link that was not followed, with the reason: for an operator to decide."""

    claims: Pair
    reason: str
    evidence: str
    why: Literal[
        "other version",  # version artists or stems differ: the guard
        "split by hand",  # an operator's decision: two of them differ
        "takes an override",  # the id with values set by hand would become an alias
        "nothing in common",  # not a word: the id is wrong at one of them
        "too many tracks",  # so is this one, and the id links nothing
        "other kind",  # ISRC: the gates of matching
        "other duration",  # ISRC: more than 2 s apart
        "no duration",  # ISRC: nothing to compare, and the titles differ
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Verdict of an operator on two claims. `forced`: they are one although the versions differ by name."""

    same: bool
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Sighting of a claim in a set's row or a provider's answer: pairs of id name and id, and the duration of
    the variant in ms."""

    claim_id: str
    ids: tuple[tuple[str, str], ...]
    duration_ms: int | None = None
