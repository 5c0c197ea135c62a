"""Audio features in Spotify's form, which ReccoBeats has too."""

from typing import Any

from enrichment.providers.reading import Map, number, positive
from songnodes.domain.keys import from_pitch_class

FEATURES = (
    *("energy", "danceability", "valence", "acousticness"),
    *("instrumentalness", "liveness", "speechiness", "loudness"),
)


def read_features(row: Map) -> dict[str, Any]:
    """Return the features of a row, by waterfall field.

    Units: `tempo` in beats a minute, 0 for none; `loudness` in dB; the others 0 to 1. `key` is 0 (C) to 11
    (B), -1 for none, and a key only together with `mode`: 1 major, 0 minor.
    """
    key, mode = number(row.get("key")), number(row.get("mode"))
    is_known = key is not None and mode is not None and key in range(12) and mode in (0, 1)
    return {
        "bpm": positive(row.get("tempo")),
        "key": from_pitch_class(int(key or 0), int(mode or 0)) if is_known else None,
        **{name: number(row.get(name)) for name in FEATURES},
    }
