"""Tracks as an M3U8 playlist."""

from collections.abc import Mapping, Sequence
from typing import Any

from songnodes.cli.terminal import escaped

UNKNOWN_LENGTH = -1


def m3u8(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the playlist: there are no files, so each entry is "Artist - Title" with the length unknown."""
    lines = ["#EXTM3U"]
    for row in rows:
        name = " ".join(escaped(f"{row['primary_artist'] or ''} - {row['track_name'] or ''}").split())
        lines.append(f"#EXTINF:{UNKNOWN_LENGTH},{name}")
        lines.append("./" + name.replace("/", "-"))  # a name may begin with "#", as a comment does
    return "\n".join(lines) + "\n"
