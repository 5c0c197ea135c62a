"""Facts about which claims are one recording, and what witnesses say of a claim."""

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


def pair(one: str, other: str) -> Pair:
    """The two in their order."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Link:
    """A fact that speaks for one recording: who says so (an id's name, or a person), and the id itself."""

    claims: Pair
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Doubt:
    """A link that was not followed, and why: for a person to decide."""

    claims: Pair
    reason: str
    evidence: str
    why: Literal[
        "other version",  # version artists or stems differ: the guard
        "split by hand",  # a person says that two of them differ
        "takes an override",  # the id with values set by hand would stand for nothing
        "nothing in common",  # not a word: the id is wrong at one of them
        "too many tracks",  # so is this one, and the id links nothing
        "other kind",  # ISRC: the gates of matching
        "other duration",  # ISRC: more than 2 s apart
        "no duration",  # ISRC: nothing to compare, and the titles differ
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person says of two claims. `forced`: they are one although the versions differ by name."""

    same: bool
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one witness (a set's row, a provider's answer) says of a claim: `(name of the id, id)`, and the
    length in ms of the variant it has seen."""

    claim_id: str
    ids: tuple[tuple[str, str], ...]
    duration_ms: int | None = None
