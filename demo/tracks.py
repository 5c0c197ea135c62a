"""The invented catalogue: tracks with versions, features, labels, and how popular each is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from demo import names

TRACKS = 250
POWER = 0.6  # popularity of rank r is r**-POWER, as play counts of real sets fall
FRESH = 12  # tracks that came out lately and are played only since
STROBE = "Deadmau5 - Strobe"
STROBE_LENGTH = 637  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTrack:
    """One invented recording. `spellings` are length words that some pages write for it. A `fresh` track
    came out lately: recent sets only have it."""

    artists: tuple[str, ...]
    title: str
    featured: str | None = None
    version: str | None = None
    spellings: tuple[str, ...] = ()
    label: str | None = None
    label_parent: str | None = None
    seconds: int | None = None
    genre: str | None = None
    fresh: bool = False

    @property
    def credit(self) -> str:
        """Artists as a page shows them."""
        return " & ".join(self.artists)

    @property
    def line(self) -> str:
        """Artist - Title, with feature and version."""
        feature = f" ft. {self.featured}" if self.featured else ""
        version = f" ({self.version})" if self.version else ""
        return f"{self.credit}{feature} - {self.title}{version}"

    @property
    def native_id(self) -> str:
        """The id that pages give the track."""
        return sha256(self.line.encode()).hexdigest()[:8]

    @property
    def media_id(self) -> int:
        """The numeric id of the track, by which the site returns its ids at shops."""
        return int(self.native_id, 16) % 900_000_000 + 1


def catalogue(random: Random) -> list[DemoTrack]:
    """All tracks, the most popular first. "Deadmau5 - Strobe" and its remix are near the top."""
    pairs = [f"{first} {second}" for first in names.FIRST_WORDS for second in names.SECOND_WORDS]
    titles = random.sample(pairs, TRACKS)
    tracks: list[DemoTrack] = []
    while len(tracks) < TRACKS - 2:
        tracks.append(_track(random, titles[len(tracks)], tracks))
    fresh = random.sample(range(8, 80), FRESH)
    tracks = [replace(track, fresh=True) if place in fresh else track for place, track in enumerate(tracks)]
    tracks[2:2] = [_strobe()]
    tracks[9:9] = [_strobe_remix()]
    return tracks


def weights(tracks: Sequence[DemoTrack]) -> list[float]:
    """Return the weights of plays, relative to the first track."""
    return [(rank + 1) ** -POWER for rank in range(len(tracks))]


def _track(random: Random, title: str, before: list[DemoTrack]) -> DemoTrack:
    """Return a new track, or another version of an existing one."""
    remixable = [track for track in before if track.version is None]
    if remixable and random.random() < 0.18:
        return _version(random, random.choice(remixable))
    genre = random.choice(names.GENRES)
    label, parent = random.choice(names.LABELS)
    return DemoTrack(
        artists=_artists(random),
        title=title,
        featured=random.choice(names.SINGERS) if random.random() < 0.12 else None,
        spellings=("Extended Mix",) if random.random() < 0.2 else (),
        label=label if random.random() < 0.9 else None,
        label_parent=parent,
        seconds=random.randint(170, 480) if random.random() < 0.9 else None,
        genre=genre,
    )


def _artists(random: Random) -> tuple[str, ...]:
    pool = names.PRODUCERS + names.PRODUCING_DJS
    return tuple(random.sample(pool, 2 if random.random() < 0.2 else 1))


def _version(random: Random, track: DemoTrack) -> DemoTrack:
    remixer = random.choice([name for name in names.PRODUCERS if name not in track.artists])
    kind = random.choice(("Remix", "Remix", "Remix", "Dub"))
    label, parent = random.choice(names.LABELS)
    return DemoTrack(
        artists=track.artists,
        title=track.title,
        featured=track.featured,
        version=f"{remixer} {kind}",
        label=label,
        label_parent=parent,
        seconds=random.randint(240, 500),
        genre=random.choice(names.GENRES),
    )


def _strobe() -> DemoTrack:
    return DemoTrack(
        artists=("Deadmau5",),
        title="Strobe",
        spellings=("Extended Mix", "Original Mix"),
        label="MAU5TRAP",
        seconds=STROBE_LENGTH,
        genre="Progressive House",
    )


def _strobe_remix() -> DemoTrack:
    return DemoTrack(
        artists=("Deadmau5",),
        title="Strobe",
        version="Michael Woods Remix",
        label="MAU5TRAP",
        seconds=431,
        genre="Progressive House",
    )
