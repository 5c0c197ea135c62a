"""A playlist as facts about its tracks and artists, under the keys that the next stages keep state by."""

from stream_processors.appearances.stage import build

__all__ = ["build"]
