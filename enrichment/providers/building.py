"""Building of tracks: one rule for what a result lends, whatever the provider."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from enrichment.providers.reading import (
    Json,
    Map,
    identifier,
    maps,
    normalised,
    positive,
    text,
    without_none,
)
from enrichment.providers.reading import isrc as read_isrc
from enrichment.types import Genre, GenreLevel, ProviderTrack
from songnodes.domain.matching import Candidate


def build_track(
    provider: str,
    *,
    title: str | None,
    artists: Sequence[str] = (),
    artists_complete: bool = True,
    remixers: tuple[str, ...] | None = None,
    mix_name: str | None = None,
    isrc: str | None = None,
    values: Mapping[str, Any] | None = None,
    ids: Mapping[str, str | None] | None = None,
    genres: Iterable[Genre] = (),
    artist_ids: Mapping[str, str] | None = None,
    merged_from: str | None = None,
    mix_part: bool = False,
) -> ProviderTrack | None:
    """Return a track with normalised values; None without a title. `isrc` may be in any spelling.

    The part of a DJ mix is another recording: it lends its own genres, and neither values, ids nor length.
    """
    if title is None:
        return None
    genre_list = tuple(genres)
    levels = ("recording",) if mix_part else ("recording", "release")
    names = tuple(genre.name for genre in genre_list if genre.level in levels) or None
    code = None if mix_part else read_isrc(isrc)
    every_value = normalised({**({} if mix_part else values or {}), "isrc": code, "genres": names})
    own_ids = {} if mix_part else without_none({**(ids or {}), "isrc": code})
    return ProviderTrack(
        candidate=Candidate(
            provider=provider,
            name=title,
            artists=tuple(artists),
            artists_complete=artists_complete,
            remixers=remixers,
            mix_name=mix_name,
            duration_ms=every_value.get("duration_ms"),
            isrc=code,
            ids={name: value for name, value in own_ids.items() if name != "isrc"},
        ),
        values=every_value,
        ids=own_ids,
        genres=genre_list,
        artist_ids=artist_ids or {},
        merged_from=None if mix_part else merged_from,
        mix_part=mix_part,
    )


def build_values(
    values: Mapping[str, Any], ids: Mapping[str, str | None], genres: Iterable[Genre] = ()
) -> ProviderTrack | None:
    """Return values about an id, without a title; without values it is a reference. None without both."""
    own_ids = without_none(ids)
    genre_list = tuple(genres)
    names = tuple(genre.name for genre in genre_list if genre.level != "artist")
    every_value = normalised({**values, "genres": names or None})
    if not own_ids and not every_value:
        return None
    return ProviderTrack(
        candidate=None,
        values=every_value,
        ids=own_ids,
        genres=genre_list,
    )


def voted_genres(rows: Json, level: GenreLevel, name: str = "name") -> Iterator[Genre]:
    """Yield the genres of rows with votes, most votes first; weights are relative to the most voted one."""
    voted = [
        (genre, votes)
        for row in maps(rows)
        if (genre := text(row.get(name))) and (votes := positive(row.get("count")))
    ]
    most = max((votes for _, votes in voted), default=1.0)
    for genre, votes in sorted(voted, key=lambda pair: (-pair[1], pair[0])):
        yield Genre(name=genre, level=level, weight=round(votes / most, 3))


def present(tracks: Iterable[ProviderTrack | None]) -> tuple[ProviderTrack, ...]:
    """Return the tracks that could be built."""
    return tuple(track for track in tracks if track is not None)


def ids_by_name(rows: Iterable[Map]) -> dict[str, str]:
    """Return the ids of artists by their names as credited."""
    pairs = ((text(row.get("name")), identifier(row.get("id"))) for row in rows)
    return {name: artist_id for name, artist_id in pairs if name and artist_id}
