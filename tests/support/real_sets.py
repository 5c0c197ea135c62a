"""Real tables as sets of moments: playlists of Spotify, releases at Beatport, sets of DJs with features."""

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from songnodes.domain.cues import read_cue
from songnodes.domain.genres import map_genres
from songnodes.domain.keys import Key, from_pitch_class, read_key
from songnodes.domain.set_analytics import Moment, SetAnalytics, analyse
from songnodes.domain.waterfall.fields import read_value

Sets = Mapping[str, Sequence[Moment]]
#: Classes of moves that mix well.
FITTING = ("perfect", "compatible")


def spotify_playlists(data: Path) -> Sets:
    """Return the playlists by id, in the order of the table; the genre is that of the playlist."""
    sets: dict[str, list[Moment]] = defaultdict(list)
    for row in _rows(data / "dataset/spotify-songs/spotify_songs.csv.gz"):
        sets[row["playlist_id"]].append(
            _moment(row, from_pitch_class(int(row["key"]), int(row["mode"])), row["playlist_subgenre"])
        )
    return sets


def beatport_releases(data: Path) -> Sets:
    """Return the releases of the catalogues by label and name, in the order of the tables."""
    sets: dict[str, list[Moment]] = defaultdict(list)
    for path in sorted((data / "dataset/beatport-label-catalogues").glob("*.gz")):
        for row in _rows(path):
            values = {"tempo": row["Bpm"], "energy": ""}
            name = f"{path.name.partition('.')[0]}: {row['Album']}"
            sets[name].append(_moment(values, read_key(row["Key"]), row["Genre"]))
    return sets


def dj_sets(data: Path) -> Sets:
    """Return the three sets with features; a moment begins at each number of the tracklist."""
    sets: dict[str, list[Moment]] = {}
    for path in sorted((data / "dataset/1001tracklists-with-features").glob("*.csv")):
        moments = []
        for row in _rows(path):
            if row["track_number"].isdigit():
                has_key = bool(row["key"] and row["mode"])
                key = from_pitch_class(int(float(row["key"])), int(float(row["mode"]))) if has_key else None
                cue = read_cue(row["time"].strip())
                moments.append(_moment(row, key, row["genre0"], cue.seconds if cue else None))
        sets[path.stem.removesuffix("_example")] = moments
    return sets


def _rows(path: Path) -> Iterator[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from csv.DictReader(text.decode("utf-8").splitlines())


def _moment(row: Mapping[str, str], key: Key | None, genre: str, cue_s: int | None = None) -> Moment:
    genres = map_genres([(genre, None)])
    return Moment(
        part=None,
        cue_s=cue_s,
        bpm=read_value("bpm", row["tempo"]),
        camelot=key.camelot if key else None,
        energy=read_value("energy", row["energy"]),
        genre=genres[0] if genres else None,
    )


def wheel(sets: Iterable[Sequence[Moment]], *genres: str) -> Counter[str]:
    """Return the number of moments by Camelot code, of some genres if any are given."""
    return Counter(
        moment.camelot
        for moments in sets
        for moment in moments
        if moment.camelot and (not genres or moment.genre in genres)
    )


def minor_share(counts: Mapping[str, int]) -> float:
    """Return the share of minor keys."""
    return sum(count for code, count in counts.items() if code.endswith("A")) / sum(counts.values())


def fitting_share(analytics: Iterable[SetAnalytics]) -> float:
    """Return the share of the transitions with keys on both sides that fit by key."""
    kinds: Counter[str] = Counter()
    for values in analytics:
        kinds.update(values.key_relations)
    return sum(kinds[kind] for kind in FITTING) / kinds.total()


def shuffled_share(sets: Iterable[Sequence[Moment]], seed: int = 1) -> float:
    """Return the same share after each set was shuffled: chance, given the keys of the sets."""
    chance = random.Random(seed)
    return fitting_share(analyse(chance.sample(list(moments), len(moments)), None) for moments in sets)
