"""Demo values set by hand: tempo, key and feel of invented tracks, as a file of `songnodes override apply`.

Providers come later; until then the harmonic view and the second query example have these to answer with.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from demo import names, tracks
from demo.tracks import DemoTrack

MAX_TRACKS = 180  # of the most popular tracks; the others show what a track without values looks like
OLDEST_RELEASE = date(2009, 1, 1)
REASON = "demo value, invented (the tempo of Strobe is real)"


def write(file: Path, as_of: date, seed: int, catalogue: Sequence[DemoTrack] | None = None) -> Path:
    """Write the demo values of a day to a file and return its path. Same arguments, same bytes.

    The default catalogue is the one of the seed.
    """
    catalogue = tracks.catalogue(Random(seed)) if catalogue is None else catalogue
    random = Random(seed + 1)
    entries = [_entry(random, track, as_of) for track in catalogue[:MAX_TRACKS]]
    content = {
        "author": "demo",
        "reason": REASON,
        "decided_at": as_of.isoformat(),
        "overrides": list({entry["track"]: entry for entry in entries}.values()),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def _entry(random: Random, track: DemoTrack, as_of: date) -> dict[str, Any]:
    if track.line == tracks.STROBE:
        return {"track": track.line, "bpm": 128, "key": "8A", "energy": 0.76, "release_date": "2009-10-26"}
    low, high = names.TEMPO[track.genre or names.GENRES[0]]
    return {
        "track": track.line,
        "bpm": random.choice((random.randint(low, high), round(random.uniform(low, high), 2))),
        "key": f"{random.randint(1, 12)}{random.choice('AAB')}",
        "energy": round(random.uniform(0.35, 0.95), 2),
        "danceability": round(random.uniform(0.4, 0.9), 2),
        "valence": round(random.uniform(0.1, 0.8), 2),
        "release_date": _release(random, track, as_of).isoformat(),
    }


def _release(random: Random, track: DemoTrack, as_of: date) -> date:
    """Return a release date: of a fresh track a recent one, of others one before the oldest set."""
    if track.fresh:
        return as_of - timedelta(days=random.randint(20, 60))
    last = as_of - timedelta(days=620)
    return OLDEST_RELEASE + timedelta(days=random.randrange((last - OLDEST_RELEASE).days))
