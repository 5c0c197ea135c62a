"""Routes: in which order a provider's operations are tried, and what each needs to know of the track.

A `find` route looks a track up; a `detail` route adds fields to a track that the provider has. The input of a
route is the name of an id, or TEXT, NAMES or URL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

TEXT = "text"  # the parameters artist and title
NAMES = "names"  # artist and title, one item of a batch
URL = "url"  # the address of the track at a site that has links to it

Kind = Literal["find", "detail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to an answer. `equal_to` are operations after whose hit this one has nothing to add.

    A `last_resort` route is taken only for a field that no other source has and no other route can bring: it
    costs a call that serves little.
    """

    operation: str
    input: str
    parameter: str = ""
    kind: Kind = "find"
    equal_to: frozenset[str] = frozenset()
    last_resort: bool = False


def _find(operation: str, source: str, parameter: str = "") -> Route:
    return Route(operation=operation, input=source, parameter=parameter)


def _detail(operation: str, source: str, parameter: str, *equal_to: str, last_resort: bool = False) -> Route:
    return Route(
        operation=operation,
        input=source,
        parameter=parameter,
        kind="detail",
        equal_to=frozenset(equal_to),
        last_resort=last_resort,
    )


#: By provider, in the order in which providers are considered: ids from pages and ISRCs before searches.
ROUTES: Mapping[str, tuple[Route, ...]] = {
    "deezer": (
        _find("track_by_id", "deezer_id", "id"),
        _find("track_by_isrc", "isrc", "isrc"),
        _find("search", TEXT),
        _detail("track_by_id", "deezer_id", "id", "track_by_isrc", "track_by_id"),
        _detail("album_by_id", "deezer_album_id", "id", last_resort=True),
    ),
    "reccobeats": (
        _find("tracks", "spotify_id", "ids"),
        _find("tracks", "isrc", "ids"),
        _detail("audio_features", "reccobeats_id", "ids", "audio_features"),
        _detail("audio_features", "spotify_id", "ids", "audio_features"),
    ),
    "tidal": (
        _find("tracks_by_id", "tidal_id", "ids"),
        _find("track_by_isrc", "isrc", "isrc"),
        _find("search", TEXT),
    ),
    "beatport": (
        _find("track_by_id", "beatport_id", "id"),
        _find("tracks_by_isrc", "isrc", "isrc"),
        _find("search", TEXT),
    ),
    "spotify": (
        _find("track_by_id", "spotify_id", "id"),
        _find("search_isrc", "isrc", "isrc"),
        _find("search", TEXT),
    ),
    "listenbrainz": (
        _find("recordings", "musicbrainz_id", "mbids"),
        _find("lookup", NAMES, "names"),
        _detail("recordings", "musicbrainz_id", "mbids", "recordings"),
        _detail("spotify_ids", "musicbrainz_id", "mbids", "spotify_ids"),
    ),
    "musicbrainz": (
        _find("recording_by_id", "musicbrainz_id", "id"),
        _find("urls", URL, "resources"),
        _find("recording_by_isrc", "isrc", "isrc"),
        _find("search", TEXT),
        _detail("recording_by_id", "musicbrainz_id", "id", "recording_by_id", last_resort=True),
        _detail("release_by_id", "musicbrainz_release_id", "id", "release_by_id", last_resort=True),
    ),
    "lastfm": (_find("track_info", TEXT), _detail("track_tags", TEXT, "", "track_tags", last_resort=True)),
    "discogs": (_find("release_by_id", "discogs_release_id", "id"), _find("search", TEXT)),
}

#: Providers whose calls differ once no other one has a call left.
WITH_LAST_RESORT = tuple(
    name for name, routes in ROUTES.items() if any(map(attrgetter("last_resort"), routes))
)

#: Addresses of tracks at the sites to which MusicBrainz has links.
ADDRESSES: Mapping[str, str] = {
    "spotify_id": "https://open.spotify.com/track/{}",
    "deezer_id": "https://www.deezer.com/track/{}",
    "tidal_id": "https://tidal.com/track/{}",
}


def requested_id(provider: str, operation: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the id that a call requested, by its name; empty for searches and batches of several."""
    for route in ROUTES.get(provider, ()):
        value = parameters.get(route.parameter)
        if route.operation == operation and value and "," not in value and route.input not in (NAMES, URL):
            return {route.input: value}
    return {}
