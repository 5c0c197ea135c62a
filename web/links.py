"""Addresses of pages and of entries at other sites; ids and names are hostile, so each part is quoted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode


def track(track_id: str) -> str:
    """Return the address of a track's page."""
    return f"/tracks/{quote(track_id, safe='')}"


def playlist(playlist_id: str) -> str:
    """Return the address of a set's page."""
    return f"/sets/{quote(playlist_id, safe='')}"


def artist(artist_id: str) -> str:
    """Return the address of an artist's page."""
    return f"/artists/{quote(artist_id, safe='')}"


def label(name: str) -> str:
    """Return the address of a label's page."""
    return f"/labels/{quote(name, safe='')}"


def query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return a path with parameters; those without a value are left out."""
    kept = [(name, value) for name, value in pairs if value]
    return f"{path}?{urlencode(kept)}" if kept else path


def explorer(chain: Iterable[str], pins: Iterable[str] = (), genre: str = "", path: str = "/explorer") -> str:
    """Return the address of the explorer with a chain of track ids; the last is the one that plays."""
    *earlier, last = [*chain] or [""]
    pairs = [*(("chain", track_id) for track_id in earlier), ("track", last)]
    return query(path, [*pairs, *(("pin", track_id) for track_id in pins), ("genre", genre)])


def of_ids(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Yield the name, value and address of each id that a track has."""
    for name, column, form in (
        ("ISRC", "isrc", "https://musicbrainz.org/isrc/{}"),
        ("Spotify", "spotify_id", "https://open.spotify.com/track/{}"),
        ("MusicBrainz", "musicbrainz_id", "https://musicbrainz.org/recording/{}"),
        ("Beatport", "beatport_id", "https://www.beatport.com/track/-/{}"),
    ):
        value = row.get(column)
        if value:
            yield name, str(value), form.format(quote(str(value), safe=""))
