"""Gold: exact counts per track and per artist, which retract corrected plays."""

from stream_processors.gold.stage import build

__all__ = ["build"]
