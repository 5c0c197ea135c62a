"""Silver: validated playlists, and tracks, artists and events merged from all sources."""

from stream_processors.silver.stage import build

__all__ = ["build"]
