"""True values of every recording: the played ones, and versions of them that no set plays."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from demo import names, tracks
from demo.providers import draws
from demo.shapes.tracklists1001 import BEATPORT_IDS, beatport_id, spotify_id
from demo.tracks import DemoTrack
from demo.world.world import World
from songnodes.domain.keys import ALL as KEYS
from songnodes.domain.keys import Key

OLDEST_RELEASE = date(2009, 1, 1)
LAST_RELEASE_DAYS = 620  # before today: earlier than the oldest set
STROBE_RELEASE = date(2009, 10, 26)
STROBE_KEY = Key(number=8, mode="minor")
FEATURES = (
    "energy",
    "danceability",
    "valence",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
)
#: A remix by a person who made no played track; the twin of a track on a DJ-mix album; a longer cut.
Kind = Literal["played", "other_version", "mixed", "extended"]
MIXED_CUT_S = 12.4  # a track on a mix album is so much shorter (beatify PR #2112)
EXTENDED_S = 120
REMIXERS = ("Hollis Tarn", "Pell Aventine", "Mox Verrill", "Corin Dasht", "Liv Ostrander", "Tovah Reign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording with all its ids. `key` is a Camelot key, `bpm` unrounded, `features` from 0 to 1."""

    native_id: str
    kind: Kind
    artists: tuple[str, ...]
    title: str
    featured: str | None
    version: str | None
    genre: str
    label: str | None
    catalog_number: str
    release_name: str
    release_date: date
    duration_ms: int
    bpm: float
    key: Key
    features: tuple[tuple[str, float], ...]
    loudness: float
    isrc: str
    mbid: str
    spotify_id: str
    beatport_id: int
    deezer_id: int
    tidal_id: int
    discogs_id: int
    reccobeats_id: str
    rank: int

    @property
    def remixers(self) -> tuple[str, ...]:
        """Names in front of the version's last word: "A Remix" is by A."""
        names_part = (self.version or "").rpartition(" ")[0]
        return (names_part,) if names_part and self.kind in ("played", "other_version") else ()

    @property
    def full_title(self) -> str:
        """Title with the version in brackets."""
        mark = " [Mixed]" if self.kind == "mixed" else ""
        return f"{self.title} ({self.version}){mark}" if self.version else f"{self.title}{mark}"

    @property
    def words(self) -> str:
        """All names, for a search."""
        return " ".join((self.title, self.version or "", self.featured or "", *self.artists))

    @property
    def credit(self) -> str:
        """All artists as one text."""
        return " & ".join(self.artists)


def played(world: World) -> Iterator[Recording]:
    """Yield the recordings of a world's catalogue, the most popular first."""
    for rank, track in enumerate(world.catalogue.tracks):
        yield _recording(world, track, rank)


def other_version(seed: int, original: Recording) -> Recording:
    """Return a remix of a recording that no set plays."""
    remixer = draws.choice(
        [name for name in REMIXERS if name not in original.artists], seed, "remixer", original.native_id
    )
    return _with_ids(
        replace(
            original,
            kind="other_version",
            version=f"{remixer} Remix",
            duration_ms=original.duration_ms + 47_000,
            bpm=round(original.bpm + 3, 2),
            key=original.key.moved(5),
            release_name=f"{original.title} (Remixes)",
        ),
        seed,
        f"{original.native_id}/other",
    )


def mixed_twin(seed: int, original: Recording) -> Recording:
    """Return the copy of a recording on a DJ-mix album: another recording with an ISRC of its own."""
    return _with_ids(
        replace(
            original,
            kind="mixed",
            duration_ms=original.duration_ms - round(MIXED_CUT_S * 1000),
            release_name=f"{draws.choice(names.SHOWS, seed, 'album', original.native_id)} 07 (DJ Mix)",
        ),
        seed,
        f"{original.native_id}/mixed",
    )


def extended(seed: int, original: Recording) -> Recording:
    """Return the longer cut of a recording: the same tempo and key, ids of its own."""
    return _with_ids(
        replace(
            original,
            kind="extended",
            version="Extended Mix",
            duration_ms=original.duration_ms + EXTENDED_S * 1000,
        ),
        seed,
        f"{original.native_id}/extended",
    )


def _recording(world: World, track: DemoTrack, rank: int) -> Recording:
    seed, name = world.seed, track.native_id
    strobe = track.line == tracks.STROBE
    genre = track.genre or names.GENRES[0]
    seconds = track.seconds or draws.number(170, 480, seed, "seconds", name)
    recording = Recording(
        native_id=name,
        kind="played",
        artists=track.artists,
        title=track.title,
        featured=track.featured,
        version=track.version,
        genre=genre,
        label=track.label,
        catalog_number=_catalog_number(seed, track),
        release_name=f"{track.title}{draws.choice(('', ' EP'), seed, 'release', name)}",
        release_date=STROBE_RELEASE if strobe else _release(world, track),
        duration_ms=seconds * 1000 + draws.number(-400, 400, seed, "ms", name),
        bpm=128.0 if strobe else _tempo(seed, name, genre),
        key=STROBE_KEY if strobe else draws.choice(KEYS, seed, "key", name),
        features=tuple((feature, _feature(seed, feature, name)) for feature in FEATURES),
        loudness=-round(4 + 8 * draws.share(seed, "loudness", name), 2),
        isrc="",
        mbid="",
        spotify_id="",
        beatport_id=0,
        deezer_id=0,
        tidal_id=0,
        discogs_id=0,
        reccobeats_id="",
        rank=rank,
    )
    return replace(
        _with_ids(recording, seed, name),
        spotify_id=spotify_id(track),
        beatport_id=beatport_id(track),
    )


def _with_ids(recording: Recording, seed: int, name: str) -> Recording:
    registrant = draws.text(3, seed, "isrc", name, letters="ABCDEFGHKLMNPRSTUVWXZ")
    year = recording.release_date.year % 100
    return replace(
        recording,
        native_id=name,
        isrc=f"QZ{registrant}{year:02d}{draws.number(0, 99_999, seed, 'designation', name):05d}",
        mbid=draws.uuid(seed, "mbid", name),
        spotify_id=draws.text(22, seed, "spotify", name),
        beatport_id=BEATPORT_IDS + draws.number(1, 9_000_000, seed, "beatport", name),
        deezer_id=draws.number(1_000_000, 3_000_000_000, seed, "deezer", name),
        tidal_id=draws.number(1_000_000, 450_000_000, seed, "tidal", name),
        discogs_id=draws.number(1_000, 35_000_000, seed, "discogs", name),
        reccobeats_id=draws.uuid(seed, "reccobeats", name),
    )


def _catalog_number(seed: int, track: DemoTrack) -> str:
    number = draws.number(1, 420, seed, "catalogue", track.native_id)
    return f"{(track.label or 'SELF')[:3].strip()}{number:03d}"


def _tempo(seed: int, name: str, genre: str) -> float:
    low, high = names.TEMPO[genre]
    if draws.share(seed, "whole tempo", name) < 0.7:
        return float(draws.number(low, high, seed, "tempo", name))
    return round(low + (high - low) * draws.share(seed, "tempo", name), 2)


def _feature(seed: int, feature: str, name: str) -> float:
    return round(0.02 + 0.93 * draws.share(seed, feature, name), 3)


def _release(world: World, track: DemoTrack) -> date:
    """Return the day of release: of a fresh track a recent one, of others one before the oldest set."""
    if track.fresh:
        return world.as_of - timedelta(days=draws.number(50, 80, world.seed, "released", track.native_id))
    last = world.as_of - timedelta(days=LAST_RELEASE_DAYS)
    days = draws.number(0, (last - OLDEST_RELEASE).days - 1, world.seed, "released", track.native_id)
    return OLDEST_RELEASE + timedelta(days=days)
