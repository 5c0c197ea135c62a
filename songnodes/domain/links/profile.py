"""Profile of a claim: the parts that two claims of one recording must have in common."""

from dataclasses import dataclass

from songnodes.domain.credits import over_split
from songnodes.domain.lines import read_line
from songnodes.domain.matching import RequestedTrack, same_recording
from songnodes.domain.records import Claim
from songnodes.domain.text import norm_v1

#: Words that two unrelated tracks share.
COMMON_WORDS = frozenset(
    {"a", "an", "and", "de", "der", "die", "el", "i", "in", "it", "la", "le", "me", "my"}
    | {"no", "of", "on", "the", "to", "u", "we", "x", "you", "your"}
)

Version = tuple[tuple[str, ...], str]
"""Version artists in normal form, sorted; and the stem. Two of them are never one recording."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Profile:
    """A claim in normal form and as text. Names are taken apart as in the identity key: "A & B" is "B, A"."""

    artists: tuple[str, ...]
    title: str
    version_artists: tuple[str, ...]
    stem: str
    text: str

    @property
    def version(self) -> Version:
        """Return the values that the guard compares."""
        return self.version_artists, self.stem


def profile(claim: Claim) -> Profile:
    """Return the profile of a claim."""
    return Profile(
        artists=_names(claim["artist_names"]),
        title=norm_v1(claim["base_title"]),
        version_artists=_names(claim["version_artists"]),
        stem=claim["stem"],
        text=f"{claim['artist_credit']} - {claim['track_name']}",
    )


def _names(credits: list[str]) -> tuple[str, ...]:
    return tuple(sorted({name for credit in credits for name in over_split(credit)}))


def passes_gates(one: Profile, other: Profile) -> bool:
    """Return True if two profiles pass the gates of matching (docs/domain.md, section 4), without lengths."""
    queries = (RequestedTrack(line=read_line(side.text)) for side in (one, other))
    return same_recording(*queries)[0]


def anything_in_common(one: Profile, other: Profile) -> bool:
    """Return True for a common word of artists or title; without one an id was filed wrongly."""
    artists = _words(*one.artists) & _words(*other.artists)
    return bool(artists or _words(one.title) & _words(other.title) or one.title == other.title)


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split()) - COMMON_WORDS
