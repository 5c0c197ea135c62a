"""Counts that are exact, and can take back what they counted."""

from stream_processors.gold.stage import build

__all__ = ["build"]
