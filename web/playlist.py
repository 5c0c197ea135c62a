"""Tracks as an M3U8 playlist. Names are hostile: none breaks a line."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from songnodes.cli.terminal import escaped

UNKNOWN_LENGTH = -1
Track = Mapping[str, Any]


def m3u8(tracks: Iterable[Track], location: Callable[[Track], str] | None = None) -> str:
    """Return an extended M3U in UTF-8.

    `location` returns the address of a track; without it an entry is "Artist - Title": there are no files.
    """
    lines = ["#EXTM3U"]
    for track in tracks:
        name = " ".join(escaped(f"{track['primary_artist'] or ''} - {track['track_name'] or ''}").split())
        seconds = round(track["duration_ms"] / 1000) if track.get("duration_ms") else UNKNOWN_LENGTH
        lines.append(f"#EXTINF:{seconds},{name}")
        # a name may begin with "#", as a comment does
        lines.append(location(track) if location else "./" + name.replace("/", "-"))
    return "\n".join(lines) + "\n"
