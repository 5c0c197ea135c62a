"""Validation and merging: one playlist, one track, one artist, one event from everything said of them."""

from stream_processors.silver.stage import build

__all__ = ["build"]
