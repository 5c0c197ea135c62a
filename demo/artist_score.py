"""Score of the values of artists: precision and recall against the truth of the world."""

from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from typing import Any

import psycopg

from demo.providers import Holdings
from demo.providers.holdings import Provider
from demo.providers.people import COUNTRIES, Artist
from demo.score import Measure
from songnodes.domain.identity import artist_id

FIELDS = ("country", "artist_type", "life_begin", "groups", "biography")
ARTISTS = files("demo").joinpath("scores/artists.sql").read_bytes()
#: The provider that has the ids of artists: the others are called by them.
SOURCE: Provider = "musicbrainz"

Values = Mapping[str, Any]


def read(connection: psycopg.Connection) -> dict[str, dict[str, Any]]:
    """Return the values of all artists by their id."""
    cursor = connection.execute(ARTISTS)
    names = [column.name for column in cursor.description or ()]
    rows = (dict(zip(names, row, strict=True)) for row in cursor)
    return {row.pop("artist_id"): row for row in rows}


def score(
    holdings: Holdings, artists: Mapping[str, Values], providers: Collection[Provider]
) -> list[Measure]:
    """Return a measure for each field.

    Expected are the values of artists that a recording at MusicBrainz credits. Artists with a namesake there
    are left out: which of the two a track is by, the name does not tell.
    """
    listed = _listed(holdings)
    counts = {field: [0, 0, 0] for field in FIELDS}
    for artist in holdings.artists.values():
        if artist.namesake_mbid is not None:
            continue
        values = artists.get(artist_id(artist.name), {})
        for field, true in _true_values(artist).items():
            is_known = {SOURCE, "lastfm" if field == "biography" else SOURCE} <= set(providers)
            value = values.get(field) or None
            is_right = value is not None and value == true
            counts[field][0] += is_right
            counts[field][1] += value is not None
            counts[field][2] += is_right or (bool(true) and is_known and artist.name in listed)
    return [
        Measure(name=f"artist {field}", correct=correct, returned=returned, expected=expected)
        for field, (correct, returned, expected) in counts.items()
    ]


def _listed(holdings: Holdings) -> frozenset[str]:
    recordings = (holding.recording for holding in holdings.listed(SOURCE))
    return frozenset(_names(recording.artists for recording in recordings if recording.kind == "played"))


def _names(credits: Iterable[tuple[str, ...]]) -> Iterable[str]:
    return (name for credit in credits for name in credit)


def _true_values(artist: Artist) -> dict[str, Any]:
    return {
        "country": COUNTRIES.get(artist.country or ""),
        "artist_type": "group" if artist.is_group else "person",
        "life_begin": artist.begin,
        "groups": list(artist.groups),
        "biography": artist.biography,
    }
