"""Score of the fields that come from providers: precision and recall of ids, tempo, key and genres."""

from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any, get_args

import psycopg

from demo.providers import Holdings, truth
from demo.providers.holdings import Provider
from demo.providers.truth import Field
from demo.score import Measure
from songnodes.domain.keys import Key

FIELDS: tuple[Field, ...] = get_args(Field)
ID_FIELDS = frozenset({"spotify_id", "isrc", "musicbrainz_id", "beatport_id"})
TRACKS = files("demo").joinpath("scores/tracks.sql").read_bytes()
Values = Mapping[str, Any]


def read(connection: psycopg.Connection) -> dict[str, dict[str, Any]]:
    """Return the values of all tracks by track id; without the fields that have none."""
    cursor = connection.execute(TRACKS)
    names = [column.name for column in cursor.description or ()]
    values: dict[str, dict[str, Any]] = {}
    for row in cursor:
        track = dict(zip(names, row, strict=True))
        number, mode = track.pop("key"), track.pop("key_mode")
        if number is not None:
            track["key"] = Key(number=number, mode=mode).camelot
        values[str(track.pop("track_id"))] = {name: value for name, value in track.items() if value}
    return values


def score(
    holdings: Holdings,
    tracks: Mapping[str, Values],
    track_of_recording: Mapping[str, str],
    providers: Collection[Provider],
) -> list[Measure]:
    """Return a measure for each field.

    Expected are the right values that one of `providers` holds, and right ones from elsewhere. Mashups and
    acapellas are recordings without listings: any id that they have is wrong.
    """
    counts = {field: [0, 0, 0] for field in FIELDS}
    for recording, track in track_of_recording.items():
        values = tracks.get(track, {})
        listed = recording in holdings.played
        true = truth.of(holdings, recording) if listed else None
        for field in FIELDS:
            if true is None and field not in ID_FIELDS:
                continue
            value = values.get(field)
            is_right = true is not None and value is not None and true.is_right(field, value)
            counts[field][0] += is_right
            counts[field][1] += value is not None
            counts[field][2] += is_right or (true is not None and true.expected(field, providers))
    return [
        Measure(name=field, correct=correct, returned=returned, expected=expected)
        for field, (correct, returned, expected) in counts.items()
    ]
