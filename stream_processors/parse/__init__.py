"""Pages to records: what a page says, as it says it."""

from stream_processors.parse.stage import build

__all__ = ["build"]
