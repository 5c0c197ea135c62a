"""The invented recordings, the most popular first."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from random import Random

from demo import names, tracks
from demo.tracks import DemoTrack
from demo.world import frequencies
from demo.world.people import Cast, normalize
from demo.world.sizes import Size

POWER = 0.75
SHIFT = 20  # flattens the head: the most popular is in a sixth of the sets, not in half of them
FRESH_SHARE = 0.06  # tracks that came out lately
STROBE_RANK, STROBE_REMIX_RANK = 2, 9
#: Titles that are hard to read: one letter, a dash, brackets that are no version, words of versions.
AWKWARD = (
    "Q",
    "Tidal (Part 3)",
    "Who's Next?",
    "Club Mirage",
    "Extended Family",
    "Left & Right",
    "8:15 To Basel",
    "(I Can't) Wait",
    "Mix It Slow",
    "Ёлка",
    "Re-Entry",
    "Café Del Norte",
)
KINDS = ("Remix", "Remix", "Remix", "Remix", "Edit", "Rework", "Bootleg", "Mix")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Recordings by popularity: the r-th is played in proportion to (r + SHIFT)**-POWER."""

    tracks: Sequence[DemoTrack]

    @cached_property
    def _sums(self) -> list[float]:
        return list(accumulate((rank + SHIFT) ** -POWER for rank in range(len(self.tracks))))

    @cached_property
    def by_artist(self) -> dict[str, list[int]]:
        """Places of every artist's recordings."""
        places: dict[str, list[int]] = {}
        for place, track in enumerate(self.tracks):
            for artist in track.artists:
                places.setdefault(artist, []).append(place)
        return places

    @property
    def strobe(self) -> DemoTrack:
        """Deadmau5 - Strobe, which the query examples name."""
        return self.tracks[STROBE_RANK]

    def pick(self, random: Random) -> DemoTrack:
        """One recording by popularity."""
        return self.tracks[bisect(self._sums, random.random() * self._sums[-1])]


def make(random: Random, size: Size, cast: Cast) -> Catalogue:
    """Create all recordings of a world; Strobe and its remix are near the top."""
    fixed = [original for original in tracks.catalogue(Random(0)) if original.title == "Strobe"]
    new_tracks: list[DemoTrack] = []
    taken: set[tuple[str, ...]] = set()
    originals: list[DemoTrack] = []
    while len(new_tracks) < size.tracks - len(fixed):
        track = _version(random, random.choice(originals), cast) if _is_remix(random, originals) else None
        track = track or _original(random, cast)
        key = _identity(track)
        if key in taken:
            continue
        taken.add(key)
        new_tracks.append(replace(track, fresh=random.random() < FRESH_SHARE))
        if track.version is None:
            originals.append(track)
    strobe, remix = sorted(fixed, key=lambda track: track.version is not None)
    new_tracks.insert(STROBE_RANK, strobe)
    new_tracks.insert(STROBE_REMIX_RANK, remix)
    return Catalogue(tracks=new_tracks)


def _identity(track: DemoTrack) -> tuple[str, ...]:
    """Return the identity of a recording: edit and remix by the same artist are one, a dub is another."""
    hands, _, kind = (track.version or "").rpartition(" ")
    family = "dub" if kind == "Dub" else ""
    return (*sorted(map(normalize, track.artists)), normalize(track.title), normalize(hands), family)


def _is_remix(random: Random, originals: list[DemoTrack]) -> bool:
    return bool(originals) and random.random() < frequencies.REMIXED.rate


def _original(random: Random, cast: Cast) -> DemoTrack:
    label, parent = random.choice(names.LABELS)
    spelled = random.random() < 0.2
    return DemoTrack(
        artists=_artists(random, cast),
        title=_title(random),
        featured=random.choice(cast.singers) if random.random() < frequencies.FEATURED.rate else None,
        spellings=("Extended Mix", "Original Mix") if spelled else (),
        label=label if random.random() < 0.97 else None,
        label_parent=parent,
        seconds=random.randint(150, 480) if random.random() < 0.93 else None,
        genre=random.choice(names.GENRES),
    )


def _version(random: Random, track: DemoTrack, cast: Cast) -> DemoTrack | None:
    remixer = random.choice(cast.producing_djs if random.random() < 0.15 else cast.producers)
    if remixer in track.artists or "," in remixer:
        return None
    dub = random.random() < frequencies.DUBS.rate / frequencies.REMIXED.rate
    label, parent = random.choice(names.LABELS)
    return replace(
        track,
        version=f"{remixer} {'Dub' if dub else random.choice(KINDS)}",
        spellings=(),
        label=label,
        label_parent=parent,
        seconds=random.randint(180, 500),
        genre=random.choice(names.GENRES),
    )


def _artists(random: Random, cast: Cast) -> tuple[str, ...]:
    pool = cast.producing_djs if random.random() < 0.15 else cast.producers
    return tuple(random.sample(pool, 2 if random.random() < frequencies.SEVERAL_ARTISTS.rate else 1))


def _title(random: Random) -> str:
    draw = random.random()
    if draw < 0.01:
        return random.choice(AWKWARD)
    words = f"{random.choice(names.FIRST_WORDS)} {random.choice(names.SECOND_WORDS)}"
    if draw < 0.15:
        return words.split()[draw < 0.08]
    if draw < 0.2:
        return f"{words} ({random.choice(names.FIRST_WORDS)} Night)"
    if draw < 0.24:
        return f"{words} {random.choice(('II', '2.0', 'No. 5', '1986'))}"
    return words
