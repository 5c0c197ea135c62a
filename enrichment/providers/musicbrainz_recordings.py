"""Recordings of MusicBrainz: of a lookup, a search, an ISRC, a release, or the links of a URL."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from enrichment.providers.building import build_track, build_values, present, voted_genres
from enrichment.providers.mixes import is_mix_part, is_mix_type
from enrichment.providers.reading import (
    MAX_TRACKS,
    Json,
    Map,
    as_list,
    as_map,
    day,
    duration_ms_of,
    identifier,
    isrc,
    maps,
    member,
    names,
    positive,
    text,
)
from enrichment.types import Genre, GenreLevel, ProviderTrack

#: Members by which an object is a release, a recording, or neither.
_RELEASE = frozenset({"media", "mediums", "label-info", "release-events", "barcode", "packaging"})
_RECORDING = frozenset({"length", "video", "isrcs", "first-release-date", "artist-credit"})
_OTHER = frozenset({"primary-type", "secondary-types", "sort-name", "iswcs", "life-span"})
#: Ids in the links of a recording, by site.
_LINKS = (
    ("spotify_id", re.compile(r"open\.spotify\.com/(?:intl-\w+/)?track/([0-9A-Za-z]{22})")),
    ("beatport_id", re.compile(r"beatport\.com/track/[^/]+/(\d+)")),
    ("deezer_id", re.compile(r"deezer\.com/(?:\w\w/)?track/(\d+)")),
    ("tidal_id", re.compile(r"tidal\.com/(?:browse/)?track/(\d+)")),
)


def tracks(body: Json, parameters: Mapping[str, str]) -> tuple[ProviderTrack, ...]:
    """Return the recordings of a recording, a search, an ISRC, a release or a list of URLs."""
    whole = as_map(body)
    if "urls" in whole or "resource" in whole:
        return present(track for row in maps(whole.get("urls", [whole])) for track in _of_url(row))
    if "release" in whole:  # XML
        whole = as_map(whole["release"])
    if "releases" in whole and "title" not in whole:
        return present(
            track for release in maps(whole["releases"]) for track in _of_release(release, parameters)
        )
    if _RELEASE.intersection(whole):
        return present(_of_release(whole, parameters))
    rows = whole.get("recordings") or member(whole, "isrc", "recordings") or whole.get("recording")
    if not rows:
        rows = whole if _RECORDING.intersection(whole) and not _OTHER.intersection(whole) else None
    return present(_recording(row, row.get("releases"), parameters) for row in maps(rows))


def _credit(row: Map) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the artists of a credit, in its order, and their MBIDs by name as credited."""
    credits = [
        (text(item.get("name")) or text(member(item, "artist", "name")), member(item, "artist", "id"))
        for item in maps(row.get("artist-credit"), 100)
    ]
    ids = {name: mbid for name, value in credits if name and (mbid := identifier(value))}
    return tuple(dict.fromkeys(name for name, _ in credits if name)), ids


def _recording(
    row: Map, releases: Json, parameters: Mapping[str, str], **values: Any
) -> ProviderTrack | None:
    """Return a recording. `length` is in ms; `first-release-date` is the recording's, and may be partial."""
    mbid = identifier(row.get("id"))
    title = text(row.get("title"))
    if mbid is None or row.get("video") is True:
        return None
    artists, artist_ids = _credit(row)
    linked = list(maps(releases))
    release = _main_release(linked)
    requested = parameters.get("id", "").lower()
    codes = [code for item in as_list(row.get("isrcs")) if (code := isrc(item))]
    own = values or {"release_name": text(release.get("title")), "label": _label(release)}
    date = day(row.get("first-release-date"), release.get("date"))
    return build_track(
        "musicbrainz",
        title=title,
        artists=artists,
        isrc=parameters["isrc"] if isrc(parameters.get("isrc")) in codes else (codes[0] if codes else None),
        values={
            "musicbrainz_id": mbid,
            "release_date": date,
            "duration_ms": positive(row.get("length")),
            **own,
        },
        ids={
            "musicbrainz_id": mbid,
            "musicbrainz_release_id": identifier(release.get("id")),
            **_linked_ids(row),
        },
        genres=[
            *_genres(row, "recording"),
            *_genres(release, "release"),
            *_genres(as_map(release.get("release-group")), "release"),
            *(
                genre
                for item in maps(row.get("artist-credit"), 20)
                for genre in _genres(as_map(item.get("artist")), "artist")
            ),
        ],
        artist_ids=artist_ids,
        merged_from=requested if requested and requested != mbid else None,
        mix_part=is_mix_part(title) or (bool(linked) and all(_is_mix(item) for item in linked)),
    )


def _main_release(releases: Iterable[Map]) -> Map:
    """Return the release that names the recording: official, no compilation, the earliest; {} without any."""

    def rank(release: Map) -> tuple[object, ...]:
        group = as_map(release.get("release-group"))
        secondary = names(group.get("secondary-types")) or group.get("type") == "Compilation"
        status, date = text(release.get("status")), text(release.get("date"))
        return (status not in (None, "Official"), bool(secondary), date or "9999", str(release.get("id")))

    return min((release for release in releases if not _is_mix(release)), key=rank, default={})


def _is_mix(release: Map) -> bool:
    group = as_map(release.get("release-group"))
    kinds = (*names(group.get("secondary-types")), text(group.get("type")), text(group.get("primary-type")))
    return (
        is_mix_part(None, None, text(release.get("title")))
        or any(is_mix_type(kind) for kind in kinds)
        or "" in _mixed_media(release)
    )


def _mixed_media(release: Map) -> frozenset[str]:
    """Return the media that a DJ has mixed: "medium 2"; an empty text is the whole release."""
    relations = (row for row in maps(release.get("relations")) if row.get("type") == "mix-DJ")
    media = (
        [name for name in names(row.get("attributes")) if name.startswith("medium")] or [""]
        for row in relations
    )
    return frozenset(name for listed in media for name in listed)


def _label(release: Map) -> str | None:
    """Return the first label of a release; "[no label]" is none."""
    labels = (text(member(row, "label", "name")) for row in maps(release.get("label-info")))
    return next((label for label in labels if label and not label.startswith("[")), None)


def _of_release(release: Map, parameters: Mapping[str, str]) -> Iterator[ProviderTrack | None]:
    """Yield the tracks of a release, with its label and name; one without tracks yields values by its id."""
    values = {"release_name": text(release.get("title")), "label": _label(release)}
    media = release.get("media") or release.get("mediums")
    mixed = _mixed_media(release)
    tracks = [
        {**track, "mixed": f"medium {medium.get('position')}" in mixed}
        for medium in maps(media)
        for track in maps(medium.get("tracks"))
    ]
    if not tracks and not _is_mix(release):
        yield build_values(
            {**values, "release_date": text(release.get("date"))},
            {"musicbrainz_release_id": identifier(release.get("id")) or parameters.get("id")},
        )
    for track in tracks[:MAX_TRACKS]:
        recording = as_map(track.get("recording"))
        row = {"artist-credit": track.get("artist-credit") or release.get("artist-credit"), **recording}
        length = duration_ms_of(recording.get("length")) or duration_ms_of(track.get("length"))
        secondary = {"release-group": {"secondary-types": ["DJ-mix"]}} if track["mixed"] else {}
        yield _recording({**row, "length": length}, [{**release, **secondary}], {}, **values)


def _of_url(row: Map) -> Iterator[ProviderTrack | None]:
    """Yield the recordings that a URL is linked with; they share the id of the site in it."""
    ids = _ids_of_link(row.get("resource"))
    for relation in maps(row.get("relations")):
        recording = as_map(relation.get("recording"))
        if recording:
            track = _recording(recording, None, {})
            if track is not None and not track.mix_part:
                linked = {"relations": [{"url": {"resource": row.get("resource")}}]}
                yield _recording({**recording, **linked}, None, {}) if ids else track


def _linked_ids(row: Map) -> dict[str, str]:
    ids: dict[str, str] = {}
    for relation in maps(row.get("relations")) if "relations" in row else maps(row.get("url-relations")):
        for name, value in _ids_of_link(member(relation, "url", "resource")).items():
            ids.setdefault(name, value)
    return ids


def _ids_of_link(link: Json) -> dict[str, str]:
    address = text(link) or ""
    return {name: match[1] for name, pattern in _LINKS if (match := pattern.search(address))}


def _genres(row: Map, level: GenreLevel) -> Iterator[Genre]:
    """Return genres, or tags where the answer has no genres."""
    return voted_genres(row.get("genres") or row.get("tags"), level)
