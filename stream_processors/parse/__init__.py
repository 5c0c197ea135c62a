"""Parse: raw pages to bronze records, with the values as on the page."""

from stream_processors.parse.stage import build

__all__ = ["build"]
