"""Appearances: playlists to facts about their tracks and artists, by the keys of the next stages' state."""

from stream_processors.appearances.stage import build

__all__ = ["build"]
